/**
 * Even spacing of attempts: the generic cell rate algorithm (ITU-T I.371) with a burst of one. Two starts are never
 * closer than the interval, so no window of any length holds more than the rate allows.
 */
export class Pacing {
  readonly #intervalMs: number;
  #nextAt = Number.NEGATIVE_INFINITY;

  /** @param intervalMs the time between two starts, in milliseconds; 0 for no limit. */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** How long the next start has to wait, in milliseconds; 0 when it may go. */
  waitMs(now: number): number {
    return Math.max(0, this.#nextAt - now);
  }

  /** An attempt starts now. */
  started(now: number): void {
    this.#nextAt = now + this.#intervalMs;
  }
}
