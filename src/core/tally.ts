/** Results → summary: counts by status and kind. What only the run itself knows comes in as RunFigures. */

import { FAILURE_KINDS, type FailureKind, type ResultStatus, type WaitReason } from './case.js';
import type { LatencyHistogram } from './latency.js';
import { tenth } from './latency.js';
import type { AnyResult, LimitSummary, Summary } from './report.js';

/** What a run counts while it goes on. */
export interface RunFigures {
  readonly attempts: number;
  readonly retries: number;
  readonly retriesDenied: number;
  readonly latency: LatencyHistogram;
  readonly maxInFlight: number;
  readonly limit: LimitSummary;
  readonly waitedMs: Readonly<Partial<Record<WaitReason, number>>>;
  readonly pauses: { readonly count: number; readonly ms: number };
  /** Epoch milliseconds at which the endpoint wants to be asked again; null when it said nothing. */
  readonly retryAt: number | null;
}

export class Tally {
  readonly #byStatus: Record<ResultStatus, number> = { enriched: 0, failed: 0, invalid: 0, cancelled: 0 };
  /** A map, because saved results may name any kind. */
  readonly #byKind = new Map<FailureKind, number>();
  #resumed = 0;

  /** Counts a result whose line is written. */
  add(result: AnyResult): void {
    this.#byStatus[result.status]++;
    if (result.error === null) return;
    this.#addKind(result.error.kind, 1);
  }

  /** Counts failed cases of which no more is known than their kinds. */
  addFailures(byKind: Readonly<Partial<Record<FailureKind, number>>>): void {
    for (const kind of FAILURE_KINDS) {
      const count = byKind[kind] ?? 0;
      if (count === 0) continue;
      this.#byStatus.failed += count;
      this.#addKind(kind, count);
    }
  }

  /** Counts a case whose result the journal already has. */
  addResumed(status: ResultStatus): void {
    this.#byStatus[status]++;
    if (status === 'enriched') this.#resumed++;
  }

  get failuresByKind(): Readonly<Partial<Record<FailureKind, number>>> {
    return Object.fromEntries(this.#byKind);
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

  /** The summary of a run that took `durationMs`. */
  summary(figures: RunFigures, durationMs: number): Summary {
    const called = this.#byStatus.enriched + this.#byStatus.failed - this.#resumed;
    return {
      total: this.total,
      ...this.#byStatus,
      resumed: this.#resumed,
      attempts: figures.attempts,
      retries: figures.retries,
      retriesDenied: figures.retriesDenied,
      failuresByKind: this.failuresByKind,
      latencyMs: figures.latency.summary(),
      maxInFlight: figures.maxInFlight,
      limit: figures.limit,
      waitedMs: figures.waitedMs,
      pauses: { count: figures.pauses.count, ms: tenth(figures.pauses.ms) },
      casesPerSecond: durationMs > 0 ? tenth((Math.max(0, called) * 1_000) / durationMs) : 0,
      ...(figures.retryAt === null ? {} : { retryAt: new Date(figures.retryAt).toISOString() }),
    };
  }

  #addKind(kind: FailureKind, count: number): void {
    this.#byKind.set(kind, (this.#byKind.get(kind) ?? 0) + count);
  }
}
