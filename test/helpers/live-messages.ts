/** Messages of a run under way, with as little in them as there can be; each test says what it is about. */

import type {
  LiveEnd,
  LiveFailure,
  LiveGroup,
  LiveRow,
  LiveSnapshot,
  LiveState,
  LiveUpdate,
} from '../../src/core/live/messages.js';
import { SERIES_COLUMNS } from '../../src/core/live/messages.js';
import { START } from './clock.js';
import { runInfo, summary } from './samples.js';

export function liveState(more: Partial<LiveState> = {}): LiveState {
  return {
    verdict: 'ok',
    phase: 'running',
    elapsedMs: 1000,
    done: 0,
    total: null,
    enriched: 0,
    failed: 0,
    invalid: 0,
    cancelled: 0,
    resumed: 0,
    inFlight: 0,
    pending: 0,
    limit: 50,
    adaptive: false,
    retries: 0,
    recentRate: 0,
    leftMs: null,
    p50Ms: null,
    p99Ms: null,
    pause: null,
    outage: null,
    isTokenAwaited: false,
    ...more,
  };
}

export function liveSnapshot(more: Partial<LiveSnapshot> = {}): LiveSnapshot {
  const series = { stepMs: 1000, columns: SERIES_COLUMNS, rows: [] };
  return {
    v: 1,
    type: 'snapshot',
    seq: 1,
    run: runInfo(),
    state: liveState(),
    series,
    groups: [],
    failures: [],
    ...more,
  };
}

export function liveUpdate(seq: number, more: Partial<LiveUpdate> = {}): LiveUpdate {
  return { v: 1, type: 'update', seq, state: liveState(), firstRow: 0, rows: [], groups: [], failures: [], ...more };
}

export function liveEnd(more: Partial<LiveEnd> = {}): LiveEnd {
  return {
    v: 1,
    type: 'end',
    seq: 9,
    run: runInfo(),
    summary: summary(),
    exitCode: 0,
    verdict: { ok: true, text: '2,963 cases enriched', ended: 'complete' },
    groups: [],
    thresholds: [],
    next: [],
    ...more,
  };
}

export function liveGroup(number: number, count: number, more: Partial<LiveGroup> = {}): LiveGroup {
  return {
    number,
    status: 'failed',
    label: `http ${500 + number}`,
    message: 'the endpoint failed',
    count,
    retryable: 0,
    examples: [`CASE-${number}`],
    ...more,
  };
}

export function liveFailure(index: number, more: Partial<LiveFailure> = {}): LiveFailure {
  return {
    caseId: `CASE-${index}`,
    status: 'failed',
    label: 'http 503',
    message: 'Service Unavailable',
    attempts: 3,
    atMs: START + index,
    ...more,
  };
}

/** A row of the series: attempts by outcome, p50 and p99, calls in flight of 50, the part that was a pause. */
export function liveRow(ok: number, failed: number, retried: number, paused = 0): LiveRow {
  const isIdle = ok + failed + retried === 0;
  return [
    ok,
    failed,
    retried,
    isIdle ? null : 40 + ok / 10,
    isIdle ? null : 300 + failed * 40,
    isIdle ? 0 : 48,
    50,
    paused,
  ];
}
