import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/core/case.js';
import { Pipeline } from '../../../src/core/run/pipeline.js';
import { FakeClock } from '../../helpers/clock.js';
import { seededRandom } from '../../helpers/random.js';
import { sourceOf } from '../../helpers/source.js';
import {
  caseEntry,
  cases,
  collect,
  DEFAULTS,
  http,
  invalidEntry,
  network,
  OK,
  simulate,
  SimulatedEndpoint,
} from '../../helpers/simulation.js';

const fast = () => ({ afterMs: 10, answer: OK });

describe('the concurrency limit', () => {
  test.each([1, 3, 50])('%i calls in flight are the most at once, and are reached', async (limit) => {
    const { endpoint, counts, pipeline } = await simulate({
      cases: 500,
      behave: fast,
      options: { throttle: { limit } },
    });
    expect(counts).toEqual({ enriched: 500 });
    expect(endpoint.maxInFlight).toBe(limit);
    expect(pipeline.figures.maxInFlight).toBe(limit);
  });

  test('a case that waits for its retry holds no slot', async () => {
    const { endpoint, clock } = await simulate({
      cases: 2,
      behave: (call) => ({ afterMs: 10, answer: call.id === 'c0' && call.attempt === 1 ? http(500) : OK }),
      options: { throttle: { limit: 1 }, rules: { backoffMs: 100_000, maxBackoffMs: 100_000, deadlineMs: 1e9 } },
    });
    expect(endpoint.calls.map((call) => call.id)).toEqual(['c0', 'c1', 'c0']);
    expect(clock.now()).toBeGreaterThan(1_000);
  });

  test('cases begun and not delivered stay within 2 × limit + 100 when nobody takes the results', async () => {
    const clock = new FakeClock();
    const endpoint = new SimulatedEndpoint(clock, fast);
    const options = { ...DEFAULTS, throttle: { ...DEFAULTS.throttle, limit: 5 } };
    const results = new Pipeline(sourceOf(cases(2_000)), endpoint, options, { clock, random: () => 0.5 })[
      Symbol.asyncIterator
    ]();
    await clock.run(results.next());
    await clock.run(clock.sleep(60_000));
    expect(endpoint.calls.length).toBeGreaterThan(5);
    expect(endpoint.calls.length).toBeLessThanOrEqual(110 + 5);
    await clock.run(results.return());
  });
});

test('a source that fails while entries are in hand: they are still called, and the run says why it ended', async () => {
  async function* broken(): AsyncGenerator<Entry[]> {
    yield Array.from({ length: 8 }, (_, index) => caseEntry(index));
    await Promise.resolve();
    throw new Error('the connection is lost');
  }
  const { counts, pipeline } = await simulate({ source: broken(), behave: fast, options: { throttle: { limit: 2 } } });
  expect(counts).toEqual({ enriched: 8 });
  expect(pipeline.stoppedBy).toBe('input');
  expect(pipeline.inputError).toEqual(new Error('the connection is lost'));
});

test('while calls are paused none begins, not even a retry; afterwards all go on', async () => {
  const clock = new FakeClock();
  const endpoint = new SimulatedEndpoint(clock, (call) => ({
    afterMs: 10,
    answer: call.attempt === 1 ? http(500) : OK,
  }));
  const options = { ...DEFAULTS, throttle: { ...DEFAULTS.throttle, limit: 3 } };
  const pipeline = new Pipeline(sourceOf(cases(20)), endpoint, options, { clock, random: () => 0.5 });
  const results = collect(pipeline);
  await clock.run(clock.sleep(5));
  pipeline.pauseCalls(true);
  const begun = endpoint.calls.length;
  await clock.run(clock.sleep(10_000));
  expect(endpoint.calls.length).toBe(begun);
  pipeline.pauseCalls(false);
  const { length } = await clock.run(results);
  expect(length).toBe(20);
});

test('with slots held, calls that are not written down are never more than the limit, however long writing takes', async () => {
  const clock = new FakeClock();
  const endpoint = new SimulatedEndpoint(clock, (_, random) => ({
    afterMs: 10 * Math.ceil(3 * random()),
    answer: random() < 0.2 ? http(422) : OK,
  }));
  const throttle = { ...DEFAULTS.throttle, limit: 5 };
  const pipeline = new Pipeline(
    sourceOf(cases(200)),
    endpoint,
    { ...DEFAULTS, throttle, holdSlots: true },
    { clock, random: seededRandom(1) },
  );
  let written = 0;
  const most: number[] = [];
  const write = async (): Promise<void> => {
    for await (const results of pipeline) {
      await clock.sleep(15);
      most.push(new Set(endpoint.calls.map(({ id }) => id)).size - written);
      written += results.length;
    }
  };
  await clock.run(write());
  expect(written).toBe(200);
  expect(Math.max(...most)).toBe(5);
});

