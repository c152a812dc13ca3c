/** The places of pending cases in one or many files: those lines that no newer line of their case replaces. */

import type { PendingPlace } from '../case.js';
import type { SavedResult } from '../results/run-info.js';
import type { MergeIndex } from './merge-index.js';

interface OpenPlace {
  readonly file: number;
  readonly time: number;
  readonly place: PendingPlace;
}

/** As with results, within a file the later line is the newer one, and between files the time decides. Grows with pending cases alone. */
export class OpenPlaces {
  readonly #index: MergeIndex;
  readonly #places = new Map<string, OpenPlace>();

  /** @param index has the results of the files so far. */
  constructor(index: MergeIndex) {
    this.#index = index;
  }

  get all(): readonly PendingPlace[] {
    return [...this.#places.values()].map(({ place }) => place);
  }

  add(file: number, place: PendingPlace): void {
    const time = Date.parse(place.at);
    const newest = this.#index.newestOf(place.caseId);
    if (newest !== undefined && newest.file !== file && newest.time > time) return;
    const open = this.#places.get(place.caseId);
    if (open === undefined || open.file === file || open.time <= time)
      this.#places.set(place.caseId, { file, time, place });
  }

  /** A result of some case, in the order of the files. */
  replaceBy(file: number, { caseId, status, at }: SavedResult): void {
    if (this.#places.size === 0 || caseId === null || status === 'invalid') return;
    const open = this.#places.get(caseId);
    if (open !== undefined && (open.file === file || Date.parse(at) >= open.time)) this.#places.delete(caseId);
  }
}
