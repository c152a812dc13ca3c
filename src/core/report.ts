/** What a run says about itself: the `run` and `summary` of a report, shared by every renderer. */

import type { EnrichmentResult, Failure, FailureKind, ResultFacts, ResultStatus, WaitReason } from './case.js';

export const STOP_REASONS = [
  'signal',
  'fail-fast',
  'max-failures',
  'all-failing',
  'rate-limited',
  'max-time',
  'input',
  'strict',
  'output',
] as const;
/** Why a run ended before its input did; the first cause counts. */
export type StopReason = (typeof STOP_REASONS)[number];

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** The run as a report tells it; JSON-safe, no secrets. Durations are in milliseconds. */
export interface RunInfo {
  readonly id: string;
  readonly version: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
  /** The URL template without secrets. */
  readonly endpoint: string;
  readonly method: string;
  /** The effective limits, as in the configuration. */
  readonly limits: {
    readonly limit: number;
    readonly timeoutMs: number;
    readonly deadlineMs: number;
    readonly retries: number;
    readonly maxTimeMs: number | null;
    /** Attempts a second over all shards, or null. */
    readonly ratePerSecond: number | null;
    readonly adaptive: boolean;
  };
  readonly shard: Shard | null;
  /** A hash of the settings that shards of one run must share (endpoint, method, body, pick, into, schema, selection). */
  readonly settings: string;
  /** False when the input was not read to its end. */
  readonly complete: boolean;
  readonly stoppedBy: StopReason | null;
}

/** Counts and times of one run. `total` is the sum of the four statuses. */
export interface Summary {
  readonly total: number;
  readonly enriched: number;
  readonly failed: number;
  readonly invalid: number;
  readonly cancelled: number;
  /** Those of `enriched` that the journal already had. */
  readonly resumed: number;
  readonly attempts: number;
  /** Attempts after the first that cost a retry (a pause does not). */
  readonly retries: number;
  /** Retries that the budget refused. */
  readonly retriesDenied: number;
  readonly failuresByKind: Readonly<Partial<Record<FailureKind, number>>>;
  /** Of the successful attempts' cases: first call to last byte, waits left out. null without a success. */
  readonly latencyMs: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number } | null;
  readonly maxInFlight: number;
  readonly limit: LimitSummary;
  /** Waits of all attempts together, by reason: 50 cases that wait for one pause of 2 s are 100 s. */
  readonly waitedMs: Readonly<Partial<Record<WaitReason, number>>>;
  /** How often the endpoint asked all calls to pause, and for how long together. */
  readonly pauses: { readonly count: number; readonly ms: number };
  readonly casesPerSecond: number;
  /** When the endpoint said to come back (ISO 8601); only after `rate-limited`. */
  readonly retryAt?: string;
}

/** What the concurrency limit was and, when adaptive, the course it took: at most 200 points. */
export interface LimitSummary {
  readonly configured: number;
  readonly settled: number;
  readonly course?: readonly { readonly atMs: number; readonly limit: number }[];
}

export interface ReportHead {
  readonly schemaVersion: 1;
  readonly run: RunInfo;
  readonly summary: Summary;
}

/** A result as it stands in a journal or report: what `resultLine` writes and JSON.parse gives back. */
export interface SavedResult extends ResultFacts {
  readonly caseId: string | null;
  readonly status: ResultStatus;
  readonly enrichedCase: Readonly<Record<string, unknown>> | null;
  readonly error: Failure | null;
}

/** A result of this run, or one read back. */
export type AnyResult = EnrichmentResult | SavedResult;

/** Where results go. Closed by `finish`, or by `close` when the run could not end in order. */
export interface ResultSink {
  /** Resolves (or returns) when the results are written, in this order; rejects with an OutputError. */
  write(results: readonly EnrichmentResult[]): void | Promise<void>;
  /** Writes the end (closing line, summary, rename) and closes. */
  finish(run: RunInfo, summary: Summary): Promise<void>;
  /** Closes without an end: what is written stays. */
  close(): Promise<void>;
}

/** Takes results one by one, in bounded memory, and tells about all of them when the run's end is known. */
export interface Collector<View> {
  add(result: AnyResult): void;
  render(view: View): string;
}

/** One way to show results that are known: each call returns the text to write next. */
export interface Renderer {
  begin(): string;
  result(result: SavedResult): string;
  end(): string;
}
