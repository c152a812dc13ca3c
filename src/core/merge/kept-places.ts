/** Where to ask for the answers of cases that an earlier run has submitted: of each case the newest line that says so. */

import type { PendingPlace } from '../case.js';
import type { SavedResult } from '../results/run-info.js';

/** The members of a result that matter here. */
type SavedFacts = Pick<SavedResult, 'caseId' | 'status'> & Partial<Pick<SavedResult, 'key' | 'poll'>>;

/** Its memory grows with the cases that are pending alone: `--poll-limit` of them, and those that ended unfinished. */
export class KeptPlaces {
  readonly #places = new Map<string, { readonly key: string | undefined; readonly poll: string }>();

  get size(): number {
    return this.#places.size;
  }

  add({ caseId, key, poll }: Pick<PendingPlace, 'caseId' | 'key' | 'poll'>): void {
    this.#places.set(caseId, { key, poll });
  }

  /** A newer result of the case: it keeps the place, or there is nothing to ask for any more. */
  replaceBy({ caseId, status, key, poll }: SavedFacts): void {
    // An invalid record may be a second one with the id of a case.
    if (caseId === null || status === 'invalid') return;
    if (poll !== undefined) this.#places.set(caseId, { key, poll });
    else this.#places.delete(caseId);
  }

  /** Whether anything is to be asked for, by whatever request. */
  has(caseId: string): boolean {
    return this.#places.has(caseId);
  }

  /** Where to ask, if it was the same request that would be made now. */
  at(caseId: string, key: string | undefined): string | undefined {
    const place = this.#places.get(caseId);
    return place?.key === key ? place?.poll : undefined;
  }
}
