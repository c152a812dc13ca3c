/** NDJSON: one JSON value per line. */

import { isUtf8 } from 'node:buffer';

import { InputError } from '../../../errors.js';
import { isJson } from '../../../json/text.js';
import { LineCutter, type LineSink } from '../../files/line-cutter.js';
import { isTooDeep, jsonProblem, MAX_RECORD_BYTES, TOO_DEEP, TOO_LARGE } from './record-sink.js';
import type { ChunkReader, RecordSink } from './record-sink.js';

/** Parses line by line. A line that can't be parsed is a broken record; reading continues. */
export class NdjsonReader implements ChunkReader, LineSink {
  readonly #name: string;
  readonly #sink: RecordSink;
  readonly #lines = new LineCutter(MAX_RECORD_BYTES, this);

  /** `name` is the file in messages. */
  constructor(name: string, sink: RecordSink) {
    this.#name = name;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  end(): void {
    const { rest } = this.#lines;
    if (rest !== undefined && !isWhole(rest)) throw this.#cutOff();
    this.#lines.endLine();
  }

  /** Called by the line cutter, as are the next two methods. */
  line(text: string, number: number): void {
    if (isBlank(text)) return;
    if (isTooDeep(text)) this.#sink.broken(TOO_DEEP, number);
    else this.#parse(text, number);
  }

  notUtf8(_: Buffer, number: number): void {
    this.#sink.broken('not UTF-8', number);
  }

  tooLong(number: number): void {
    this.#sink.broken(TOO_LARGE, number);
  }

  #parse(line: string, number: number): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      return this.#sink.broken(`not JSON: ${jsonProblem(error)}`, number);
    }
    this.#sink.record(value, line, number);
  }

  #cutOff(): InputError {
    return new InputError(`${this.#name} is cut off: its last line, ${this.#lines.number}, is no whole JSON value`, {
      hint: 'get the file again; if the line is meant to be so, end it with a line break',
    });
  }
}

/** True for a last line without a line break that is complete all the same. */
function isWhole(line: Buffer): boolean {
  if (!isUtf8(line)) return false;
  const text = line.toString();
  return isBlank(text) || isJson(text);
}

function isBlank(line: string): boolean {
  // Most lines begin with `{`, so the first character nearly always decides.
  return line.charCodeAt(0) > 0x20 ? false : /^[ \t\r]*$/.test(line);
}
