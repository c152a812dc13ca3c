import type { SavedRecord } from '../../io/saved/saved-record.js';
import type { MergedReport } from './merging.js';

/** One way to write merged results: each call returns the text to write next. */
export interface SavedFormat {
  /** There for a format that begins with what only all results tell: called with every one of them before `begin`. */
  look?(records: readonly SavedRecord[]): void;
  /** `counted` is passed to formats that have `look`. */
  begin(counted?: MergedReport): string;
  results(records: readonly SavedRecord[]): string;
  /** What was held back so far, after the last result, as several texts. */
  heldBack?(): AsyncIterable<string>;
  end(merged: MergedReport): string;
  /** What the user should know of it, after the end. */
  notices?(): readonly string[];
  /** Releases what it has open. */
  close?(): void;
}