describe('the order of results', () => {
  const slowFirst = (call: { id: string }) => ({ afterMs: call.id === 'c0' ? 500 : 10, answer: OK });

  test('input order holds results back until the earlier ones are there', async () => {
    const { results } = await simulate({ cases: 50, behave: slowFirst, options: { order: 'input' } });
    expect(results.map((result) => result.index)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  test('completion order lets the fast ones go first', async () => {
    const { results } = await simulate({ cases: 50, behave: slowFirst, options: { order: 'completion' } });
    expect(results.at(-1)?.index).toBe(0);
  });

  test('an input order window that is full begins no new case', async () => {
    const { endpoint, counts } = await simulate({
      cases: 12_000,
      behave: (call) => ({ afterMs: call.id === 'c0' ? 4_000 : 0, answer: OK }),
      options: { order: 'input', throttle: { limit: 100 } },
    });
    expect(counts).toEqual({ enriched: 12_000 });
    expect(endpoint.calls.filter((call) => call.at < 4_000).length).toBeLessThanOrEqual(10_000 + 100);
  });
});

describe('a result', () => {
  test('has the case as it was, the enrichment, and the facts of the run', async () => {
    const { results } = await simulate({ cases: 1, behave: fast });
    expect(results[0]).toMatchObject({
      caseId: 'c0',
      status: 'enriched',
      index: 0,
      attempts: 1,
      durationMs: 10,
      error: null,
    });
    expect(results[0]?.enrichedCase?.text).toBe('{"id":"c0","enrichment":{"risk":1}}');
    expect(results[0]?.at).toBe('2026-11-22T09:30:00.010Z');
    expect(results[0]?.tries).toBeUndefined();
  });

  test('tells every attempt when there were several', async () => {
    const { results } = await simulate({
      cases: 1,
      behave: (call) => ({ afterMs: 10, answer: call.attempt === 1 ? http(503) : OK }),
    });
    expect(results[0]).toMatchObject({
      attempts: 2,
      tries: [
        { startMs: 0, durationMs: 10, outcome: 'http 503', waitMs: 0 },
        { outcome: 'ok', waitFor: 'backoff' },
      ],
    });
  });

  test('of an invalid record needs no slot and no call', async () => {
    const source = (async function* () {
      yield [caseEntry(0), invalidEntry(1), caseEntry(2)];
    })();
    const { counts, endpoint, results } = await simulate({ source, behave: fast });
    expect(counts).toEqual({ enriched: 2, invalid: 1 });
    expect(endpoint.calls).toHaveLength(2);
    expect(results.find((result) => result.status === 'invalid')).toMatchObject({
      caseId: null,
      error: { kind: 'case', message: 'no id', retryable: false },
      source: { file: 'cases.ndjson', line: 2 },
      attempts: 0,
    });
  });
});

describe('a client that misbehaves', () => {
  const run = async (enrich: () => Promise<never>) => {
    const clock = new FakeClock();
    const pipeline = new Pipeline(sourceOf(cases(2)), { enrich }, DEFAULTS, { clock, random: () => 0.5 });
    return { results: await clock.run(collect(pipeline)), clock };
  };

  test('by rejecting gets a failed result that says so', async () => {
    const { results } = await run(() => Promise.reject(new Error('boom')));
    expect(results.map((result) => result.error)).toMatchObject([
      { kind: 'response', message: 'the client failed: boom' },
      { kind: 'response', message: 'the client failed: boom' },
    ]);
  });

  test('by never answering is given up after the attempt timeout', async () => {
    const { results, clock } = await run(() => new Promise(() => {}));
    expect(results.map((result) => result.error?.kind)).toEqual(['timeout', 'timeout']);
    expect(clock.timers).toBe(0);
  });
});

describe('stopping', () => {
  const slow = () => ({ afterMs: 1_000, answer: OK });

  test('softly lets the calls in flight end and begins no other', async () => {
    const { counts, endpoint, pipeline } = await simulate({
      cases: 100,
      behave: slow,
      plan: (run, clock) => void clock.setTimer(1_500, () => run.stop('signal')),
    });
    expect(counts).toEqual({ enriched: 20 });
    expect(endpoint.calls).toHaveLength(20);
    expect(pipeline.stoppedBy).toBe('signal');
    expect(pipeline.complete).toBe(false);
  });

  test('softly ends waits as cancelled, with what the last attempt said', async () => {
    const { results, clock } = await simulate({
      cases: 1,
      behave: () => ({ afterMs: 10, answer: http(503) }),
      options: { rules: { backoffMs: 1e7, maxBackoffMs: 1e7, deadlineMs: 1e9 } },
      plan: (run, clockOfRun) => void clockOfRun.setTimer(100, () => run.stop('signal')),
    });
    expect(clock.now()).toBe(100);
    expect(results[0]).toMatchObject({
      status: 'cancelled',
      attempts: 1,
      error: { kind: 'cancelled', httpStatus: 503, retryable: true },
    });
    expect(results[0]?.error?.message).toContain('status 503');
  });

  test('hard cancels the calls in flight at once', async () => {
    const { counts, clock, pipeline } = await simulate({
      cases: 100,
      behave: () => ({ afterMs: 4_000, answer: OK }),
      plan: (run, clockOfRun) => void clockOfRun.setTimer(1_500, () => run.cancel('signal')),
    });
    expect(counts).toEqual({ cancelled: 10 });
    expect(pipeline.inFlight).toBe(0);
    expect(clock.now()).toBe(1_500);
  });

  test('by max-time cancels what is in flight then', async () => {
    const { counts, pipeline } = await simulate({ cases: 100, behave: slow, options: { maxTimeMs: 2_500 } });
    expect(counts).toEqual({ enriched: 20, cancelled: 10 });
    expect(pipeline.stoppedBy).toBe('max-time');
  });

  test('by an input that fails brings the cases before it to their end', async () => {
    const source = (async function* (): AsyncGenerator<Entry[]> {
      yield [caseEntry(0), caseEntry(1)];
      throw new Error('cut off');
    })();
    const { counts, pipeline } = await simulate({
      source,
      behave: (call) => ({ afterMs: 10, answer: call.attempt === 1 ? http(500) : OK }),
    });
    expect(counts).toEqual({ enriched: 2 });
    expect(pipeline.stoppedBy).toBe('input');
    expect(pipeline.complete).toBe(false);
    expect(pipeline.inputError).toEqual(new Error('cut off'));
  });

  test('by an input that fails while many of its cases are still in hand brings every one of them to its end', async () => {
    const many = Array.from({ length: 70 }, (_, at) => caseEntry(at));
    const source = (async function* (): AsyncGenerator<Entry[]> {
      yield many;
      throw new Error('cut off');
    })();
    const { counts, pipeline } = await simulate({ source, behave: fast, options: { throttle: { limit: 10 } } });
    expect(counts).toEqual({ enriched: 70 });
    expect(pipeline.stoppedBy).toBe('input');
    expect(pipeline.inputError).toEqual(new Error('cut off'));
  });

  test('closes the source', async () => {
    let closed = false;
    const source = (async function* (): AsyncGenerator<Entry[]> {
      try {
        for await (const batch of cases(1_000, 10)) yield batch;
      } finally {
        closed = true;
      }
    })();
    await simulate({
      source,
      behave: slow,
      plan: (run, clock) => void clock.setTimer(1_500, () => run.stop('signal')),
    });
    expect(closed).toBe(true);
  });
});

test('every entry that was pulled has exactly one result, under any mix of faults, waits and stops', async () => {
  const answers = [OK, http(404), http(500), http(503, 700), http(429), http(429, 300), network('ECONNRESET')];
  const scenario = fc.record({
    count: fc.integer({ min: 0, max: 60 }),
    batch: fc.integer({ min: 1, max: 30 }),
    limit: fc.integer({ min: 1, max: 20 }),
    faults: fc.array(fc.record({ answer: fc.nat(answers.length - 1), afterMs: fc.nat(7_000) }), {
      minLength: 1,
      maxLength: 20,
    }),
    stopAt: fc.option(fc.nat(20_000)),
    hard: fc.boolean(),
    order: fc.constantFrom('input' as const, 'completion' as const),
    adaptive: fc.boolean(),
    rate: fc.constantFrom(0, 5, 200),
    failFast: fc.boolean(),
    invalidEvery: fc.integer({ min: 2, max: 9 }),
    safe: fc.boolean(),
    failsAtEnd: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async (s) => {
      const source = (async function* (): AsyncGenerator<Entry[]> {
        for (let at = 0; at < s.count; at += s.batch) {
          const size = Math.min(s.batch, s.count - at);
          yield Array.from({ length: size }, (_, offset) => {
            const index = at + offset;
            return index % s.invalidEvery === 1 ? invalidEntry(index) : caseEntry(index);
          });
        }
        if (s.failsAtEnd) throw new Error('cut off');
      })();
      let calls = 0;
      const { results, pipeline, clock } = await simulate({
        source,
        safeToRepeat: s.safe,
        behave: () => {
          const fault = s.faults[calls++ % s.faults.length];
          return { afterMs: fault?.afterMs ?? 0, answer: answers[fault?.answer ?? 0] ?? OK };
        },
        options: {
          order: s.order,
          throttle: { limit: s.limit, adaptive: s.adaptive, intervalMs: s.rate },
          stop: { failFast: s.failFast },
        },
        plan: (run, planned) => {
          if (s.stopAt !== null) planned.setTimer(s.stopAt, () => (s.hard ? run.cancel('signal') : run.stop('signal')));
        },
      });
      const indexes = results.map((result) => result.index);
      expect(new Set(indexes).size).toBe(indexes.length);
      if (pipeline.complete) expect(indexes.length).toBe(s.count);
      if (s.order === 'input' && !s.failFast) expect(indexes).toEqual(indexes.toSorted((a, b) => a - b));
      expect(indexes.toSorted((a, b) => a - b)).toEqual(Array.from({ length: indexes.length }, (_, index) => index));
      expect(pipeline.inFlight).toBe(0);
      expect(clock.now()).toBeLessThan(2e6);
    }),
    { seed: 7, numRuns: 300 },
  );
});
