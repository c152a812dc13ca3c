/** The places of pending cases in one or many files: those lines that no newer line of their case replaces. */

import type { PendingPlace } from '../case.js';
import type { SavedResult } from '../results/run-info.js';
import type { MergeIndex } from './merge-index.js';

interface OpenPlace {
  readonly file: number;
  readonly time: number;
  readonly place: PendingPlace;
  /** It is that of a refresh that came to nothing: needed only while the older enrichment stands in its stead. */
  readonly ofRefresh?: true;
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
    const open = [...this.#places.values()];
    return open
      .filter(({ ofRefresh, place }) => ofRefresh !== true || this.#index.newestOf(place.caseId)?.isStale === true)
      .map(({ place }) => place);
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
  replaceBy(file: number, result: SavedResult): void {
    const { caseId, status, at, refresh, poll } = result;
    const isKept = refresh === true && poll !== undefined;
    if ((this.#places.size === 0 && !isKept) || caseId === null || status === 'invalid') return;
    const open = this.#places.get(caseId);
    if (open !== undefined && (open.file === file || Date.parse(at) >= open.time)) this.#places.delete(caseId);
    if (isKept) this.#addOfRefresh(file, { caseId, poll, result });
  }

  /** A refresh that came to nothing does not count against the enrichment, and its place would be lost with its line. */
  #addOfRefresh(file: number, { caseId, poll, result }: { caseId: string; poll: string; result: SavedResult }): void {
    const { index, at, key } = result;
    this.add(file, { caseId, index, at, ...(key === undefined ? {} : { key }), poll });
    const open = this.#places.get(caseId);
    if (open?.place.poll === poll && open.file === file) this.#places.set(caseId, { ...open, ofRefresh: true });
  }
}
