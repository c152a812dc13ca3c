import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Behaviour, http, NEVER_STOP, OK, type Overrides, simulate } from '../../helpers/simulation.js';

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

describe('pauses at the edges', () => {
  test.each([0, 1, 100, 499])(
    'an endpoint that always says 429 with a Retry-After of %i ms is not hammered',
    async (ms) => {
      const { endpoint, clock } = await simulate({
        cases: 5,
        behave: () => ({ afterMs: 1, answer: http(429, ms) }),
        options: { maxTimeMs: 60_000 },
      });
      expect(clock.now()).toBeGreaterThanOrEqual(50_000);
      expect(endpoint.calls.length).toBeLessThanOrEqual(20);
    },
  );

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
