import { beforeEach, describe, expect, test } from 'vitest';
import type { RunState } from '../../../src/core/results/run-state.js';
import { RunView } from '../../../src/core/live/run-view.js';
import type { Threshold } from '../../../src/core/run/stop-rules.js';
import { timeLeftMs } from '../../../src/core/results/run-state.js';
import { FakeClock } from '../../helpers/clock.js';
import { groupsOf, sampleFailures, sampleProgress, sampleRun, sampleSummary } from '../../helpers/run-view.js';
import { enriched, failed, invalid, unenriched } from '../../helpers/samples.js';

const FAILED_429 = {
  ok: false,
  failure: { kind: 'http', message: '429 Too Many Requests', httpStatus: 429, retryable: true },
} as const;
const CALM: RunState = { ...sampleProgress, failed: 0, invalid: 0 };

let clock: FakeClock;
let state: RunState;

beforeEach(() => {
  clock = new FakeClock();
  state = CALM;
});

function begun(allowed: Threshold = { count: 0 }): RunView {
  const view = new RunView(clock, allowed);
  view.started(sampleRun, () => state);
  return view;
}

test('before the beginning there is nothing to show', () => {
  const view = new RunView(clock, { count: 0 });
  view.attempted({ caseId: 'a', requestId: 'r', attempt: 1, durationMs: 1, outcome: FAILED_429 });
  view.delivered([failed('a', { kind: 'http', message: 'no' })]);
  expect([view.observe(), view.snapshot(), view.takeChange()]).toEqual([null, null, null]);
});

describe('the state', () => {
  test('has the figures of the terminal, and the time left by its rule', () => {
    expect(begun().observe()).toMatchObject({
      done: 1842,
      total: 2963,
      inFlight: 50,
      pending: 0,
      recentRate: 412,
      leftMs: Math.round(timeLeftMs(CALM) ?? 0),
      pause: null,
      outage: null,
    });
  });

  test.each<[string, Partial<RunState>, Threshold, string]>([
    ['without failures', {}, { count: 0 }, 'ok'],
    ['with one', { failed: 1 }, { count: 0 }, 'failing'],
    ['with one invalid record', { invalid: 1 }, { count: 0 }, 'failing'],
    ['with as many as are allowed', { failed: 2, invalid: 1 }, { count: 3 }, 'ok'],
    ['with one more', { failed: 3, invalid: 1 }, { count: 3 }, 'failing'],
    ['within a share of what is done', { enriched: 98, failed: 2 }, { percent: 2 }, 'ok'],
    ['beyond it', { enriched: 97, failed: 3 }, { percent: 2 }, 'failing'],
  ])('%s: the verdict', (_, more, allowed, verdict) => {
    state = { ...CALM, ...more };
    expect(begun(allowed).observe()?.verdict).toBe(verdict);
  });

  test('a run that was stopped is failing, whatever is allowed', () => {
    const view = begun({ percent: 100 });
    view.stopped('request');
    expect(view.observe()?.verdict).toBe('failing');
  });

  test('a pause has its cause', () => {
    const view = begun();
    view.paused({ ms: 9_000, asked: true, outcome: FAILED_429 });
    state = { ...CALM, pauseLeftMs: 9_000 };
    expect(view.observe()?.pause).toEqual({ for: '429', asked: true, leftMs: 9_000 });
    clock.advance(10_000);
    expect(view.observe()?.pause).toEqual({ for: 'another worker', asked: false, leftMs: 9_000 });
  });

  test('an outage has its cause', () => {
    const view = begun();
    const failure = { kind: 'network', code: 'ECONNREFUSED', message: 'cannot connect', retryable: true } as const;
    const event = {
      change: 'began',
      sinceMs: 1,
      ms: 0,
      nextTryMs: 1_000,
      tries: 1,
      outcome: { ok: false, failure },
    } as const;
    view.outage(event);
    state = { ...CALM, outage: { sinceMs: 1, nextTryMs: 999.7, tries: 1 } };
    expect(view.observe()?.outage).toEqual({ sinceMs: 1, nextTryMs: 1_000, tries: 1, for: 'network ECONNREFUSED' });
    clock.advance(1_000);
    view.outage({ ...event, change: 'ended' });
    clock.advance(1_000);
    expect(view.snapshot()?.series.rows.map((row) => row[7])).toEqual([1, 0, 0]);
  });

  test('is not asked for after the run is drained', () => {
    const view = begun();
    view.drained();
    state = { ...CALM, done: 9_999 };
    expect(view.observe()?.done).toBe(1842);
    expect(view.takeChange()?.update.state.done).toBe(1842);
  });
});

