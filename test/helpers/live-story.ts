/** A run at four moments, as its page is told: the start, the middle with failures and a pause, an outage, the end. */

import type { LiveFailure, LiveGroup, LiveMessage, LiveRow, LiveSnapshot } from '../../src/core/live/messages.js';
import { SERIES_COLUMNS } from '../../src/core/live/messages.js';
import { START } from './clock.js';
import { liveEnd, liveFailure, liveGroup, liveRow, liveSnapshot, liveState } from './live-messages.js';
import { runInfo, summary } from './samples.js';

const GROUPS: readonly LiveGroup[] = [
  liveGroup(1, 9, {
    label: 'http 422',
    message: 'Unprocessable Entity',
    words: 'priority must be one of low, normal, high',
    examples: ['CASE-0181', 'CASE-0207', 'CASE-0398'],
  }),
  liveGroup(2, 3, {
    label: 'timeout',
    message: 'no answer within 5s, 3 attempts',
    retryable: 3,
    examples: ['CASE-0240', 'CASE-0991', 'CASE-1730'],
  }),
  liveGroup(3, 2, {
    status: 'invalid',
    label: 'no id',
    message: 'id is missing; expected a non-empty string or an integer',
    examples: ['cases.ndjson:77', 'cases.ndjson:1203'],
  }),
];

/** What is known of a group at the end only. */
const HINTS: Readonly<Record<number, Pick<LiveGroup, 'hint'>>> = {
  1: { hint: 'the endpoint refuses these cases: fix them in the file, a retry will not help' },
  2: { hint: 'slowest success took 4.6s: try --timeout 10s' },
};

const FAILURES: readonly LiveFailure[] = [
  liveFailure(181, { label: 'http 422', message: 'priority must be one of low, normal, high', attempts: 1 }),
  liveFailure(240, { label: 'timeout', message: 'no answer within 5s', atMs: START + 9200 }),
  liveFailure(0, {
    caseId: null,
    status: 'invalid',
    label: 'no id',
    message: 'cases.ndjson:77: id is missing; expected a non-empty string or an integer',
    attempts: 0,
    atMs: START + 12_400,
  }),
  liveFailure(991, { label: 'timeout', message: 'no answer within 5s', atMs: START + 21_700 }),
];

function rows(count: number): LiveRow[] {
  return Array.from({ length: count }, (_, at) => {
    if (at >= 24 && at < 30) return liveRow(0, 0, at === 24 ? 20 : 0, at === 24 ? 0.4 : 1);
    return liveRow(60 + Math.round(20 * Math.sin(at / 3)), at % 9 === 4 ? 3 : 0, at % 5 === 2 ? 8 : 1);
  });
}

const RUN = runInfo({ id: '0199f3c2-7d1e-7c11-9d27-2f1b7f0a4d31' });

function moment(count: number, elapsedMs: number, more: Partial<LiveSnapshot>): LiveSnapshot {
  const series = { stepMs: 1000, columns: SERIES_COLUMNS, rows: rows(count) };
  return liveSnapshot({ run: RUN, series, state: liveState({ elapsedMs, total: 2963 }), ...more });
}

const MIDDLE = {
  done: 1842,
  total: 2963,
  enriched: 1828,
  failed: 12,
  invalid: 2,
  verdict: 'failing',
  limit: 50,
  retries: 37,
  p50Ms: 84,
  p99Ms: 610,
} as const;

export const STORY: Readonly<Record<'start' | 'middle' | 'outage' | 'end', readonly LiveMessage[]>> = {
  start: [
    moment(3, 2400, {
      state: liveState({
        elapsedMs: 2400,
        done: 151,
        total: 2963,
        enriched: 151,
        inFlight: 48,
        recentRate: 63.2,
        leftMs: 44_500,
        p50Ms: 82.4,
        p99Ms: 312,
      }),
    }),
  ],
  middle: [
    moment(28, 27_300, {
      state: liveState({
        ...MIDDLE,
        elapsedMs: 27_300,
        recentRate: 58.1,
        leftMs: 19_300,
        pause: { for: '429', asked: true, leftMs: 9000 },
      }),
      groups: GROUPS,
      failures: FAILURES,
    }),
  ],
  outage: [
    moment(140, 139_600, {
      state: liveState({
        ...MIDDLE,
        elapsedMs: 139_600,
        inFlight: 1,
        outage: { sinceMs: START + 110_000, nextTryMs: 5000, tries: 4, for: 'connection refused' },
      }),
      series: {
        stepMs: 1000,
        columns: SERIES_COLUMNS,
        rows: [...rows(110), ...Array.from({ length: 30 }, () => liveRow(0, 0, 0, 1))],
      },
      groups: GROUPS,
      failures: FAILURES,
    }),
  ],
  end: [
    moment(48, 47_800, { groups: GROUPS, failures: FAILURES, seq: 8 }),
    liveEnd({
      run: { ...RUN, durationMs: 47_800, finishedAt: new Date(START + 47_800).toISOString() },
      exitCode: 1,
      verdict: { ok: false, text: '14 of 2,963 cases were not enriched', ended: 'complete' },
      summary: summary({
        total: 2963,
        enriched: 2949,
        failed: 12,
        invalid: 2,
        attempts: 3012,
        retries: 49,
        maxInFlight: 50,
        casesPerSecond: 62,
        latencyMs: { min: 12, mean: 100, p50: 84, p90: 210, p99: 610, max: 4600 } as never,
      }),
      groups: GROUPS.map((group) => Object.assign({}, group, HINTS[group.number])),
      thresholds: [{ flag: '--allow-failures 0', measured: '14 of 2,963 (0.5%)', ok: false }],
      next: [
        { command: 'case-tracker enrich cases.ndjson -o run.ndjson --resume', what: 'try the 14 again' },
        { command: 'case-tracker report run.ndjson --format html > run.html', what: 'see it in a browser' },
      ],
    }),
  ],
};
