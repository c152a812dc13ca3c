/** The run over time: attempts in flight, their outcomes and the endpoint's pauses in equal parts of the run's time. */

import type { AnyResult, LimitSummary, SavedTry } from '../../core/results/run-info.js';
import { type Band, Pauses } from './pauses.js';

const BUCKETS = 200;
// Few attempts make few, wide bars: [with fewer attempts than this, this many buckets become one bar].
const WIDTHS: readonly (readonly [number, number])[] = [
  [100, 8],
  [400, 4],
  [1500, 2],
];

/** One part of the run. Times are from the run's start, attempts are counted where they ended. */
export interface TimelineBucket {
  readonly fromMs: number;
  readonly toMs: number;
  /** The same as parts of the run's time (0 to 1). */
  readonly from: number;
  readonly to: number;
  /** Mean number of attempts under way. */
  readonly inFlight: number;
  readonly limit: number;
  readonly ok: number;
  readonly retried: number;
  readonly failed: number;
  /** The endpoint had asked for a pause in some of it. */
  readonly paused: boolean;
  /** The endpoint was down in some of it. */
  readonly down: boolean;
}

/** 200 buckets over the run's time, whatever the number of results. */
export class Timeline {
  /** Results of earlier runs, which this one did not call for. */
  earlier = 0;
  attempts = 0;
  readonly durationMs: number;
  readonly #startMs: number;
  readonly #inFlight = new Coverage();
  readonly #pauses = new Pauses();
  readonly #outages = new Pauses();
  readonly #ok = new Float64Array(BUCKETS);
  readonly #retried = new Float64Array(BUCKETS);
  readonly #failed = new Float64Array(BUCKETS);

  constructor(startMs: number, endMs: number) {
    this.#startMs = startMs;
    this.durationMs = Math.max(1, endMs - startMs);
  }

  add(result: AnyResult): void {
    if (result.attempts === 0) return;
    const endMs = Date.parse(result.at) - this.#startMs;
    // One millisecond of slack: dates are rounded, durations are not.
    if (!(endMs >= -1 && endMs <= this.durationMs + 1)) {
      this.earlier++;
      return;
    }
    const tries = result.tries ?? [singleTry(result)];
    tries.forEach((attempt, index) =>
      this.#addAttempt(
        attempt,
        endMs - result.durationMs,
        index === tries.length - 1 ? lastOutcome(result) : 'retried',
      ),
    );
  }

  buckets(limit: LimitSummary): TimelineBucket[] {
    const merged = WIDTHS.find(([below]) => this.attempts < below)?.[1] ?? 1;
    const inFlight = this.#inFlight.parts();
    const [pauses, outages] = [this.pauses(), this.outages()];
    return Array.from({ length: BUCKETS / merged }, (_, index) => {
      const first = index * merged;
      const sum = (counts: Float64Array): number => counts.subarray(first, first + merged).reduce((a, b) => a + b, 0);
      const fromMs = this.#msAt(first);
      const [from, to] = [first / BUCKETS, (first + merged) / BUCKETS];
      return {
        fromMs,
        toMs: this.#msAt(first + merged),
        from,
        to,
        inFlight: sum(inFlight) / merged,
        limit: limitAt(limit, fromMs),
        ok: sum(this.#ok),
        retried: sum(this.#retried),
        failed: sum(this.#failed),
        paused: pauses.some((pause) => pause.from < to && pause.to > from),
        down: outages.some((outage) => outage.from < to && outage.to > from),
      };
    });
  }

  /** When the endpoint had asked for a pause, as parts of the run's time. */
  pauses(): Band[] {
    return this.#pauses.bands();
  }

  /** When the endpoint was down, as parts of the run's time. */
  outages(): Band[] {
    return this.#outages.bands();
  }

  #addAttempt(attempt: SavedTry, caseStartMs: number, outcome: Outcome): void {
    const fromMs = caseStartMs + attempt.startMs;
    const toMs = fromMs + attempt.durationMs;
    const at = Math.min(BUCKETS - 1, Math.max(0, Math.floor(this.#position(toMs))));
    const counts = { ok: this.#ok, retried: this.#retried, failed: this.#failed }[outcome];
    counts[at] = (counts[at] ?? 0) + 1;
    this.attempts++;
    this.#inFlight.add(this.#position(fromMs), this.#position(toMs));
    this.#pauses.attempt(fromMs / this.durationMs);
    this.#addOutage(attempt, fromMs, outcome);
    if (attempt.waitFor === 'pause' || attempt.waitFor === 'retry-after') {
      this.#pauses.wait({ from: (fromMs - attempt.waitMs) / this.durationMs, to: fromMs / this.durationMs });
    }
  }

  /** An attempt that fails does not end an outage: it may be one of those that ask whether it is over. */
  #addOutage({ waitFor, waitMs }: SavedTry, fromMs: number, outcome: Outcome): void {
    if (outcome === 'ok') this.#outages.attempt(fromMs / this.durationMs);
    if (waitFor !== 'outage') return;
    this.#outages.wait({ from: (fromMs - waitMs) / this.durationMs, to: fromMs / this.durationMs });
  }

  #position(ms: number): number {
    return Math.min(BUCKETS, Math.max(0, (ms / this.durationMs) * BUCKETS));
  }

  #msAt(position: number): number {
    return (position / BUCKETS) * this.durationMs;
  }
}

/** Sums up how much of each bucket intervals cover, in constant time per interval. */
class Coverage {
  /** What intervals cover of the buckets that they begin or end in. */
  readonly #partly = new Float64Array(BUCKETS + 1);
  /** How many more (or fewer) intervals cover this bucket as a whole than the one before. */
  readonly #change = new Float64Array(BUCKETS + 2);

  add(from: number, to: number): void {
    const first = Math.floor(from);
    const last = Math.floor(to);
    if (first === last) return addTo(this.#partly, first, to - from);
    addTo(this.#partly, first, first + 1 - from);
    addTo(this.#partly, last, to - last);
    addTo(this.#change, first + 1, 1);
    addTo(this.#change, last, -1);
  }

  parts(): Float64Array {
    let whole = 0;
    return Float64Array.from({ length: BUCKETS }, (_, index) => {
      whole += this.#change[index] ?? 0;
      return whole + (this.#partly[index] ?? 0);
    });
  }
}

type Outcome = 'ok' | 'retried' | 'failed';

function addTo(counts: Float64Array, index: number, amount: number): void {
  counts[index] = (counts[index] ?? 0) + amount;
}

function singleTry(result: AnyResult): SavedTry {
  return { startMs: 0, durationMs: result.durationMs, outcome: 'ok', waitMs: 0 };
}

function lastOutcome(result: AnyResult): Outcome {
  return result.status === 'enriched' ? 'ok' : 'failed';
}

function limitAt({ configured, course }: LimitSummary, ms: number): number {
  return course?.findLast((point) => point.atMs <= ms)?.limit ?? course?.[0]?.limit ?? configured;
}
