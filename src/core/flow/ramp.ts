/**
 * How calls come back after a pause or an outage: one, then twice as many with each round trip, up to the limit. A call
 * that takes long holds nobody up: the next step also comes after the time that calls usually take.
 */
export class Ramp {
  /** No step by time comes earlier than this after the one before. */
  static readonly SHORTEST_STEP_MS = 250;

  readonly #limit: number;
  #allowed = Number.POSITIVE_INFINITY;
  /** What was allowed when the present step began. */
  #step = 1;
  #stepBegan = 0;
  #from = Number.NEGATIVE_INFINITY;

  /** @param limit the number of calls in flight at which the ramp is over. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Calls that may be in flight; Infinity when there is no ramp. */
  get allowed(): number {
    return this.#allowed;
  }

  /**
   * Begins, or begins again, at `from`. Only the answers to calls that start then or later open it further; one that is
   * older may take up the only place, so time goes from there even when no call can start.
   */
  begin(from: number): void {
    this.#allowed = 1;
    this.#step = 1;
    this.#stepBegan = from;
    this.#from = from;
  }

  /** A call that was started at `startedAt` was answered: one more may be in flight. */
  answered(startedAt: number, now: number): void {
    if (this.#allowed === Number.POSITIVE_INFINITY || startedAt < this.#from) return;
    this.#allowed += 1;
    if (this.#allowed >= 2 * this.#step) this.#beginStep(now);
    this.#endAtLimit();
  }

  /** When the next step comes by time: after `callMs`, what calls usually take; null without a ramp. */
  nextStepAt(callMs: number): number | null {
    if (this.#allowed === Number.POSITIVE_INFINITY) return null;
    return this.#stepBegan + Math.max(Ramp.SHORTEST_STEP_MS, callMs);
  }

  /** Takes the step that is due by time, if one is. */
  openByTime(now: number, callMs: number): void {
    const at = this.nextStepAt(callMs);
    if (at === null || at > now) return;
    this.#allowed = Math.max(this.#allowed, 2 * this.#step);
    this.#beginStep(now);
    this.#endAtLimit();
  }

  #beginStep(now: number): void {
    this.#step *= 2;
    this.#stepBegan = now;
  }

  #endAtLimit(): void {
    if (this.#allowed >= this.#limit) this.#allowed = Number.POSITIVE_INFINITY;
  }
}
