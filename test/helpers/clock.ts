import type { Clock, Timer } from '../../src/core/ports.js';

interface Pending extends Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #wallStart: number;
  readonly #pending = new Set<Pending>();

  constructor(wallStart = Date.UTC(2026, 10, 22)) {
    this.#wallStart = wallStart;
  }

  /** Timers that are set and not cancelled. */
  get timers(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#wallStart + this.#now;
  }

  setTimer(ms: number, fire: () => void): Timer {
    const pending: Pending = { at: this.#now + ms, fire, cancel: () => void this.#pending.delete(pending) };
    this.#pending.add(pending);
    return pending;
  }

  /** Lets time pass; timers fire in order, each at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#earliest(end); next !== undefined; next = this.#earliest(end)) {
      this.#pending.delete(next);
      this.#now = next.at;
      next.fire();
    }
    this.#now = end;
  }

  #earliest(end: number): Pending | undefined {
    return [...this.#pending].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }
}
