/** A run and a summary with nothing in them; each test says what it is about. */

import type { RunInfo, Summary } from '../../src/core/results/run-info.js';

const LIMIT = 50;

/** A run of 20 seconds. */
export function runInfo(more: Partial<RunInfo> = {}): RunInfo {
  return {
    id: 'run-1',
    version: '0.1.0',
    startedAt: '2026-11-22T09:30:00.000Z',
    finishedAt: '2026-11-22T09:30:20.000Z',
    durationMs: 20_000,
    endpoint: 'https://api.example.com/cases/{id}',
    method: 'GET',
    limits: {
      limit: LIMIT,
      timeoutMs: 5000,
      deadlineMs: 30_000,
      retries: 2,
      maxTimeMs: null,
      ratePerSecond: null,
      adaptive: false,
    },
    shard: null,
    settings: 'abc',
    complete: true,
    stoppedBy: null,
    ...more,
  };
}

/** Counts of zero. */
export function summary(more: Partial<Summary> = {}): Summary {
  return {
    total: 0,
    enriched: 0,
    failed: 0,
    invalid: 0,
    cancelled: 0,
    resumed: 0,
    attempts: 0,
    retries: 0,
    retriesDenied: 0,
    failuresByKind: {},
    latencyMs: null,
    maxInFlight: 0,
    limit: { configured: LIMIT, settled: LIMIT },
    waitedMs: {},
    pauses: { count: 0, ms: 0 },
    casesPerSecond: 0,
    ...more,
  };
}
