/** Finished results on their way to whoever iterates the run: in order of completion, or of input with a bounded window. */

import type { EnrichmentResult } from './case.js';

export type ResultOrder = 'input' | 'completion';

/** So many finished results may wait for an earlier one in input order; then no new case is begun. */
export const ORDER_WINDOW = 10_000;

export class ResultQueue {
  readonly #order: ResultOrder;
  /** Results that may leave now. */
  #ready: EnrichmentResult[] = [];
  readonly #early = new Map<number, EnrichmentResult | null>();
  #nextSequence = 0;

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
    for (
      let next = this.#early.get(this.#nextSequence);
      next !== undefined;
      next = this.#early.get(this.#nextSequence)
    ) {
      this.#early.delete(this.#nextSequence++);
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
    return this.#early.size < ORDER_WINDOW;
  }

  /** Everything that may leave now, oldest first. */
  take(): EnrichmentResult[] {
    const taken = this.#ready;
    this.#ready = [];
    return taken;
  }
}
