import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Behaviour,
  type Call,
  http,
  mostStartsWithin,
  network,
  OK,
  type Overrides,
  simulate,
} from '../../helpers/simulation.js';

const dead: Behaviour = () => ({ afterMs: 5, answer: http(503) });
const NEVER_STOP = { stop: { maxFailures: 'none' } } as const;

/** Fails a share of the calls at random. */
function flaky(share: number): Behaviour {
  return (_, random) => ({ afterMs: 20, answer: random() < share ? http(503) : OK });
}

/** Answers so many calls a second and 429 beyond, with Retry-After until the next second begins. */
function quota(perSecond: number, options: { tellsWhen: boolean } = { tellsWhen: true }): Behaviour {
  let second = -1;
  let used = 0;
  return ({ at }) => {
    if (Math.floor(at / 1_000) !== second) used = 0;
    second = Math.floor(at / 1_000);
    if (used++ < perSecond) return { afterMs: 20, answer: OK };
    return { afterMs: 5, answer: options.tellsWhen ? http(429, (second + 1) * 1_000 - at) : http(429) };
  };
}

describe('the retry budget', () => {
  test('a dead endpoint sees at most 1.21 calls a case', async () => {
    const { endpoint, pipeline } = await simulate({ cases: 10_000, behave: dead, options: NEVER_STOP });
    expect(endpoint.calls.length).toBeLessThanOrEqual(12_100);
    expect(endpoint.calls.length).toBeGreaterThan(11_900);
    expect(pipeline.figures.retriesDenied).toBeGreaterThan(7_000);
  });

  test('a case without a retry because of it says so', async () => {
    const { results } = await simulate({ cases: 200, behave: dead, options: NEVER_STOP });
    const denied = results.filter((result) => result.error?.notRetried === 'budget');
    expect(denied.length).toBeGreaterThan(100);
    expect(denied[0]).toMatchObject({ status: 'failed', error: { kind: 'http', httpStatus: 503, retryable: true } });
  });

  test.each([
    [0.2, 0.01],
    [0.3, 0.03],
  ])('with %d of the calls failing at random at most %d of the cases are lost', async (share, lost) => {
    const { counts } = await simulate({ cases: 10_000, behave: flaky(share), options: NEVER_STOP, seed: 3 });
    expect((counts['failed'] ?? 0) / 10_000).toBeLessThanOrEqual(lost);
    expect((counts['enriched'] ?? 0) + (counts['failed'] ?? 0)).toBe(10_000);
  });

  test('calls ≤ 1.21 × cases + 10 when everything fails, whatever the settings', async () => {
    const scenario = fc.record({
      count: fc.integer({ min: 1, max: 400 }),
      limit: fc.integer({ min: 1, max: 60 }),
      retries: fc.integer({ min: 0, max: 10 }),
      answer: fc.constantFrom(http(500), http(503), network('ECONNREFUSED'), network('ECONNRESET')),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ count, limit, retries, answer }) => {
        const behave: Behaviour = () => ({ afterMs: 3, answer });
        const options = { ...NEVER_STOP, throttle: { limit }, rules: { retries } };
        const { endpoint } = await simulate({ cases: count, behave, options });
        expect(endpoint.calls.length).toBeLessThanOrEqual(1.21 * count + 10);
      }),
      { seed: 11, numRuns: 60 },
    );
  });
});

