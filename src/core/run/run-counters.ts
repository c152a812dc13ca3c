/** Counts that only the run itself knows, gathered while it goes on. */

import type { WaitReason } from '../case.js';
import type { AttemptOutcome } from '../ports.js';
import type { Waited } from './wait.js';
import { LatencyHistogram } from '../results/latency.js';

export class RunCounters {
  attempts = 0;
  retries = 0;
  retriesDenied = 0;
  /** Attempts that asked for an answer which comes later. */
  polls = 0;
  maxInFlight = 0;
  retryAt: number | null = null;
  readonly latency = new LatencyHistogram();
  readonly #waitedMs: Partial<Record<WaitReason, number>> = {};

  /** An attempt starts, `inFlight` counts it. A retry counts now: one that was only planned may never be made. */
  started(inFlight: number, isChargedRetry: boolean, isPoll: boolean): void {
    this.attempts++;
    if (isPoll) this.polls++;
    if (isChargedRetry) this.retries++;
    if (inFlight > this.maxInFlight) this.maxInFlight = inFlight;
  }

  /** An attempt has ended after `durationMs`. */
  ended(outcome: AttemptOutcome, durationMs: number): void {
    if (outcome.ok) this.latency.record(durationMs);
  }

  /** What nine in ten of the successful calls so far have taken at most, in milliseconds; 0 without one. */
  get usualCallMs(): number {
    return this.latency.count === 0 ? 0 : this.latency.percentile(0.9);
  }

  /** A wait before an attempt is over; null when there was none. */
  waited(wait: Waited | null): void {
    if (wait !== null) this.#waitedMs[wait.for] = (this.#waitedMs[wait.for] ?? 0) + wait.ms;
  }

  /** Milliseconds by reason, rounded. */
  get waitedMs(): Partial<Record<WaitReason, number>> {
    return Object.fromEntries(Object.entries(this.#waitedMs).map(([reason, ms]) => [reason, Math.round(ms)]));
  }
}
