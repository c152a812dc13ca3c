/** Results, runs and summaries with as little in them as there can be; each test says what it is about. */

import {
  Case,
  EnrichedCase,
  type EnrichedResult,
  type EnrichmentResult,
  type Failure,
  type Place,
  type UnenrichedResult,
} from '../../src/core/case.js';
import type { RunInfo, SavedResult, Summary } from '../../src/core/results/run-info.js';
import { resultLine } from '../../src/core/results/result-text.js';

export const AT = '2026-11-22T09:30:00.123Z';

export function enriched(caseId: string, more: Partial<EnrichedResult> = {}): EnrichedResult {
  const text = `{"id":${JSON.stringify(caseId)},"enrichment":{"big":12345678901234567890,"one":1.0}}`;
  return {
    caseId,
    status: 'enriched',
    index: 0,
    enrichedCase: new EnrichedCase(text),
    error: null,
    attempts: 1,
    durationMs: 12.4,
    at: AT,
    key: `key of ${caseId}`,
    ...more,
  };
}

export function unenriched(
  caseId: string | null,
  status: UnenrichedResult['status'] = 'failed',
  more: Partial<UnenrichedResult> = {},
): UnenrichedResult {
  const kind = { failed: 'http', invalid: 'case', cancelled: 'cancelled' } as const;
  return {
    caseId,
    status,
    index: 0,
    enrichedCase: null,
    error: { kind: kind[status], message: 'no luck', retryable: true },
    attempts: status === 'failed' ? 1 : 0,
    durationMs: 0,
    at: AT,
    ...(caseId !== null && { case: new Case(caseId, `{"id":${JSON.stringify(caseId)}}`) }),
    ...more,
  };
}

/** A case that failed for this reason and is not to be tried again. */
export function failed(caseId: string, error: Partial<Failure> & Pick<Failure, 'kind' | 'message'>): UnenrichedResult {
  return unenriched(caseId, 'failed', { error: { retryable: false, ...error } });
}

/** A record that is no case. */
export function invalid(source: Place, message: string): UnenrichedResult {
  return unenriched(null, 'invalid', { error: { kind: 'case', message, retryable: false }, source });
}

/** What a journal gives back for a result. */
export function saved(result: EnrichmentResult): SavedResult {
  return JSON.parse(resultLine(result)) as SavedResult;
}

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
