/**
 * What a run under way says to those who watch it from outside: JSON messages, downlink only. The server makes them, the
 * live page and other programs read them. No secrets: all of it may be shown. Unknown members are to be ignored.
 */

import type { RunEnd, NextCommand, StartedRun } from '../results/run-end.js';
import type { RunInfo, Summary } from '../results/run-info.js';
import type { RunState } from '../results/run-state.js';

export const LIVE_VERSION = 1;

/** The WebSocket subprotocol; the token is a second one, `bearer.TOKEN`. */
export const LIVE_PROTOCOL = 'case-tracker.v1';

export type LiveMessage = LiveSnapshot | LiveUpdate | LiveEnd;

/** Everything that is shown, for a client that joins or has missed something. */
export interface LiveSnapshot {
  readonly v: typeof LIVE_VERSION;
  readonly type: 'snapshot';
  /** One more than in the message before; a client that sees a gap connects again. */
  readonly seq: number;
  readonly run: StartedRun;
  readonly state: LiveState;
  readonly series: LiveSeries;
  /** The causes with most cases, at most 20, most first. */
  readonly groups: readonly LiveGroup[];
  /** The last failures, at most 20, oldest first. */
  readonly failures: readonly LiveFailure[];
}

/** What has changed since the message before. */
export interface LiveUpdate {
  readonly v: typeof LIVE_VERSION;
  readonly type: 'update';
  readonly seq: number;
  readonly state: LiveState;
  /** The number of the first of these rows of the series; they replace what stood there. */
  readonly firstRow: number;
  readonly rows: readonly LiveRow[];
  /** Those that have changed. */
  readonly groups: readonly LiveGroup[];
  /** New ones, oldest first. */
  readonly failures: readonly LiveFailure[];
}

/** The run has ended. The last message: the connection is closed with 1000 then. */
export interface LiveEnd {
  readonly v: typeof LIVE_VERSION;
  readonly type: 'end';
  readonly seq: number;
  readonly run: RunInfo;
  readonly summary: Summary;
  readonly exitCode: number;
  readonly verdict: LiveEndVerdict;
  readonly groups: readonly LiveGroup[];
  readonly thresholds: NonNullable<RunEnd['thresholds']>;
  readonly next: readonly NextCommand[];
}

/** The sentence that every report has about the run, and how it ended. */
export interface LiveEndVerdict {
  readonly ok: boolean;
  readonly text: string;
  /** `complete`, `stopped by --max-failures`. */
  readonly ended: string;
}

/** What is shown of a run's state as the run has it. */
type ShownState = Pick<
  RunState,
  | 'phase'
  | 'elapsedMs'
  | 'done'
  | 'total'
  | 'enriched'
  | 'failed'
  | 'invalid'
  | 'cancelled'
  | 'resumed'
  | 'inFlight'
  | 'limit'
  | 'adaptive'
  | 'retries'
  | 'recentRate'
  | 'p50Ms'
  | 'p99Ms'
>;

/** The state of the run now. Durations in milliseconds. */
export interface LiveState extends ShownState {
  /** `failing` when the exit code would not be 0, were this the end. */
  readonly verdict: 'ok' | 'failing';
  /** Cases that were submitted and whose answer comes later. */
  readonly pending: number;
  /** Until all is done, at the recent rate; null while that can't be told. */
  readonly leftMs: number | null;
  /** The endpoint makes the whole run wait. */
  readonly pause: LivePause | null;
  readonly outage: LiveOutage | null;
  /** Calls wait for a token. */
  readonly isTokenAwaited: boolean;
}

export interface LivePause {
  /** What brought it about: `429`, `503`. */
  readonly for: string;
  /** True when the endpoint itself said for how long. */
  readonly asked: boolean;
  readonly leftMs: number;
}

export interface LiveOutage {
  /** When it began, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** Until the next try; null while one is under way. */
  readonly nextTryMs: number | null;
  /** Tries that have failed. */
  readonly tries: number;
  /** What the endpoint said last: `503`, `connection refused`. */
  readonly for: string;
}

/** The course of the run, in at most 300 rows: `stepMs` doubles as it goes on. */
export interface LiveSeries {
  readonly stepMs: number;
  readonly columns: typeof SERIES_COLUMNS;
  /** The row with index i covers the time from i × stepMs to (i + 1) × stepMs; the last one is still under way. */
  readonly rows: readonly LiveRow[];
}

/** Attempts that ended in this time, by outcome; their latency in ms (null without one); calls in flight and limit at its end; the part of it that was paused or an outage, 0 to 1. */
export const SERIES_COLUMNS = ['ok', 'failed', 'retried', 'p50', 'p99', 'inFlight', 'limit', 'paused'] as const;

/** One number for each of `SERIES_COLUMNS`. */
export type LiveRow = readonly (number | null)[];

/** Failed cases or invalid records that share a cause. Texts are clipped and printable. */
export interface LiveGroup {
  /** The same in every message of a run. */
  readonly number: number;
  readonly status: 'failed' | 'invalid';
  /** `429`, `timeout`, `invalid JSON`. */
  readonly label: string;
  readonly message: string;
  /** The endpoint's own words. */
  readonly words?: string;
  readonly count: number;
  /** How many of them may succeed in a later run. */
  readonly retryable: number;
  /** At most three ids, or `file:line` of invalid records. */
  readonly examples: readonly string[];
  /** What to do about it; known at the end. */
  readonly hint?: string;
}

/** One failed case or invalid record. */
export interface LiveFailure {
  readonly caseId: string | null;
  readonly status: 'failed' | 'invalid';
  readonly label: string;
  readonly message: string;
  readonly attempts: number;
  /** When it ended, in milliseconds since 1970. */
  readonly atMs: number;
}
