import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EnrichmentResult, Failure } from '../../../src/core/case.js';
import type { JsonObject } from '../../../src/json/text.js';
import type { SavedFailure } from '../../../src/core/results/run-info.js';
import { placeLine } from '../../../src/core/results/result-text.js';
import { isSavedEnd, isSavedPlace, isSavedResult } from '../../../src/core/results/saved-shape.js';
import { endProblem, placeProblem, RESULT, resultProblem, RUN, SUMMARY } from '../../../src/core/results/shapes.js';
import { enriched, runInfo, saved, summary, unenriched } from '../../helpers/samples.js';

const TRIES = [
  { startMs: 0, durationMs: 5.5, outcome: 'http 503', waitMs: 0 },
  { startMs: 9, durationMs: 8, outcome: 'ok', waitMs: 3.5, waitFor: 'backoff' as const },
];
const FAILURE: Failure = {
  kind: 'timeout',
  message: 'm',
  httpStatus: 503,
  code: 'c',
  phase: 'body',
  retryable: true,
  notRetried: 'budget',
  requestId: 'r',
  body: 'b',
};
const RESULTS: readonly EnrichmentResult[] = [
  enriched('a'),
  enriched('b', { tries: TRIES, shared: true, attempts: 2, httpStatus: 404 }),
  enriched('g', { attempts: 0, skipped: true, refresh: true }),
  enriched('h', { stale: true }),
  unenriched('c'),
  unenriched('d', 'failed', { error: FAILURE, tries: TRIES }),
  unenriched(null, 'invalid', { source: { file: 'f', line: 1 } }),
  unenriched('e', 'invalid', { source: { file: 'f', index: 0 } }),
  unenriched('f', 'cancelled', { poll: 'https://x/jobs/1' }),
];
const END = {
  run: runInfo({ shard: { index: 1, count: 2 }, stoppedBy: 'signal' }),
  summary: summary({
    failuresByKind: { http: 1 },
    waitedMs: { backoff: 3 },
    latencyMs: { p50: 1, p90: 2, p99: 3, max: 4 },
    skipped: 2,
    stale: 1,
    limit: { configured: 5, settled: 5, course: [{ atMs: 0, limit: 4 }] },
    retryAt: '2026-11-22T10:00:00Z',
  }),
};
const ENDS = [{ run: runInfo(), summary: summary() }, END];

describe('the place of a pending case', () => {
  const PLACE = { caseId: 'a', index: 0, at: '2026-11-22T09:30:00.123Z', key: 'k', poll: 'https://x/jobs/1' };
  const LINE: Record<string, unknown> = JSON.parse(placeLine(PLACE)) as Record<string, unknown>;

  test('is a line of its own, and no result', () => {
    expect([isSavedPlace(LINE), placeProblem(LINE), isSavedResult(LINE)]).toEqual([true, undefined, false]);
    const { key: _, ...without } = LINE;
    expect([isSavedPlace(without), placeProblem(without)]).toEqual([true, undefined]);
  });

  test.each([{ poll: undefined }, { poll: 7 }, { caseId: null }, { index: -1 }, { at: 'today' }, { key: 1 }])(
    'is none with %j',
    (other) => {
      const line = { ...LINE, ...other };
      expect([isSavedPlace(line), placeProblem(line) === undefined]).toEqual([false, false]);
    },
  );
});

describe('what this version writes', () => {
  test.each(RESULTS)('is a result: $status $caseId', (result) => {
    const line = saved(result);
    expect([isSavedResult({ ...line }), resultProblem(line)]).toEqual([true, undefined]);
  });

  test.each(ENDS)('is the end of a run: %#', (end) => {
    expect([isSavedEnd({ ...end }), isSavedResult({ ...end }), endProblem(end)]).toEqual([true, false, undefined]);
  });

  test('is within the shape by its types too', () => {
    const failure: SavedFailure = FAILURE;
    expect(failure).toBe(FAILURE);
  });
});

test('what a newer version adds is kept: members, kinds, reasons, phases', () => {
  const newer = { ...saved(unenriched('a')), stale: true, poll: 'http://h/1' };
  const error = { ...FAILURE, kind: 'quota', phase: 'poll', notRetried: 'outage', more: {} };
  expect(isSavedResult({ ...newer, error, tries: [{ ...TRIES[1], waitFor: 'quota', more: 1 }] })).toBe(true);
  const run = { ...END.run, stoppedBy: 'quota', more: [] };
  const counts = { ...END.summary, failuresByKind: { quota: 1, constructor: 2 }, waitedMs: { quota: 1 }, quotas: {} };
  expect(isSavedEnd({ run, summary: counts })).toBe(true);
});

const good = saved(enriched('a'));
const bad = saved(unenriched('b'));

