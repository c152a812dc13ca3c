/** How many records NDJSON has: a line that is not blank is one, valid or not. */

import { CARRIAGE_RETURN, LINE_FEED } from '../../../json/bytes.js';
import type { ChunkReader, RecordSink } from './record-sink.js';

/** Counts lines by their bytes and parses none of them. */
export class LineCounter implements ChunkReader {
  readonly #sink: RecordSink;
  /** True while the current line has nothing but white space. */
  #isBlank = true;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let from = 0;
    let count = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      if (!this.#isBlankWith(chunk, from, end)) count++;
      this.#isBlank = true;
      from = end + 1;
    }
    this.#isBlank = this.#isBlankWith(chunk, from, chunk.length);
    this.#sink.counted?.(count);
  }

  end(): void {
    if (!this.#isBlank) this.#sink.counted?.(1);
  }

  #isBlankWith(chunk: Buffer, from: number, end: number): boolean {
    if (!this.#isBlank) return false;
    for (let at = from; at < end; at++) if (!isBlank(chunk[at])) return false;
    return true;
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === CARRIAGE_RETURN;
}
