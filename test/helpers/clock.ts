import type { Clock, Timer } from '../../src/core/ports.js';

/** The wall time at which every fake clock starts. */
export const START = Date.parse('2026-11-22T09:30:00.000Z');

interface Pending extends Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** A clock that goes on only when it is told to: by so much, to its next timer, or for as long as some work takes. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #pending = new Set<Pending>();

  /** Timers that are set and neither fired nor cancelled. */
  get timers(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return START + this.#now;
  }

  setTimer(ms: number, fire: () => void): Timer {
    const pending: Pending = {
      at: this.#now + Math.max(0, ms),
      fire,
      cancel: () => void this.#pending.delete(pending),
    };
    this.#pending.add(pending);
    return pending;
  }

  /** Resolves after `ms` of this clock. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(ms, resolve));
  }

  /** Lets `ms` pass; timers fire in order, each at its own time, also those that are set meanwhile. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.advanceToNext(end));
    this.#now = end;
  }

  /** Goes on to the next timer and fires it; false when there is none until `end`. */
  advanceToNext(end = Infinity): boolean {
    let next: Pending | undefined;
    for (const timer of this.#pending) if (timer.at <= end && timer.at < (next?.at ?? Infinity)) next = timer;
    if (next === undefined) return false;
    this.#pending.delete(next);
    this.#now = next.at;
    next.fire();
    return true;
  }

  /**
   * Lets `stepMs` pass at each turn of the event loop until the work is done: for work that waits for the network or a
   * disk as well. Nothing is early; how late it is by this clock says nothing.
   */
  async passDuring<T>(work: Promise<T>, stepMs = 1): Promise<T> {
    let done = false;
    const finished = work.finally(() => (done = true));
    finished.catch(() => {});
    while (!done) {
      this.advance(stepMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return finished;
  }

  /**
   * Goes on to the next timer whenever nothing else is left to do, until the work is done: hours take no time. Fails when
   * the work waits for something that no timer brings. Not for work that waits for the network or a disk.
   */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const finished = work.finally(() => (done = true));
    finished.catch(() => {});
    for (;;) {
      // Every promise that can settle without a timer has settled once an immediate runs.
      await new Promise((resolve) => setImmediate(resolve));
      if (done) return finished;
      if (!this.advanceToNext()) throw new Error(`stuck at ${this.#now} ms: nothing to wait for`);
    }
  }
}
