/** The run of the mock-ups: 2,963 cases, 14 failed, 2 invalid. */

import type { EnrichmentResult, UnenrichedResult } from '../../src/core/case.js';
import { FailureGroups } from '../../src/core/results/failure-groups.js';
import type { SavedResult, Summary } from '../../src/core/results/run-info.js';
import type { CommandFacts } from '../../src/report/terminal/hints.js';
import type { RunState } from '../../src/core/results/run-state.js';
import { createStyle } from '../../src/text/style.js';
import type { SummaryView } from '../../src/report/terminal/summary.js';
import { failed, invalid, runInfo, summary } from './samples.js';

export const sampleRun = runInfo({
  id: 'r1',
  finishedAt: '2026-11-22T09:30:19.400Z',
  durationMs: 19_400,
  settings: 's',
});

export const sampleSummary = summary({
  total: 2963,
  enriched: 2947,
  failed: 14,
  invalid: 2,
  attempts: 3012,
  retries: 49,
  failuresByKind: { http: 11, timeout: 3, case: 2 },
  latencyMs: { p50: 84, p90: 210, p99: 610, max: 4600 },
  maxInFlight: 50,
  waitedMs: { pause: 12_000 },
  pauses: { count: 1, ms: 12_000 },
  casesPerSecond: 152,
});

export const allGood: Summary = {
  ...sampleSummary,
  total: 2963,
  enriched: 2963,
  failed: 0,
  invalid: 0,
  attempts: 2963,
  retries: 0,
  failuresByKind: {},
  pauses: { count: 0, ms: 0 },
};

export const sampleCommand: CommandFacts = {
  argv: ['enrich', 'cases.ndjson', '-o', 'run.ndjson'],
  files: ['cases.ndjson'],
  output: 'run.ndjson',
  journal: true,
  freeJournal: 'run.ndjson',
  allowFailures: '0',
  headers: [],
};

/** The failures of the mock-up, as results. */
export function sampleFailures(): UnenrichedResult[] {
  const refused = ['0181', '0207', '0398', '0400', '0401', '0402', '0403', '0404', '0405'].map((id) =>
    failed(`CASE-${id}`, {
      kind: 'http',
      httpStatus: 422,
      message: '422 Unprocessable Entity',
      body: '{"message":"priority must be one of low, normal, high"}',
    }),
  );
  const late = ['0240', '0991', '1730'].map((id) =>
    failed(`CASE-${id}`, {
      kind: 'timeout',
      phase: 'response',
      message: 'no answer within 5s, 3 attempts',
      retryable: true,
    }),
  );
  const denied = ['2100', '2101'].map((id) =>
    failed(`CASE-${id}`, {
      kind: 'http',
      httpStatus: 503,
      message: '503 Service Unavailable',
      notRetried: 'budget',
      retryable: true,
    }),
  );
  const noId = [77, 1203].map((line) => invalid({ file: 'cases.ndjson', line }, 'no id'));
  return [...refused, ...late, ...denied, ...noId];
}

export function groupsOf(results: readonly (EnrichmentResult | SavedResult)[]): FailureGroups {
  const groups = new FailureGroups();
  for (const result of results) groups.add(result);
  return groups;
}

export function sampleView(more: Partial<SummaryView> = {}): SummaryView {
  return {
    run: sampleRun,
    summary: sampleSummary,
    groups: groupsOf(sampleFailures()).groups(),
    exitCode: 1,
    command: sampleCommand,
    style: createStyle(false),
    slowestSuccessMs: 4600,
    ...more,
  };
}

/** The live lines of the mock-up. */
export const sampleProgress: RunState = {
  elapsedMs: 10_400,
  done: 1842,
  total: 2963,
  enriched: 1829,
  failed: 11,
  invalid: 2,
  cancelled: 0,
  resumed: 0,
  inFlight: 50,
  limit: 50,
  adaptive: false,
  retries: 37,
  recentRate: 412,
  p50Ms: 84,
  p99Ms: 610,
  phase: 'running',
};
