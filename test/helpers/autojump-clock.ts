import type { Clock, Timer } from '../../src/core/ports.js';

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Time that leaps to the next timer as soon as nothing else is left to do: tests of hours take no time. */
export class AutojumpClock implements Clock {
  static readonly EPOCH = Date.parse('2026-11-22T09:30:00.000Z');
  #now = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return AutojumpClock.EPOCH + this.#now;
  }

  setTimer(ms: number, fire: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fire };
    this.#pending.add(timer);
    return { cancel: () => void this.#pending.delete(timer) };
  }

  /** Timers that are set and neither fired nor cancelled. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Resolves after `ms` of this clock. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(ms, resolve));
  }

  /** Lets time pass until the work is done; fails when the work waits for something that no timer brings. */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const finished = work.finally(() => (done = true));
    finished.catch(() => {});
    for (;;) {
      // Every promise that can settle without a timer has settled once an immediate runs.
      await new Promise((resolve) => setImmediate(resolve));
      if (done) return finished;
      if (!this.#jump()) throw new Error(`stuck at ${this.#now} ms: nothing to wait for`);
    }
  }

  #jump(): boolean {
    let next: Pending | undefined;
    for (const timer of this.#pending) {
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    if (!next) return false;
    this.#pending.delete(next);
    this.#now = Math.max(this.#now, next.at);
    next.fire();
    return true;
  }
}

/** A seeded random source (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
