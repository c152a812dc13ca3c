/** The queue of finished results: in order of completion, or in input order with a bounded reordering window. */

import type { EnrichmentResult } from '../case.js';

export type ResultOrder = 'input' | 'completion';

/** In input order, the most finished results that may wait for an earlier one; then no new case is begun. */
export const ORDER_WINDOW = 10_000;

export class ResultQueue {
  readonly #order: ResultOrder;
  /** Results that may leave now. */
  #ready: EnrichmentResult[] = [];
  readonly #early = new EarlyResults();

  constructor(order: ResultOrder) {
    this.#order = order;
  }

  /** Adds the result of the case that arrived as number `sequence` (from 0); null when that case has no result here. */
  add(sequence: number, result: EnrichmentResult | null): void {
    if (this.#order === 'completion') {
      if (result !== null) this.#ready.push(result);
      return;
    }
    this.#early.set(sequence, result);
    for (let next = this.#early.next(); next !== undefined; next = this.#early.next()) {
      if (next !== null) this.#ready.push(next);
    }
  }

  /** Adds a result that goes before every other one that has not left yet, whatever the order. */
  addFirst(sequence: number, result: EnrichmentResult): void {
    this.#ready.unshift(result);
    this.add(sequence, null);
  }

  /** Results that wait to be taken. */
  get readyCount(): number {
    return this.#ready.length;
  }

  /** False when too many finished results wait for an earlier one. */
  get hasRoom(): boolean {
    return this.#early.count < ORDER_WINDOW;
  }

  /** Everything that may leave now, oldest first. */
  take(): EnrichmentResult[] {
    const taken = this.#ready;
    this.#ready = [];
    return taken;
  }
}

// Compact after this many places that were taken out.
const COMPACT_AFTER = 1024;

/**
 * Results by their number, taken out in order. An array and not a Map, for the same reason as in io/http/in-flight.ts:
 * the outgrown hash tables of a constantly changing Map keep its former entries alive.
 */
class EarlyResults {
  #count = 0;
  /** The sequence number of the result in place 0. */
  #baseSequence = 0;
  /** The place of the next result to be taken out. */
  #nextPlace = 0;
  /** Undefined where the result has been taken out, or is not there yet. */
  readonly #places: (EnrichmentResult | null | undefined)[] = [];

  /** Results that wait for an earlier one. */
  get count(): number {
    return this.#count;
  }

  set(sequence: number, result: EnrichmentResult | null): void {
    const place = sequence - this.#baseSequence;
    while (this.#places.length <= place) this.#places.push(undefined);
    this.#places[place] = result;
    this.#count++;
  }

  /** Takes out the next result in order; undefined while it is not there. */
  next(): EnrichmentResult | null | undefined {
    const result = this.#places[this.#nextPlace];
    if (result === undefined) return undefined;
    this.#places[this.#nextPlace++] = undefined;
    this.#count--;
    if (this.#nextPlace === COMPACT_AFTER) this.#compact();
    return result;
  }

  #compact(): void {
    this.#places.splice(0, this.#nextPlace);
    this.#baseSequence += this.#nextPlace;
    this.#nextPlace = 0;
  }
}
