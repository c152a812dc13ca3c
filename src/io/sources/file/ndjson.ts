/** NDJSON: one JSON value per line. */

import { isUtf8 } from 'node:buffer';

import { InputError } from '../../../errors.js';
import { isJson } from '../../../json/text.js';
import { LineCutter, type LineSink } from '../../files/line-cutter.js';
import { FirstLines } from './first-lines.js';
import { isTooDeep, jsonProblem, MAX_RECORD_BYTES, TOO_DEEP, TOO_LARGE } from './record-sink.js';
import type { ChunkReader, RecordSink } from './record-sink.js';

/**
 * Parses line by line. A line that can't be parsed is a broken record; reading continues. Only a file that does not have
 * one line of JSON to begin with, and looks like CSV, is refused as a whole.
 */
export class NdjsonReader implements ChunkReader, LineSink {
  readonly #name: string;
  readonly #sink: RecordSink;
  readonly #lines = new LineCutter(MAX_RECORD_BYTES, this);
  /** There as long as no line was JSON. */
  #first: FirstLines | undefined = new FirstLines();

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
    if (rest !== undefined && !isWhole(rest)) {
      if (this.#first?.looksLikeCsv(rest.toString())) throw this.#isCsv();
      this.#releaseFirst();
      throw this.#cutOff();
    }
    this.#lines.endLine();
    if (this.#first?.looksLikeCsv()) throw this.#isCsv();
    this.#releaseFirst();
  }

  /** Called by the line cutter, as are the next two methods. */
  line(text: string, number: number): void {
    if (isBlank(text)) return;
    if (isTooDeep(text)) this.#broken(TOO_DEEP, number);
    else this.#parse(text, number);
  }

  notUtf8(_: Buffer, number: number): void {
    this.#broken('not UTF-8', number);
  }

  tooLong(number: number): void {
    this.#broken(TOO_LARGE, number);
  }

  #parse(line: string, number: number): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      return this.#notJson(line, `not JSON: ${jsonProblem(error)}`, number);
    }
    if (this.#first !== undefined) this.#releaseFirst();
    this.#sink.record(value, line, number);
  }

  #broken(problem: string, number: number): void {
    this.#releaseFirst();
    this.#sink.broken(problem, number);
  }

  #notJson(text: string, problem: string, number: number): void {
    if (this.#first === undefined) return this.#sink.broken(problem, number);
    this.#first.add(text, { problem, number });
    if (!this.#first.isDecided) return;
    if (this.#first.looksLikeCsv()) throw this.#isCsv();
    this.#releaseFirst();
  }

  /** The file is NDJSON after all: the first lines are broken records. */
  #releaseFirst(): void {
    const lines = this.#first?.lines ?? [];
    this.#first = undefined;
    for (const { problem, number } of lines) this.#sink.broken(problem, number);
  }

  #isCsv(): InputError {
    return new InputError(`${this.#name} looks like CSV: its first lines are no JSON, but cells with delimiters`, {
      hint: 'give it the ending .csv, or --input-format csv (or tsv)',
    });
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
