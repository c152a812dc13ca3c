/** What reports say about single saved results, in bounded memory. */

import { clip } from '../text/clip.js';
import { placeText } from '../core/case.js';
import type { AnyResult, SavedFailure } from '../core/results/run-info.js';

const LONGEST_ID = 100;
const LONGEST_MESSAGE = 200;
const LONGEST_FILE = 1000;

/** What is shown of a record that is no valid case. */
export type InvalidRecord = Pick<AnyResult, 'caseId' | 'source' | 'index' | 'error'>;

/** Records that are not valid cases: the first ones in full, the others as a number. */
export class InvalidRecords {
  readonly first: InvalidRecord[] = [];
  count = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(result: InvalidRecord): void {
    this.count++;
    if (this.first.length < this.#most) this.first.push(shortened(result));
  }
}

/** The case's id, cut to be shown, or where the record without one stands. */
export function nameOf({ caseId, source, index }: Pick<AnyResult, 'caseId' | 'source' | 'index'>): string {
  return clip(caseId ?? (source === undefined ? `record ${index}` : placeText(source)), LONGEST_ID);
}

/** Where the record stands, cut to be shown; empty when that is not known. */
export function sourceOf({ source }: Pick<AnyResult, 'source'>): string {
  return source === undefined ? '' : placeText({ ...source, file: clip(source.file, LONGEST_ID) });
}

/** The time of the calls of a case, waits between them left out, in milliseconds. */
export function callingMs(result: Pick<AnyResult, 'tries' | 'durationMs'>): number {
  return result.tries?.reduce((sum, attempt) => sum + attempt.durationMs, 0) ?? result.durationMs;
}

function shortened({ caseId, source, index, error }: InvalidRecord): InvalidRecord {
  return {
    caseId: caseId === null ? null : clip(caseId, LONGEST_ID),
    index,
    error: error === null ? null : shortFailure(error),
    ...(source === undefined ? {} : { source: { ...source, file: clip(source.file, LONGEST_FILE) } }),
  };
}

/** Without what is not shown of it: an answer, or members of another version. */
function shortFailure({ kind, code, message, retryable }: SavedFailure): SavedFailure {
  return {
    kind: clip(kind, LONGEST_MESSAGE),
    message: clip(message, LONGEST_MESSAGE),
    retryable,
    ...(code === undefined ? {} : { code: clip(code, LONGEST_MESSAGE) }),
  };
}
