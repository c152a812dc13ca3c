/** Start slots that are reserved somewhere else, in small batches, and used here at their time. */

import type { Pacer } from '../../core/flow/shared-throttle.js';

export interface SlotPacerOptions {
  /** Time between two slots, of all who share them. */
  readonly intervalMs: number;
  /** Reserves so many slots in a row; resolves with the milliseconds until the first. */
  readonly reserve: (count: number) => Promise<number>;
  /** Called when slots have come. */
  readonly arrived: () => void;
  readonly now: () => number;
}

/** Slots for about this long are reserved at a time. */
const BATCH_MS = 20;
const MOST_AT_ONCE = 500;
/** A slot may always be used so much too late, as timers are no better. */
const TIMER_MS = 2;
/** When to look again while slots are on their way; `arrived` comes before that, as a rule. */
const LOOK_AGAIN_MS = 50;

export class SlotPacer implements Pacer {
  readonly #options: SlotPacerOptions;
  readonly #batch: number;
  readonly #lateMs: number;
  /** Times of the slots in hand, ascending. */
  readonly #slots: number[] = [];
  #isReserving = false;

  constructor(options: SlotPacerOptions) {
    this.#options = options;
    this.#batch = Math.max(1, Math.min(MOST_AT_ONCE, Math.ceil(BATCH_MS / options.intervalMs)));
    this.#lateMs = Math.max(options.intervalMs / 2, TIMER_MS);
  }

  /** Asking is what reserves: who has nothing to start takes no slot from the others. */
  waitMs(now: number): number {
    while ((this.#slots[0] ?? now) < now - this.#lateMs) this.#slots.shift();
    if (this.#slots.length <= this.#batch / 2 && (this.#batch > 1 || this.#slots.length === 0)) void this.#reserve();
    const next = this.#slots[0];
    return next === undefined ? LOOK_AGAIN_MS : Math.max(0, next - now);
  }

  started(): void {
    this.#slots.shift();
  }

  async #reserve(): Promise<void> {
    if (this.#isReserving) return;
    this.#isReserving = true;
    const { intervalMs, reserve, arrived, now } = this.#options;
    try {
      const firstMs = await reserve(this.#batch);
      const first = now() + firstMs;
      for (let at = 0; at < this.#batch; at++) this.#slots.push(first + at * intervalMs);
    } catch {
      // Whoever else uses the place of the slots says so.
    } finally {
      this.#isReserving = false;
    }
    arrived();
  }
}