describe("the endpoint's pause", () => {
  const behaveOnce =
    (answer: ReturnType<typeof http>): Behaviour =>
    (call) => ({ afterMs: 10, answer: call.id === 'c20' && call.attempt === 1 ? answer : OK });

  test.each([
    ['429 with Retry-After', http(429, 5_000), 5_000, 'retry-after'],
    ['503 with Retry-After', http(503, 5_000), 5_000, 'retry-after'],
    ['403 with Retry-After', http(403, 5_000), 5_000, 'retry-after'],
    ['429 without a header', http(429), 500, 'pause'],
  ])('%s stops every new call and costs no retry', async (_, answer, atLeastMs, waitFor) => {
    const { endpoint, counts, results, pipeline } = await simulate({
      cases: 200,
      behave: behaveOnce(answer),
      options: { rules: { retries: 0 } },
    });
    expect(counts).toEqual({ enriched: 200 });
    const saidAt = (endpoint.calls.find((call) => call.id === 'c20')?.at ?? 0) + 10;
    expect(endpoint.calls.filter((call) => call.at > saidAt && call.at < saidAt + atLeastMs)).toEqual([]);
    expect(pipeline.figures).toMatchObject({ retries: 0, attempts: 201, pauses: { count: 1 } });
    expect(results.find((result) => result.caseId === 'c20')?.tries?.[1]).toMatchObject({ waitFor, outcome: 'ok' });
  });

  test('is not asked for by a 503 or 403 without Retry-After', async () => {
    const { pipeline, results } = await simulate({ cases: 30, behave: behaveOnce(http(403)) });
    expect(pipeline.figures.pauses.count).toBe(0);
    expect(results.find((result) => result.caseId === 'c20')?.status).toBe('failed');
  });

  test('releases one call first, then doubles with every round trip', async () => {
    const { endpoint } = await simulate({
      cases: 400,
      behave: behaveOnce(http(429, 3_000)),
      options: { throttle: { limit: 32 } },
    });
    const after = endpoint.calls.filter((call) => call.at >= 3_000);
    const rounds = new Map<number, number>();
    for (const call of after) rounds.set(call.at, (rounds.get(call.at) ?? 0) + 1);
    expect([...rounds.values()].slice(0, 6)).toEqual([1, 2, 4, 8, 16, 32]);
  });

  test('a burst of 429 without a header counts once', async () => {
    const { pipeline, clock } = await simulate({
      cases: 50,
      behave: (call) => ({ afterMs: 10, answer: call.attempt === 1 && call.at === 0 ? http(429) : OK }),
      options: { throttle: { limit: 50 } },
    });
    expect(pipeline.figures.pauses.count).toBe(1);
    expect(clock.now()).toBeLessThan(1_300);
  });

  test('time in the pause is not charged to the deadline', async () => {
    const { counts } = await simulate({
      cases: 20,
      behave: (call) => ({ afterMs: 10, answer: call.attempt <= 3 ? http(429, 20_000) : OK }),
      options: { rules: { deadlineMs: 5_000 } },
    });
    expect(counts).toEqual({ enriched: 20 });
  });

  test('a wait between attempts that runs into a pause is not charged either', async () => {
    const { counts } = await simulate({
      cases: 12,
      behave: (call) => {
        if (call.id === 'c0' && call.attempt === 1) return { afterMs: 5, answer: http(500) };
        return { afterMs: 10, answer: call.id === 'c1' && call.attempt === 1 ? http(429, 30_000) : OK };
      },
      options: { rules: { deadlineMs: 1_000, backoffMs: 300 } },
    });
    expect(counts).toEqual({ enriched: 12 });
  });

  test('no call starts inside a pause, at any quota and limit', async () => {
    const scenario = fc.record({
      perSecond: fc.integer({ min: 1, max: 80 }),
      limit: fc.integer({ min: 1, max: 100 }),
      tellsWhen: fc.boolean(),
      adaptive: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ perSecond, limit, tellsWhen, adaptive }) => {
        const asked: { at: number; until: number }[] = [];
        const behave = quota(perSecond, { tellsWhen });
        const noting: Behaviour = (call, random) => {
          const { afterMs, answer } = behave(call, random);
          if (!answer.ok && answer.askedWaitMs !== undefined) {
            asked.push({ at: call.at + afterMs, until: call.at + afterMs + answer.askedWaitMs });
          }
          return { afterMs, answer };
        };
        const options: Overrides = { throttle: { limit, adaptive }, ...NEVER_STOP };
        const { endpoint, counts } = await simulate({ cases: 150, behave: noting, options });
        expect(counts).toEqual({ enriched: 150 });
        for (const { at, until } of asked) {
          expect(endpoint.calls.filter((call) => call.at > at && call.at < until - 1e-6)).toEqual([]);
        }
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test('2,000 cases against a quota of 50 a second are all enriched in little more than the ideal time', async () => {
    const { counts, clock, endpoint } = await simulate({
      cases: 2_000,
      behave: quota(50),
      options: { throttle: { limit: 20 }, rules: { deadlineMs: 300_000 } },
    });
    expect(counts).toEqual({ enriched: 2_000 });
    expect(clock.now()).toBeLessThan(1.35 * 40_000);
    expect(endpoint.calls.length).toBeLessThan(2_000 * 1.3);
  });

  test('beyond --max-retry-after stops the run and says when to come back', async () => {
    const { pipeline, counts, results } = await simulate({
      cases: 100,
      behave: (call) => ({ afterMs: 10, answer: call.id === 'c15' ? http(429, 86_400_000) : OK }),
      options: { throttle: { limit: 10 } },
    });
    expect(pipeline.stoppedBy).toBe('rate-limited');
    expect(pipeline.figures.retryAt).toBeGreaterThan(Date.parse('2026-11-23T09:29:59Z'));
    expect(results.find((result) => result.caseId === 'c15')).toMatchObject({
      status: 'failed',
      error: { httpStatus: 429, retryable: true },
    });
    expect((counts['enriched'] ?? 0) + (counts['failed'] ?? 0)).toBe(results.length);
  });

  test('15 minutes without one success stop the run; cases never called are cancelled', async () => {
    const { pipeline, clock, results } = await simulate({
      cases: 30,
      behave: () => ({ afterMs: 10, answer: http(429) }),
      options: { rules: { deadlineMs: 1e9 } },
    });
    expect(pipeline.stoppedBy).toBe('rate-limited');
    expect(clock.now()).toBeGreaterThanOrEqual(15 * 60_000);
    expect(clock.now()).toBeLessThan(16 * 60_000);
    for (const result of results) expect(result.status).toBe(result.attempts > 0 ? 'failed' : 'cancelled');
  });

  test('one case that is always told 429 while others succeed fails in the end', async () => {
    const { counts } = await simulate({
      cases: 5,
      behave: (call) => ({ afterMs: 10, answer: call.id === 'c2' ? http(429, 1_000) : OK }),
    });
    expect(counts).toEqual({ enriched: 4, failed: 1 });
  });

  test.each([
    [429, 'enriched', undefined],
    [503, 'failed', 'unsafe'],
    [403, 'failed', 'unsafe'],
  ])('after a %i with Retry-After a POST is %s', async (status, outcome, notRetried) => {
    const { results } = await simulate({
      cases: 1,
      safeToRepeat: false,
      behave: (call) => ({ afterMs: 10, answer: call.attempt === 1 ? http(status, 1_000) : OK }),
    });
    expect(results[0]?.status).toBe(outcome);
    expect(results[0]?.error?.notRetried).toBe(notRetried);
  });
});

describe('waits and deadlines', () => {
  test('a wait that does not fit into the deadline fails the case at once and says why', async () => {
    const { results, clock } = await simulate({
      cases: 1,
      behave: () => ({ afterMs: 9_000, answer: http(500, 120_000) }),
      options: { rules: { timeoutMs: 10_000 } },
    });
    expect(clock.now()).toBe(9_000);
    expect(results[0]?.error).toMatchObject({ notRetried: 'deadline', httpStatus: 500 });
    expect(results[0]?.error?.message).toBe('status 500: asked to wait 120s, the deadline leaves 21s');
  });

  test('the last attempt gets only what the deadline leaves', async () => {
    const { results, clock } = await simulate({
      cases: 1,
      behave: () => ({ afterMs: 1e6, answer: OK }),
      options: { rules: { timeoutMs: 5_000, deadlineMs: 7_000, backoffMs: 0 } },
    });
    expect(clock.now()).toBe(7_000);
    expect(results[0]?.error).toMatchObject({ kind: 'timeout', phase: 'deadline' });
    expect(results[0]?.attempts).toBe(2);
  });

  test('Retry-After on an answer that is retried is never undercut', async () => {
    const { endpoint } = await simulate({
      cases: 1,
      behave: (call) => ({ afterMs: 10, answer: call.attempt === 1 ? http(500, 3_000) : OK }),
    });
    expect(endpoint.calls[1]?.at).toBeGreaterThanOrEqual(3_010);
  });

  test.each([http(404), http(400), http(401), http(501)])('$failure.message is not retried', async (answer) => {
    const { endpoint } = await simulate({ cases: 1, behave: () => ({ afterMs: 1, answer }) });
    expect(endpoint.calls).toHaveLength(1);
  });

  test('an unsafe method is not retried after a failure that may have been processed', async () => {
    const { results } = await simulate({ cases: 1, safeToRepeat: false, behave: dead });
    expect(results[0]).toMatchObject({ attempts: 1, error: { notRetried: 'unsafe', retryable: true } });
  });
});

describe('the rate', () => {
  test('100/s over 1,000 cases: never more than 100 starts in any second', async () => {
    const { endpoint, clock } = await simulate({
      cases: 1_000,
      behave: flaky(0.2),
      options: { throttle: { limit: 50, intervalMs: 10 } },
    });
    expect(mostStartsWithin(endpoint.calls, 1_000)).toBe(100);
    expect(clock.now()).toBeLessThan(endpoint.calls.length * 10 + 2_000);
  });

  test('a retry that it holds up for longer than the backoff says so', async () => {
    const options: Overrides = { throttle: { limit: 50, intervalMs: 1_000 }, ...NEVER_STOP };
    const { results } = await simulate({ cases: 20, behave: flaky(1), options });
    const waits = results.flatMap(({ tries = [] }) => tries.slice(1));
    expect(waits.length).toBeGreaterThan(0);
    for (const { waitFor, waitMs } of waits) expect([waitFor, waitMs > 500]).toEqual(['rate', true]);
  });

  test('is never exceeded in any window, retries included', async () => {
    const scenario = fc.record({
      intervalMs: fc.double({ min: 0.5, max: 300, noNaN: true }),
      limit: fc.integer({ min: 1, max: 40 }),
      share: fc.double({ min: 0, max: 0.6, noNaN: true }),
      windowMs: fc.integer({ min: 10, max: 5_000 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ intervalMs, limit, share, windowMs }) => {
        const options: Overrides = { throttle: { limit, intervalMs }, ...NEVER_STOP };
        const { endpoint } = await simulate({ cases: 80, behave: flaky(share), options });
        expect(mostStartsWithin(endpoint.calls, windowMs - 1e-6)).toBeLessThanOrEqual(Math.ceil(windowMs / intervalMs));
      }),
      { seed: 9, numRuns: 60 },
    );
  });
});

describe('failure policies', () => {
  test('fail-fast cancels the others at the first failure, and the failure is known', async () => {
    const { pipeline, counts, clock } = await simulate({
      cases: 500,
      behave: (call) => (call.id === 'c120' ? { afterMs: 50, answer: http(404) } : { afterMs: 4_000, answer: OK }),
      options: { throttle: { limit: 100 }, stop: { failFast: true } },
    });
    expect(pipeline.stoppedBy).toBe('fail-fast');
    expect(pipeline.firstFailure?.caseId).toBe('c120');
    expect(counts).toEqual({ enriched: 100, failed: 1, cancelled: 99 });
    expect(clock.now()).toBe(4_050);
    expect(pipeline.inFlight).toBe(0);
  });

  test.each(['input', 'completion'] as const)(
    'in %s order the cause comes before the siblings it cancels',
    async (order) => {
      const { results } = await simulate({
        cases: 20,
        behave: (call) => (call.id === 'c7' ? { afterMs: 50, answer: http(404) } : { afterMs: 4_000, answer: OK }),
        options: { throttle: { limit: 10 }, stop: { failFast: true }, order },
      });
      expect(results[0]).toMatchObject({ caseId: 'c7', status: 'failed' });
      expect(results.slice(1).map((result) => result.status)).toEqual(Array.from({ length: 9 }, () => 'cancelled'));
      expect(new Set(results.map((result) => result.index)).size).toBe(10);
    },
  );

  test.each([
    ['5 failures', { count: 5 }, 5],
    ['10 %, from 20 finished on', { percent: 10 }, 4],
  ])('max-failures of %s stops starting cases', async (_, maxFailures, atLeast) => {
    const { pipeline, counts } = await simulate({
      cases: 1_000,
      behave: (call) => ({ afterMs: 10, answer: Number(call.id.slice(1)) % 5 === 4 ? http(404) : OK }),
      options: { throttle: { limit: 2 }, stop: { maxFailures } },
    });
    expect(pipeline.stoppedBy).toBe('max-failures');
    expect(counts['failed']).toBeGreaterThanOrEqual(atLeast);
    expect(counts['failed']).toBeLessThanOrEqual(atLeast + 2);
  });

  test.each([401, 403, 407])('the first 10 all %i stop the run', async (status) => {
    const { pipeline, endpoint } = await simulate({
      cases: 1_000,
      behave: () => ({ afterMs: 10, answer: http(status) }),
      options: { throttle: { limit: 5 } },
    });
    expect(pipeline.stoppedBy).toBe('all-failing');
    expect(endpoint.calls.length).toBeLessThanOrEqual(15);
  });

  test('the first 50 all failing the same way stop the run', async () => {
    const { pipeline, counts } = await simulate({
      cases: 1_000,
      behave: () => ({ afterMs: 10, answer: network('ECONNREFUSED') }),
      options: { throttle: { limit: 10 } },
    });
    expect(pipeline.stoppedBy).toBe('all-failing');
    expect(counts['failed']).toBeLessThanOrEqual(60);
  });

  test.each<[string, Behaviour]>([
    ['a success among them', (call: Call) => ({ afterMs: 10, answer: call.id === 'c7' ? OK : http(404) })],
    ['two kinds of failure', (call: Call) => ({ afterMs: 10, answer: call.id === 'c7' ? http(410) : http(404) })],
  ])('%s keeps the run going', async (_, behave) => {
    const { pipeline, results } = await simulate({ cases: 200, behave });
    expect(pipeline.stoppedBy).toBeNull();
    expect(results).toHaveLength(200);
  });

  test('max-failures none goes on regardless', async () => {
    const { pipeline, results } = await simulate({ cases: 200, behave: dead, options: NEVER_STOP });
    expect(pipeline.stoppedBy).toBeNull();
    expect(results).toHaveLength(200);
  });
});

/** Serves so many calls at once; a further one is shed with 503. */
function capacity(atOnce: number, serviceMs: number): Behaviour {
  return (call) => (call.inFlight > atOnce ? { afterMs: 2, answer: http(503) } : { afterMs: serviceMs, answer: OK });
}

/** One queue: the more calls at once, the longer each takes. */
function queueing(atOnce: number, serviceMs: number): Behaviour {
  return (call) => ({ afterMs: serviceMs * Math.max(1, call.inFlight / atOnce), answer: OK });
}

describe('the adaptive limit', () => {
  interface Row {
    readonly name: string;
    readonly behave: Behaviour;
    readonly limit: number;
    readonly cases: number;
    /** Bands. */
    readonly settled: readonly [number, number];
    readonly rejectedShare: number;
  }
  const rows: Row[] = [
    {
      name: 'a healthy endpoint gets the whole limit',
      behave: () => ({ afterMs: 20, answer: OK }),
      limit: 64,
      cases: 4_000,
      settled: [64, 64],
      rejectedShare: 0,
    },
    {
      name: 'an endpoint that sheds above 8 is found out',
      behave: capacity(8, 50),
      limit: 200,
      cases: 4_000,
      settled: [4, 12],
      rejectedShare: 0.08,
    },
    {
      name: 'an endpoint that queues above 16 is not flooded',
      behave: queueing(16, 50),
      limit: 200,
      cases: 4_000,
      settled: [10, 60],
      rejectedShare: 0,
    },
    {
      name: 'fast errors never raise it',
      behave: (_, random) => ({ afterMs: 1, answer: random() < 0.95 ? http(500) : OK }),
      limit: 200,
      cases: 400,
      settled: [1, 16],
      rejectedShare: 1,
    },
  ];
  test.each(rows)('$name', async ({ behave, limit, cases, settled, rejectedShare }) => {
    const options: Overrides = { throttle: { limit, adaptive: true }, ...NEVER_STOP };
    const { pipeline, endpoint } = await simulate({ cases, behave, options });
    const { limit: found } = pipeline.figures;
    expect(found.settled).toBeGreaterThanOrEqual(settled[0]);
    expect(found.settled).toBeLessThanOrEqual(settled[1]);
    const rejected = endpoint.calls.length - cases;
    expect(rejected / endpoint.calls.length).toBeLessThanOrEqual(rejectedShare);
    expect(endpoint.maxInFlight).toBeLessThanOrEqual(limit);
    expect(found.course?.[0]).toEqual({ atMs: 0, limit: 4 });
    expect(found.course?.length).toBeLessThanOrEqual(200);
  });

  test('sheds far less than a fixed limit that is too high, at the throughput of the right one', async () => {
    const run = async (throttle: Overrides['throttle']) => {
      const { clock, endpoint } = await simulate({
        cases: 3_000,
        behave: capacity(8, 50),
        options: { throttle: throttle ?? {}, ...NEVER_STOP },
      });
      return { ms: clock.now(), rejected: endpoint.calls.length - 3_000 };
    };
    const adaptive = await run({ limit: 200, adaptive: true });
    const tooHigh = await run({ limit: 200 });
    const right = await run({ limit: 8 });
    expect(adaptive.rejected).toBeLessThan(tooHigh.rejected / 2);
    expect(adaptive.ms).toBeLessThan(right.ms * 1.6);
  });
});

describe('pauses at the edges', () => {
  test('Retry-After: 0 on a 429 is no licence to hammer', async () => {
    const { endpoint, counts } = await simulate({
      cases: 5,
      behave: (call) => ({ afterMs: 1, answer: call.attempt === 1 ? http(429, 0) : OK }),
    });
    expect(counts).toEqual({ enriched: 5 });
    const second = endpoint.calls.find((call) => call.attempt === 2);
    expect(second?.at).toBeGreaterThanOrEqual(500);
  });

  test('a pause that --max-time does not leave stops the run as rate-limited', async () => {
    const { pipeline, clock } = await simulate({
      cases: 50,
      behave: (call) => ({ afterMs: 1_000, answer: call.id === 'c15' ? http(429, 9_000) : OK }),
      options: { maxTimeMs: 10_000 },
    });
    expect(pipeline.stoppedBy).toBe('rate-limited');
    expect(clock.now()).toBeLessThan(5_000);
  });
});