describe('failures', () => {
  test('the last 20, oldest first, texts clipped and printable', () => {
    const view = begun();
    view.delivered([enriched('ok'), unenriched('c', 'cancelled'), invalid({ file: 'a.csv', line: 3 }, 'no id')]);
    view.delivered([failed('x\u001b[31m\u202e', { kind: 'http', httpStatus: 500, message: 'm'.repeat(9_000) })]);
    const { failures = [] } = view.snapshot() ?? {};
    expect(failures).toMatchObject([
      { caseId: null, status: 'invalid', label: 'case', message: 'a.csv:3: no id' },
      { caseId: String.raw`x\x1b[31m\u202e`, status: 'failed', label: 'http 500', attempts: 1, atMs: clock.wallNow() },
    ]);
    expect(failures[1]?.message).toHaveLength(400);
    view.delivered(Array.from({ length: 50 }, (_, n) => failed(`F-${n}`, { kind: 'http', message: 'no' })));
    expect(view.snapshot()?.failures.map(({ caseId }) => caseId)).toEqual(
      Array.from({ length: 20 }, (_, n) => `F-${n + 30}`),
    );
  });

  test('are told as new once', () => {
    const view = begun();
    view.delivered([failed('a', { kind: 'http', message: 'no' })]);
    expect(view.takeChange()?.update.failures).toHaveLength(1);
    view.delivered([failed('b', { kind: 'http', message: 'no' }), failed('c', { kind: 'http', message: 'no' })]);
    view.snapshot();
    expect(view.takeChange()?.update.failures.map(({ caseId }) => caseId)).toEqual(['b', 'c']);
    expect(view.takeChange()?.update.failures).toEqual([]);
  });

  test('nothing but text of bounded length leaves, whatever a case is called', () => {
    const view = begun();
    view.delivered([failed('\u0000'.repeat(100_000), { kind: 'http', message: '\u202e'.repeat(100_000) })]);
    expect(JSON.stringify(view.snapshot()).length).toBeLessThan(5_000);
  });
});

describe('groups', () => {
  test('are those of the reports, most cases first, the changed ones in an update', () => {
    const view = begun();
    view.delivered(sampleFailures());
    const expected = groupsOf(sampleFailures()).groups();
    expect(view.snapshot()?.groups.map(({ number, count }) => [number, count])).toEqual(
      expected.map(({ number, count }) => [number, count]),
    );
    expect(view.takeChange()?.update.groups).toHaveLength(expected.length);
    view.delivered([
      failed('more', { kind: 'timeout', phase: 'response', message: 'no answer within 5s, 3 attempts' }),
    ]);
    expect(view.takeChange()?.update.groups).toMatchObject([{ label: 'timeout', count: 4, retryable: 3 }]);
    expect(view.takeChange()?.update.groups).toEqual([]);
  });

  test('at most 20', () => {
    const view = begun();
    const many = Array.from({ length: 60 }, (_, n) =>
      failed(`F-${n}`, { kind: 'http', httpStatus: 400 + n, message: 'x' }),
    );
    view.delivered(many);
    expect(view.snapshot()?.groups).toHaveLength(20);
    expect(view.takeChange()?.update.groups).toHaveLength(20);
  });
});

test('attempts that were the last of their cases count as failed, those of cancelled cases too', () => {
  const view = begun();
  for (const caseId of ['a', 'b', 'c']) {
    view.attempted({ caseId, requestId: 'r', attempt: 1, durationMs: 5, outcome: FAILED_429 });
  }
  view.delivered([failed('a', { kind: 'http', message: 'no' }), unenriched('b', 'cancelled', { attempts: 1 })]);
  expect(view.snapshot()?.series.rows).toEqual([[0, 2, 1, 5, 5, 50, 50, 0]]);
});

test('the end has the hints of the summary and no more than 20 groups', () => {
  const groups = groupsOf(sampleFailures()).groups();
  const verdict = { ok: false, text: '16 of 2,963 cases were not enriched', ended: 'complete' };
  const next = [{ command: 'case-tracker enrich --resume', what: 'go on' }];
  const hint = (): string => 'do this';
  const end = begun().end({ run: sampleRun, summary: sampleSummary, exitCode: 1, groups, next, hint }, verdict);
  expect(end).toMatchObject({ exitCode: 1, verdict, next, thresholds: [], summary: { total: 2963 } });
  expect(end.groups).toHaveLength(groups.length);
  expect(end.groups[0]).toMatchObject({ label: 'http 422', count: 9, hint: 'do this' });
});
