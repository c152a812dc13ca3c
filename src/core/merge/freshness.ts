/** Clocks of several machines differ by that much; a result that is dated later than this is from the future. */
const SKEW_MS = 60_000;

/**
 * Which enrichments are too old, by their dates against one moment: the start of the run. A date in the future says that
 * one of the two clocks is wrong, and not which: such a result counts as fresh, so that a clock that stepped back never
 * has everything called again. It is counted, so that somebody hears of it.
 */
export class Freshness {
  readonly #oldestMs: number;
  readonly #latestMs: number;
  #fromFuture = 0;
  #newest = '';

  /** `nowMs` counts from 1970. */
  constructor(refreshAfterMs: number, nowMs: number) {
    this.#oldestMs = nowMs - refreshAfterMs;
    this.#latestMs = nowMs + SKEW_MS;
  }

  /** True for a date (ISO 8601) that is longer ago than what is allowed. */
  isDue(at: string): boolean {
    const ms = Date.parse(at);
    if (ms > this.#latestMs) this.#noteFuture(at);
    return ms < this.#oldestMs;
  }

  /** How many of the dates asked about were in the future, and the last of them in time. */
  get future(): { readonly count: number; readonly newest: string } {
    return { count: this.#fromFuture, newest: this.#newest };
  }

  #noteFuture(at: string): void {
    this.#fromFuture++;
    if (this.#newest === '' || Date.parse(at) > Date.parse(this.#newest)) this.#newest = at;
  }
}
