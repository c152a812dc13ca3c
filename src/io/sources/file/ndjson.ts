/** NDJSON: one JSON value a line. */

import { isAscii, isUtf8 } from 'node:buffer';

import { InputError } from '../../../errors.js';
import { Carry } from '../../../json/carry.js';
import { isTooDeep, jsonProblem, MAX_RECORD_BYTES, TOO_DEEP, TOO_LARGE } from './record-sink.js';
import type { ChunkReader, RecordSink } from './record-sink.js';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NOT_UTF8 = 'not UTF-8';

/** Cuts lines and parses them. A line that can't be read is a broken record; the others go on. */
export class NdjsonReader implements ChunkReader {
  readonly #name: string;
  readonly #sink: RecordSink;
  /** The beginning of a line whose end is yet to come. */
  readonly #carry = new Carry(MAX_RECORD_BYTES + 1);
  #line = 0;

  /** `name` is the file in messages. */
  constructor(name: string, sink: RecordSink) {
    this.#name = name;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    const firstEnd = this.#carry.isEmpty ? -1 : chunk.indexOf(LINE_FEED);
    if (firstEnd === -1 && !this.#carry.isEmpty) return this.#carry.add(chunk);
    if (firstEnd !== -1) this.#finishLine(chunk.subarray(0, firstEnd));
    const lastEnd = chunk.lastIndexOf(LINE_FEED);
    if (lastEnd > firstEnd) this.#lines(chunk.subarray(firstEnd + 1, lastEnd));
    if (lastEnd + 1 < chunk.length) this.#carry.add(chunk.subarray(lastEnd + 1));
  }

  end(): void {
    if (this.#carry.isEmpty) return;
    const line = this.#carry.take();
    if (line === undefined) return this.#broken(TOO_LARGE);
    if (isUtf8(line) && (isBlank(line.toString()) || isJson(line.toString()))) return this.#oneLine(line);
    throw new InputError(`${this.#name} is cut off: its last line, ${this.#line + 1}, is no whole JSON value`, {
      hint: 'get the file again; if the line is meant to be so, end it with a line break',
    });
  }

  #finishLine(rest: Buffer): void {
    this.#carry.add(rest);
    const line = this.#carry.take();
    if (line === undefined) this.#broken(TOO_LARGE);
    else this.#oneLine(line);
  }

  /** Whole lines, without the last line's end: decoded once, which is much faster than line by line. */
  #lines(bytes: Buffer): void {
    const ascii = isAscii(bytes);
    if (!ascii && !isUtf8(bytes)) return this.#linesOneByOne(bytes);
    const text = ascii ? bytes.toString('latin1') : bytes.toString();
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#text(text.slice(from, end));
      from = end + 1;
    }
    this.#text(text.slice(from));
  }

  #linesOneByOne(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, from)) {
      this.#oneLine(bytes.subarray(from, end));
      from = end + 1;
    }
    this.#oneLine(bytes.subarray(from));
  }

  #oneLine(bytes: Buffer): void {
    const lineEnd = bytes[bytes.length - 1] === CARRIAGE_RETURN ? 1 : 0;
    if (bytes.length - lineEnd > MAX_RECORD_BYTES) this.#broken(TOO_LARGE);
    else if (isUtf8(bytes)) this.#text(bytes.toString());
    else this.#broken(NOT_UTF8);
  }

  #text(line: string): void {
    if (isTooLarge(line)) this.#broken(TOO_LARGE);
    else if (isBlank(line)) this.#line++;
    else if (isTooDeep(line)) this.#broken(TOO_DEEP);
    else this.#parse(line);
  }

  #parse(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      return this.#broken(`not JSON: ${jsonProblem(error)}`);
    }
    this.#sink.record(value, line, ++this.#line);
  }

  #broken(problem: string): void {
    this.#sink.broken(problem, ++this.#line);
  }
}

function isBlank(line: string): boolean {
  // Most lines begin with `{`, so the first character nearly always decides.
  return line.charCodeAt(0) > 0x20 ? false : /^[ \t\r]*$/.test(line);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isTooLarge(line: string): boolean {
  if (line.length * 3 <= MAX_RECORD_BYTES) return false;
  const lineEnd = line.charCodeAt(line.length - 1) === CARRIAGE_RETURN ? 1 : 0;
  return Buffer.byteLength(line) - lineEnd > MAX_RECORD_BYTES;
}
