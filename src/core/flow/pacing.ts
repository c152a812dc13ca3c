/**
 * Even spacing of starts: the generic cell rate algorithm (GCRA, ITU-T I.371). With a burst of one, two starts are never
 * closer than the interval, so no window of any length holds more than the rate allows.
 */
export class Pacing {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  /** The "theoretical arrival time": when the starts so far would be used up at the even rate. */
  #usedUpAt = Number.NEGATIVE_INFINITY;

  /** @param intervalMs the time between two starts, in milliseconds, 0 for no limit; @param burst starts that may come at once. */
  constructor(intervalMs: number, burst = 1) {
    this.#intervalMs = intervalMs;
    this.#toleranceMs = intervalMs * Math.max(0, burst - 1);
  }

  /** How long the next start has to wait, in milliseconds; 0 when it may go. */
  waitMs(now: number): number {
    return Math.max(0, this.#usedUpAt - this.#toleranceMs - now);
  }

  started(now: number): void {
    this.#usedUpAt = Math.max(this.#usedUpAt, now) + this.#intervalMs;
  }
}
