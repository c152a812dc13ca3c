/** Finished results for the iterator of the run: in batches of those finished together; a bug is thrown as an error. */

import type { EnrichmentResult } from '../case.js';
import { ResultQueue, type ResultOrder } from './result-queue.js';
import type { Slots } from './slots.js';

export interface ResultStreamOptions {
  /** Default `completion`. */
  readonly order?: ResultOrder;
  /** Awaited before results are handed over, so that those of one moment leave together. */
  readonly gather?: () => Promise<void>;
  /** Keep the slot of a call until its result was taken and the next ones are asked for (slots.ts). For `completion` order. */
  readonly holdSlots?: boolean;
  /** How many slots may be held beside the limit: a write that takes long then does not leave the endpoint idle. */
  readonly spareSlots?: number | undefined;
}

export class ResultStream {
  readonly #options: ResultStreamOptions;
  readonly #slots: Slots;
  readonly #queue: ResultQueue;
  #bug: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;
  #endGathering: (() => void) | null = null;
  /** Slots that are held for the results of the batch that was taken last, or of earlier ones. */
  #heldByTaken = 0;
  #isNudged = false;

  constructor(options: ResultStreamOptions, slots: Slots) {
    this.#options = options;
    this.#slots = slots;
    this.#queue = new ResultQueue(options.order ?? 'completion');
  }

  /** Adds the result of the case that arrived as number `sequence` (from 0); null when that case has no result here. */
  add(sequence: number, result: EnrichmentResult | null): void {
    this.#queue.add(sequence, result);
  }

  /** Adds a result that goes before every other one that has not left yet, whatever the order. */
  addFirst(sequence: number, result: EnrichmentResult): void {
    this.#queue.addFirst(sequence, result);
  }

  /** The result of a call is about to be added. When half of the slots are held, the endpoint would soon be idle. */
  holdSlot(): void {
    if (!this.#options.holdSlots) return;
    this.#slots.hold();
    if (this.#slots.isHalfHeld) this.#endGathering?.();
  }

  /** Results that wait to be taken. */
  get readyCount(): number {
    return this.#queue.readyCount;
  }

  /** False when too many finished results wait for an earlier one. */
  get hasRoom(): boolean {
    return this.#queue.hasRoom;
  }

  get hasFailed(): boolean {
    return this.#bug !== null;
  }

  /** A bug: `next` throws the first error. */
  fail(error: unknown): void {
    this.#bug ??= { error };
    this.wake();
  }

  /** Ends the wait of `next`, with results or without. */
  wake(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /** Ends the wait of `next`, this or the following one: there is something to hand over besides results. */
  nudge(): void {
    this.#isNudged = true;
    this.wake();
  }

  /** Waits until there are results or `wake` is called, and takes all that are ready. */
  async next(): Promise<readonly EnrichmentResult[]> {
    const isWaiting = this.#queue.readyCount === 0 && this.#bug === null && !this.#isNudged;
    if (isWaiting) await new Promise<void>((wake) => (this.#wake = wake));
    await this.#gather();
    this.#isNudged = false;
    if (this.#bug) throw this.#bug.error;
    this.#heldByTaken = this.#slots.held;
    return this.#queue.take();
  }

  /** Call when the results from `next` are written: releases their slots to other calls. */
  taken(): void {
    this.#slots.release(this.#heldByTaken);
    this.#heldByTaken = 0;
  }

  async #gather(): Promise<void> {
    const { gather } = this.#options;
    if (gather) await Promise.race([gather(), new Promise<void>((resolve) => (this.#endGathering = resolve))]);
  }
}
