/** Takes batches from a source, one ahead, and hands out their entries one by one. It also closes the source. */

import type { Entry } from '../case.js';
import type { CaseSource } from '../ports.js';

/** Low-water mark: the next batch is requested when fewer entries than this are buffered. */
const LOW_WATER = 64;

export class EntryFeed {
  readonly #iterator: AsyncIterator<readonly Entry[]>;
  readonly #arrived: () => void;
  #batches: (readonly Entry[])[] = [];
  #at = 0;
  #left = 0;
  #pulling: Promise<void> | null = null;
  #state: 'open' | 'ended' | 'failed' | 'stopped' = 'open';
  #error: { readonly error: unknown } | null = null;

  /** @param arrived called whenever there are new entries, or the source has ended or failed. */
  constructor(source: CaseSource, arrived: () => void) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#arrived = arrived;
  }

  /** `ended` once every entry of the source was handed out. */
  get state(): 'open' | 'ended' | 'stopped' {
    if (this.#state === 'failed') return this.#left > 0 ? 'open' : 'stopped';
    return this.#state === 'ended' && this.#left > 0 ? 'open' : this.#state;
  }

  /** What the source failed with, once every entry before it was handed out; else null. */
  get error(): { readonly error: unknown } | null {
    return this.#left > 0 ? null : this.#error;
  }

  /** The next entry, or undefined when there is none in hand. */
  next(): Entry | undefined {
    if (this.#state === 'stopped') return undefined;
    if (this.#left < LOW_WATER) this.#pull();
    const batch = this.#batches[0];
    if (batch === undefined) return undefined;
    const entry = batch[this.#at++];
    this.#left--;
    if (this.#at >= batch.length) {
      this.#batches.shift();
      this.#at = 0;
    }
    return entry;
  }

  /** Takes no further entry; buffered ones are dropped. */
  stop(): void {
    if (this.state === 'open') this.#state = 'stopped';
    this.#batches = [];
    this.#left = 0;
  }

  /** Closes the source, also while a batch is on its way. */
  async close(): Promise<void> {
    this.stop();
    await this.#iterator.return?.();
    await this.#pulling;
  }

  #pull(): void {
    if (this.#pulling !== null || this.#state !== 'open') return;
    this.#pulling = this.#receive();
  }

  async #receive(): Promise<void> {
    try {
      this.#received(await this.#iterator.next());
    } catch (error) {
      this.#ended({ error });
    }
  }

  #received(next: IteratorResult<readonly Entry[], unknown>): void {
    if (next.done) return this.#ended(null);
    this.#pulling = null;
    if (this.#state === 'stopped') return;
    if (next.value.length > 0) this.#batches.push(next.value);
    this.#left += next.value.length;
    if (next.value.length === 0) this.#pull();
    this.#arrived();
  }

  #ended(error: { readonly error: unknown } | null): void {
    this.#pulling = null;
    this.#error = error;
    // A source that failed was not read to its end.
    if (this.#state === 'open') this.#state = error === null ? 'ended' : 'failed';
    this.#arrived();
  }
}
