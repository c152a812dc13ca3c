/** What reports say about single saved results, in bounded memory. */

import { clip } from '../core/clip.js';
import { placeText } from '../core/place-text.js';
import type { SavedResult } from '../core/report.js';

const LONGEST_ID = 100;
const LONGEST_MESSAGE = 200;

/** Records that are not valid cases: the first ones in full, the others as a number. */
export class InvalidRecords {
  readonly first: SavedResult[] = [];
  count = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(result: SavedResult): void {
    this.count++;
    if (this.first.length < this.#most) this.first.push(shortened(result));
  }
}

/** The case's id, cut to be shown, or where the record without one stands. */
export function nameOf({ caseId, source, index }: SavedResult): string {
  return clip(caseId ?? (source === undefined ? `record ${index}` : placeText(source)), LONGEST_ID);
}

/** Where the record stands, cut to be shown; empty when that is not known. */
export function sourceOf({ source }: SavedResult): string {
  return source === undefined ? '' : placeText({ ...source, file: clip(source.file, LONGEST_ID) });
}

/** The time of the calls of a case, waits between them left out, in milliseconds. */
export function callingMs(result: SavedResult): number {
  return result.tries?.reduce((sum, attempt) => sum + attempt.durationMs, 0) ?? result.durationMs;
}

function shortened(result: SavedResult): SavedResult {
  const caseId = result.caseId === null ? null : clip(result.caseId, LONGEST_ID);
  const error =
    result.error === null ? null : { ...result.error, message: clip(result.error.message, LONGEST_MESSAGE) };
  return { ...result, caseId, error, enrichedCase: null };
}
