/** The receiver of records from the readers of all forms, and the limits that they enforce. */

import { MAX_LEVELS } from '../../../json/containers.js';
import { isDeeperThan } from '../../../json/text.js';

export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** Takes records in input order. `at` is the line from 1 in NDJSON and spreadsheets, the index from 0 in an array. */
export interface RecordSink {
  /** A JSON value, parsed and as source text. */
  record(value: unknown, text: string, at: number): void;
  /** A record that can't be read, and why. */
  broken(problem: string, at: number): void;
  /** A row of a spreadsheet has fewer cells than the header; its record follows. */
  shortRow?(): void;
  /** So many more records, of which nothing but their number is wanted. */
  counted?(records: number): void;
}

/** Reads a file of one form, pushed in chunks of any size. */
export interface ChunkReader {
  /** `chunk` may be used again by the caller afterwards. Throws an InputError when the file can't be read on. */
  push(chunk: Buffer): void;
  /** The file ends here. */
  end(): void;
}

export const TOO_LARGE = 'larger than 16 MiB';
export const TOO_DEEP = 'nested deeper than 1,000 levels';

export function isTooDeep(text: string): boolean {
  return isDeeperThan(text, MAX_LEVELS);
}

/** What JSON.parse said, without the piece of source text and the line (of a record, always 1) that V8 may add. */
export function jsonProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const short = message.replace(/ \(line \d+ column \d+\)$/, '');
  return short.replace(/, (\.\.\.)?"[\s\S]*is not valid JSON$/, '').replace(/ in JSON(?= at position|$)/, '');
}
