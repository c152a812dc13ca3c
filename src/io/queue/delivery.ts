/** A case in the hands of this worker. The pipeline carries it from the source to the sink, as the handle of the entry. */

export interface QueueDelivery {
  /** Its id in the stream. */
  readonly entry: string;
  /** Its id as a case; empty for a record without one. */
  readonly id: string;
  /** Empty for a record that is no case. */
  readonly revision: string;
  /** True once the run has begun with it: from then on it ends in a result. */
  isBegun: boolean;
  /** True when the lease has ended and another worker may have it. */
  isLost: boolean;
}

/** Every case that this worker holds, by its id in the stream. */
export class Deliveries {
  readonly #held = new Map<string, QueueDelivery>();
  #changed: (() => void) | undefined;

  get count(): number {
    return this.#held.size;
  }

  get entries(): readonly string[] {
    return [...this.#held.keys()];
  }

  add(delivery: QueueDelivery): void {
    this.#held.set(delivery.entry, delivery);
  }

  /** It has a result, or was given back. */
  drop(delivery: QueueDelivery): void {
    if (this.#held.get(delivery.entry) === delivery) this.#held.delete(delivery.entry);
    this.#changed?.();
    this.#changed = undefined;
  }

  /** Those with which the run has not begun. */
  get unbegun(): readonly QueueDelivery[] {
    return [...this.#held.values()].filter(({ isBegun }) => !isBegun);
  }

  /** Marks all as lost but those that are still this worker's. */
  keepOnly(entries: ReadonlySet<string>): void {
    for (const delivery of this.#held.values()) if (!entries.has(delivery.entry)) delivery.isLost = true;
  }

  /** Calls back once when there is one less. */
  onceFewer(changed: () => void): void {
    this.#changed = changed;
  }
}
