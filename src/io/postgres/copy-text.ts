/** The text format of COPY: a row a line, where a backslash stands before what would break the line. */

import { InputError } from '../../errors.js';
import { isTooDeep, jsonProblem, MAX_RECORD_BYTES, TOO_DEEP, TOO_LARGE } from '../sources/file/record-sink.js';
import type { ChunkReader, RecordSink } from '../sources/file/record-sink.js';
import { LineCutter, type LineSink } from '../files/line-cutter.js';

const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }),
);

/** A field as it was before COPY escaped it. */
export function unescaped(field: string): string {
  if (!field.includes('\\')) return field;
  return field.replace(/\\([\s\S])/g, (_, letter: string) => ESCAPES.get(letter) ?? letter);
}

/** The fields of a row; null where the column is null. */
export function fieldsOf(line: string): (string | null)[] {
  return line.split('\t').map((field) => (field === '\\N' ? null : unescaped(field)));
}

/** Reads rows of one column that is JSON, as records in the order in which they come. */
export class JsonRowReader implements ChunkReader, LineSink {
  readonly unit = 'line';
  readonly #sink: RecordSink;
  readonly #lines = new LineCutter(MAX_RECORD_BYTES, this);

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  end(): void {
    if (this.#lines.restLength > 0) throw new InputError('the last row of the table is cut off');
  }

  /** Called by the line cutter, as are the next two methods. */
  line(field: string, number: number): void {
    const text = unescaped(field);
    if (isTooDeep(text)) return this.#sink.broken(TOO_DEEP, number);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return this.#sink.broken(`not JSON: ${jsonProblem(error)}`, number);
    }
    this.#sink.record(value, text, number);
  }

  notUtf8(_: Buffer, number: number): void {
    this.#sink.broken('not UTF-8', number);
  }

  tooLong(number: number): void {
    this.#sink.broken(TOO_LARGE, number);
  }
}
