/** Results → summary: counts by status and kind. What only the run itself knows comes in as RunFigures. */

import type { ResultStatus } from '../case.js';
import type { LatencyHistogram } from './latency.js';
import { tenth } from './latency.js';
import type { AnyResult, LimitSummary, Summary } from './run-info.js';
import { LAST_INSTANT_MS } from './bounds.js';
import { WordSums } from './word-sums.js';

/** What a run counts while it goes on. */
export interface RunFigures {
  readonly attempts: number;
  readonly retries: number;
  readonly retriesDenied: number;
  /** Attempts that asked for an answer which comes later. */
  readonly polls?: number;
  readonly latency: LatencyHistogram;
  readonly maxInFlight: number;
  readonly limit: LimitSummary;
  readonly waitedMs: Summary['waitedMs'];
  readonly pauses: { readonly count: number; readonly ms: number };
  readonly outages: { readonly count: number; readonly ms: number };
  /** Epoch milliseconds before which the endpoint wants no calls; null when it named no time. */
  readonly retryAt: number | null;
}

export class Tally {
  readonly #byStatus: Record<ResultStatus, number> = { enriched: 0, failed: 0, invalid: 0, cancelled: 0 };
  readonly #byKind = new WordSums();
  #resumed = 0;
  #skipped = 0;
  #stale = 0;
  #pending = 0;

  /** Counts a result whose line is written. */
  add(result: AnyResult): void {
    this.#byStatus[result.status]++;
    if (result.skipped) this.#skipped++;
    if (result.stale) this.#stale++;
    if (result.poll !== undefined) this.#pending++;
    if (result.error !== null && result.status !== 'enriched') this.#byKind.add(result.error.kind, 1);
  }

  /** Counts failed cases of which no more is known than their kinds. */
  addFailures(byKind: Summary['failuresByKind']): void {
    for (const [kind, count] of Object.entries(byKind)) {
      this.#byStatus.failed += count;
      this.#byKind.add(kind, count);
    }
  }

  /** Counts a case whose result the journal already has. */
  addResumed(status: ResultStatus): void {
    this.#byStatus[status]++;
    if (status === 'enriched') this.#resumed++;
  }

  /** Counts cases that have no result, and of which it is known where to ask for their answer. */
  addPlaces(count: number): void {
    this.#pending += count;
  }

  get failuresByKind(): Summary['failuresByKind'] {
    return this.#byKind.record;
  }

  count(status: ResultStatus): number {
    return this.#byStatus[status];
  }

  get total(): number {
    const { enriched, failed, invalid, cancelled } = this.#byStatus;
    return enriched + failed + invalid + cancelled;
  }

  get resumed(): number {
    return this.#resumed;
  }

  /** Cases that were not called, for `--skip-if`. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The summary of a run that took `durationMs`. */
  summary(figures: RunFigures, durationMs: number): Summary {
    const called = this.#byStatus.enriched + this.#byStatus.failed - this.#resumed - this.#skipped;
    return {
      total: this.total,
      ...this.#byStatus,
      resumed: this.#resumed,
      ...(this.#skipped === 0 ? {} : { skipped: this.#skipped }),
      ...(this.#stale === 0 ? {} : { stale: this.#stale }),
      attempts: figures.attempts,
      retries: figures.retries,
      retriesDenied: figures.retriesDenied,
      ...(figures.polls ? { polls: figures.polls } : {}),
      ...(this.#pending > 0 ? { pending: this.#pending } : {}),
      failuresByKind: this.failuresByKind,
      latencyMs: figures.latency.summary(),
      maxInFlight: figures.maxInFlight,
      limit: figures.limit,
      waitedMs: figures.waitedMs,
      pauses: { count: figures.pauses.count, ms: tenth(figures.pauses.ms) },
      outages: { count: figures.outages.count, ms: tenth(figures.outages.ms) },
      casesPerSecond: durationMs > 0 ? tenth((Math.max(0, called) * 1_000) / durationMs) : 0,
      ...(figures.retryAt === null
        ? {}
        : { retryAt: new Date(Math.min(figures.retryAt, LAST_INSTANT_MS)).toISOString() }),
    };
  }
}