describe('what is wrong with a result is named', () => {
  test.each([
    [{ ...good, caseId: 7 }, 'caseId: Invalid input: expected string, received number'],
    [{ ...good, caseId: null }, 'caseId: null, and the status is not invalid'],
    [{ id: 'a' }, 'no caseId'],
    [{ ...good, status: 'done' }, 'status: no status that is known'],
    [{ ...good, attempts: undefined }, 'no attempts'],
    [{ ...good, durationMs: 1e300 }, 'durationMs: Too big'],
    [{ ...good, at: 'yesterday' }, 'at: not a date and time'],
    [{ ...good, at: '9999-01-01T00:00:00Z' }, 'at: not a date and time'],
    [{ ...good, key: 1 }, 'key: Invalid input'],
    [{ ...good, enrichedCase: null }, 'enrichedCase: null, and the status is enriched'],
    [{ ...bad, error: {} }, 'no error.kind'],
    [{ ...bad, error: null }, 'error: null, and the status is not enriched'],
    [{ ...bad, error: { ...FAILURE, code: 7 } }, 'error.code: Invalid input: expected string, received number'],
    [{ ...bad, error: { ...FAILURE, kind: 'Two words' } }, 'error.kind: not a word'],
    [{ ...good, source: 'cases.json' }, 'source: Invalid input'],
    [{ ...good, tries: [{}] }, 'no tries[0].startMs'],
  ])('%#: %s', (result, problem) => {
    expect(isSavedResult({ ...result })).toBe(false);
    expect(resultProblem(result)).toMatch(new RegExp(`^${problem.replace(/[[\]]/g, '\\$&')}`));
  });
});

describe('what is wrong with the end of a run is named', () => {
  test.each([
    [{ ...END, run: { ...END.run, limits: {} } }, 'no run.limits.limit'],
    [{ ...END, run: { ...END.run, finishedAt: 'later' } }, 'run.finishedAt: not a date'],
    [{ ...END, run: { ...END.run, shard: { index: 1, count: 1e12 } } }, 'run.shard.count: Too big'],
    [{ ...END, summary: {} }, 'no summary.total'],
    [{ ...END, summary: { ...END.summary, waitedMs: { pause: 'x' } } }, 'summary.waitedMs.pause: Invalid'],
    [{ run: END.run }, 'no summary'],
  ])('%#: %s', (end, problem) => {
    expect(isSavedEnd({ ...end })).toBe(false);
    expect(endProblem(end)).toMatch(new RegExp(`^${problem}`));
  });

  test('but not of one with a caseId: that is meant as a result', () => {
    expect(isSavedEnd({ ...END, caseId: 'a' })).toBe(false);
  });
});

describe('the guards, written by hand for speed, agree with the schemas', () => {
  const NUMBERS = [-1, -0, 0, 1, 1.5, 99, 100, 1e4, 10_001, 1e6, 1_000_001, 1e12, 1e15, 2e15, 2 ** 53, 1e300, Infinity];
  const TIMES = ['2026-11-22', '2026-11-22T09:30:00Z', '2026-13-22T09:30:00Z', '2026-11-22T09:30:00.5+02:00'];
  const TEXTS = ['', 'x', 'http', 'constructor', '__proto__', 'Two words', 'w'.repeat(41), 'enriched', 'invalid'];
  const EDGES = ['1969-01-01T00:00:00Z', '2200-01-01T00:00:00Z'];
  const VALUES = [null, true, false, [], {}, [{}], ...NUMBERS, ...TIMES, ...TEXTS, ...EDGES];
  const NAMES = ['waitFor', 'stoppedBy', 'code', 'line', 'retryAt', '__proto__', 'constructor', 'new', 'Two words'];
  const originals: readonly unknown[] = [...RESULTS.map(saved), ...ENDS];
  const steps = fc.array(
    fc.record({
      walk: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
      change: fc.constantFrom('set', 'delete', 'add'),
      value: fc.constantFrom(...VALUES),
      name: fc.constantFrom(...NAMES),
    }),
    { minLength: 1, maxLength: 3 },
  );

  test('about any line that is damaged in up to three places', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...originals), steps, (original, changes) => {
        const value = JSON.parse(JSON.stringify(original)) as JsonObject;
        for (const change of changes) damage(value, change);
        const [isResult, isEnd] = [isSavedResult(value), isSavedEnd(value)];
        refused += isResult || isEnd ? 0 : 1;
        expect(isResult).toBe(RESULT.safeParse(value).success);
        const { run, summary: counts } = value;
        const fits = RUN.safeParse(run).success && SUMMARY.safeParse(counts).success;
        expect(isEnd).toBe(fits && !('caseId' in value));
      }),
      { seed: 1, numRuns: 20_000 },
    );
    expect(refused).toBeGreaterThan(5_000);
    expect(refused).toBeLessThan(18_000);
  });

  interface Change {
    readonly walk: readonly number[];
    readonly change: 'set' | 'delete' | 'add';
    readonly value: unknown;
    readonly name: string;
  }

  /** Walks down from member to member as the numbers say and changes the last one. */
  function damage(root: JsonObject, { walk, change, value, name }: Change): void {
    let at = root as Record<string, unknown>;
    for (const step of walk.slice(0, -1)) {
      const below = Object.values(at).filter((one) => typeof one === 'object' && one !== null);
      if (below.length === 0) break;
      at = below[step % below.length] as Record<string, unknown>;
    }
    const names = Object.keys(at);
    const chosen = change === 'add' ? name : names[(walk.at(-1) ?? 0) % names.length];
    if (chosen === undefined || (change === 'add' && Array.isArray(at))) return;
    // Not by assignment, which would change the prototype.
    if (change === 'delete' && Array.isArray(at)) at.splice(Number(chosen), 1);
    else if (change === 'delete') delete at[chosen];
    else
      Object.defineProperty(at, chosen, {
        value: structuredClone(value),
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
});
