import type { Failure, Try } from '../../src/core/case.js';
import { failureLabel } from '../../src/core/results/failure-label.js';
import type { SavedResult } from '../../src/core/results/run-info.js';
import type { ReportView } from '../../src/report/view.js';
import { START } from './clock.js';
import { enriched, failed, invalid } from './saved.js';
import { runInfo, summary } from './samples.js';

const FAILURES: readonly Failure[] = [
  {
    kind: 'http',
    httpStatus: 422,
    message: '422 Unprocessable Entity',
    body: '{"error":"priority must be one of low, normal, high"}',
    retryable: false,
  },
  { kind: 'timeout', phase: 'response', message: 'no answer within 5s (3 attempts)', retryable: true },
  {
    kind: 'http',
    httpStatus: 503,
    message: '503 Service Unavailable, the retry budget is used up',
    notRetried: 'budget',
    body: '<html><body><h1>503 Service Unavailable</h1></body></html>',
    retryable: true,
  },
  { kind: 'network', code: 'ECONNRESET', message: 'the connection was reset (ECONNRESET)', retryable: true },
  { kind: 'response', message: 'the answer is not JSON: it begins with "<!doctype html>"', retryable: false },
];

/** A run of so many cases over `limit` slots with a pause at 40% of it: made up, but the same each time. */
export function simulatedRun(cases: number, limit = 50): { results: SavedResult[]; view: ReportView } {
  const random = seeded(7);
  const slots = Array.from({ length: limit }, (_, slot) => slot * 4);
  const pause = { from: (cases / limit) * 60, ms: (cases / limit) * 20 };
  const results: SavedResult[] = [];
  for (let index = 0; index < cases; index++) {
    const slot = slots.indexOf(Math.min(...slots));
    const result = oneResult(index, slots[slot] ?? 0, random, pause);
    slots[slot] = (slots[slot] ?? 0) + result.durationMs;
    results.push(result);
  }
  return { results, view: viewOfRun(results, Math.max(...slots), limit) };
}

function oneResult(
  index: number,
  nowMs: number,
  random: () => number,
  pause: { from: number; ms: number },
): SavedResult {
  const id = `CASE-${String(index).padStart(4, '0')}`;
  const source = { file: 'cases.ndjson', line: index + 1 };
  const call = (): number =>
    Math.round(45 * Math.exp(1.1 * Math.sqrt(-2 * Math.log(random())) * Math.cos(6.28 * random())) * 10) / 10 + 12;
  const luck = random();
  if (luck < 0.001) return invalid(index, luck < 0.0005 ? 'no id' : 'status must be a string', { source });
  const paused = nowMs >= pause.from && nowMs < pause.from + pause.ms;
  const kind = luck < 0.009 ? FAILURES[Math.floor(random() ** 1.6 * FAILURES.length)] : undefined;
  const tries: Try[] = [
    { startMs: 0, durationMs: kind?.kind === 'timeout' ? 5000 : call(), outcome: 'http 503', waitMs: 0 },
  ];
  const attempts = kind === undefined ? (paused || random() < 0.03 ? 2 : 1) : kind.retryable ? 3 : 1;
  while (tries.length < attempts) {
    const last = tries.at(-1);
    const waitMs = paused ? pause.from + pause.ms - nowMs : Math.round(400 * random());
    const startMs = (last?.startMs ?? 0) + (last?.durationMs ?? 0) + waitMs;
    tries.push({ startMs, durationMs: call(), outcome: 'ok', waitMs, waitFor: paused ? 'pause' : 'backoff' });
  }
  const last = tries.at(-1);
  const durationMs = Math.round(((last?.startMs ?? 0) + (last?.durationMs ?? 0)) * 10) / 10;
  const more = {
    caseId: id,
    attempts,
    durationMs,
    source,
    at: new Date(START + nowMs + durationMs).toISOString(),
    ...(attempts > 1 ? { tries } : {}),
  };
  if (kind === undefined) return enriched(index, more);
  const requestId = `0b7e${String(index).padStart(4, '0')}-5d1c-4c1e-9c1b-2f6f0c9d${String(index * 7)
    .padStart(4, '0')
    .slice(-4)}`;
  return { ...failed(index, {}, more), error: { ...kind, requestId } };
}

function viewOfRun(results: readonly SavedResult[], durationMs: number, limit: number): ReportView {
  const of = (status: string): number => results.filter((result) => result.status === status).length;
  const attempts = results.reduce((sum, result) => sum + result.attempts, 0);
  const times = results.filter(({ status }) => status === 'enriched').map(({ durationMs: ms }) => ms);
  times.sort((a, b) => a - b);
  const at = (q: number): number => times[Math.floor(q * (times.length - 1))] ?? 0;
  const counts = { enriched: of('enriched'), failed: of('failed'), invalid: of('invalid') };
  return {
    run: runInfo({ finishedAt: new Date(START + durationMs).toISOString(), durationMs }),
    summary: summary({
      ...counts,
      total: results.length,
      attempts,
      retries: attempts - counts.enriched - counts.failed,
      retriesDenied: 4,
      latencyMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) },
      maxInFlight: limit,
      limit: { configured: limit, settled: limit },
      waitedMs: { backoff: 18_000, pause: 61_000 },
      casesPerSecond: results.length / (durationMs / 1000),
    }),
    exitCode: counts.failed + counts.invalid > 0 ? 1 : 0,
    commandLine:
      "case-tracker enrich cases.ndjson --endpoint 'https://api.example.com/cases/{id}' --limit 50 -o run.ndjson",
    settings: [
      { name: 'endpoint', value: 'https://api.example.com/cases/{id}', from: 'flag --endpoint' },
      { name: 'limit', value: '50', from: 'flag --limit' },
      { name: 'timeout', value: '5s', from: 'default' },
      { name: 'deadline', value: '30s', from: 'default' },
      { name: 'retries', value: '2', from: 'default' },
      { name: 'header authorization', value: '***', from: 'case-tracker.config.json' },
    ],
    thresholds: [
      { flag: '--allow-failures 0', measured: `${counts.failed + counts.invalid} of ${results.length}`, ok: false },
    ],
    next: [
      { command: 'case-tracker enrich cases.ndjson -o run.ndjson --resume', what: 'try the failed ones again' },
      { command: 'case-tracker validate cases.ndjson', what: 'see every invalid record' },
    ],
    hint: (group) => HINTS[failureLabel(group)],
  };
}

const HINTS: Readonly<Record<string, string>> = {
  'http 422': 'the endpoint refuses these cases: fix them in the file, a retry will not help',
  timeout: 'slowest success took 4.6s: try --timeout 10s',
  'http 503': 'run again later with --resume; only these are called',
};

/** The figures that the tests know are those of this source. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 4294967297;
  };
}
