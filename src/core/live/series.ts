/** The course of a run in rows of equal time, in bounded memory: where there are too many rows, two become one. */

import { LatencyHistogram, tenth } from '../results/latency.js';
import type { LiveRow } from './messages.js';

/** The most rows; with one more, pairs of them are joined. */
export const MOST_ROWS = 300;
/** What a row covers at first, in milliseconds. */
export const FIRST_STEP_MS = 1_000;

/** What has changed in the rows since it was asked for last. */
export interface SeriesChange {
  /** True when the rows have another `stepMs` now: then all of them have changed. */
  readonly isRescaled: boolean;
  /** The number of the first changed row, from 0. */
  readonly firstRow: number;
  /** That row and all after it. */
  readonly rows: readonly LiveRow[];
}

/** Counts attempts by the time in which they end. All times are those of one monotonic clock, in milliseconds. */
export class Series {
  readonly #startMs: number;
  #stepMs = FIRST_STEP_MS;
  #steps = [new Step()];
  /** Up to this time it is counted what was paused. */
  #countedMs: number;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #isDown = false;
  #firstChanged = 0;
  #isRescaled = false;

  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#countedMs = startMs;
  }

  get stepMs(): number {
    return this.#stepMs;
  }

  /** An attempt has ended. One that failed counts as retried until it is known to be its case's last. */
  attempted(nowMs: number, isOk: boolean, durationMs: number): void {
    // Once for each attempt: what was paused is counted at the end of the row, or when it is looked at.
    if (nowMs >= this.#endMs) this.advance(nowMs);
    const step = this.#last;
    if (isOk) step.ok++;
    else step.retried++;
    step.record(durationMs);
  }

  /** Cases have got no answer: as many of the attempts that failed just now were their last ones. */
  gaveUp(nowMs: number, cases: number): void {
    this.advance(nowMs);
    let left = cases;
    for (const at of [this.#steps.length - 1, this.#steps.length - 2]) {
      const moved = this.#steps[at]?.giveUp(left) ?? 0;
      if (moved > 0) this.#firstChanged = Math.min(this.#firstChanged, at);
      left -= moved;
    }
  }

  /** How many calls are in flight now, and the limit. */
  level(nowMs: number, inFlight: number, limit: number): void {
    this.advance(nowMs);
    this.#last.inFlight = inFlight;
    this.#last.limit = limit;
  }

  /** No call is started until then. */
  paused(nowMs: number, untilMs: number): void {
    this.advance(nowMs);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
  }

  /** The endpoint is down from now on, or up again. */
  outage(nowMs: number, isDown: boolean): void {
    this.advance(nowMs);
    this.#isDown = isDown;
  }

  /** Begins the rows that are due by now. */
  advance(nowMs: number): void {
    for (let endMs = this.#endMs; nowMs >= endMs; endMs = this.#endMs) {
      this.#countPause(endMs);
      this.#begin();
    }
    this.#countPause(nowMs);
  }

  /** All rows; the last one is still under way. */
  rows(): LiveRow[] {
    return this.#rowsFrom(0);
  }

  /** The rows that have changed since the last call; the one under way always counts among them. */
  takeChange(): SeriesChange {
    const [isRescaled, firstRow] = [this.#isRescaled, this.#firstChanged];
    this.#isRescaled = false;
    this.#firstChanged = this.#steps.length - 1;
    return { isRescaled, firstRow, rows: this.#rowsFrom(firstRow) };
  }

  get #last(): Step {
    return this.#steps.at(-1) as Step;
  }

  get #endMs(): number {
    return this.#startMs + this.#steps.length * this.#stepMs;
  }

  #begin(): void {
    if (this.#steps.length === MOST_ROWS) this.#joinPairs();
    const { inFlight, limit } = this.#last;
    this.#steps.push(new Step(inFlight, limit));
  }

  #joinPairs(): void {
    this.#steps = this.#steps.flatMap((step, at, all) => (at % 2 === 0 ? [step.joined(all[at + 1])] : []));
    this.#stepMs *= 2;
    this.#isRescaled = true;
    this.#firstChanged = 0;
  }

  #countPause(nowMs: number): void {
    const pausedTo = this.#isDown ? nowMs : Math.min(nowMs, this.#pausedUntilMs);
    if (pausedTo > this.#countedMs) this.#last.pausedMs += pausedTo - this.#countedMs;
    if (nowMs > this.#countedMs) this.#countedMs = nowMs;
  }

  #rowsFrom(first: number): LiveRow[] {
    const lastBeganMs = this.#endMs - this.#stepMs;
    const lastMs = this.#countedMs - lastBeganMs;
    const last = this.#steps.length - 1;
    return this.#steps.slice(first).map((step, at) => step.row(first + at === last ? lastMs : this.#stepMs));
  }
}

/** One row while it is counted. */
class Step {
  ok = 0;
  failed = 0;
  retried = 0;
  pausedMs = 0;
  inFlight: number;
  limit: number;
  #latency: LatencyHistogram | null = null;
  /** Both percentiles of the first so many attempts: those of rows that are over are not computed again. */
  #percentiles: Percentiles = NO_LATENCY;

  constructor(inFlight = 0, limit = 0) {
    this.inFlight = inFlight;
    this.limit = limit;
  }

  record(durationMs: number): void {
    (this.#latency ??= new LatencyHistogram()).record(durationMs);
  }

  /** At most so many attempts were the last ones of their cases; returns how many there were. */
  giveUp(cases: number): number {
    const moved = Math.min(cases, this.retried);
    this.retried -= moved;
    this.failed += moved;
    return moved;
  }

  /** This one and the next as one, which has the level at the end of the next. */
  joined(next: Step | undefined): Step {
    if (next === undefined) return this;
    this.ok += next.ok;
    this.failed += next.failed;
    this.retried += next.retried;
    this.pausedMs += next.pausedMs;
    this.inFlight = next.inFlight;
    this.limit = next.limit;
    if (this.#latency === null) this.#latency = next.#latency;
    else if (next.#latency !== null) this.#latency.add(next.#latency);
    return this;
  }

  /** @param ms how much time it covers so far. */
  row(ms: number): LiveRow {
    const { ok, failed, retried, inFlight, limit, pausedMs } = this;
    const { p50, p99 } = this.#latencies();
    const paused = ms > 0 ? Math.min(1, Math.round((pausedMs / ms) * 100) / 100) : 0;
    return [ok, failed, retried, p50, p99, inFlight, limit, paused];
  }

  #latencies(): Percentiles {
    const latency = this.#latency;
    if (latency === null || latency.count === this.#percentiles.count) return this.#percentiles;
    const [p50, p99] = [tenth(latency.percentile(0.5)), tenth(latency.percentile(0.99))];
    return (this.#percentiles = { count: latency.count, p50, p99 });
  }
}

interface Percentiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

const NO_LATENCY: Percentiles = { count: 0, p50: null, p99: null };
