import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideRetry, retryWait } from '../../../src/core/flow/backoff.js';
import { seededRandom } from '../../helpers/random.js';
import { type Behaviour, dead, http, network, OK, simulate } from '../../helpers/simulation.js';

const RULES = { retries: 2, backoffMs: 200, maxBackoffMs: 10_000, safeToRepeat: true };

describe('backoff', () => {
  test('is full jitter between nothing and the doubled base, never above the longest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 1e6 }), (retry, seed) => {
        const wait = retryWait(retry, undefined, RULES, seededRandom(seed));
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.min(10_000, 200 * 2 ** (retry - 1)));
      }),
      { seed: 1 },
    );
  });

  test('never undercuts what was asked, and adds at most a tenth or a second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e7 }), fc.integer({ min: 0, max: 1e6 }), (asked, seed) => {
        const wait = retryWait(1, asked, RULES, seededRandom(seed));
        expect(wait).toBeGreaterThanOrEqual(asked);
        expect(wait).toBeLessThanOrEqual(Math.max(200, asked + Math.min(1_000, asked / 10)));
      }),
      { seed: 1 },
    );
  });

  test('ends with the retries', () => {
    const decide = (retriesUsed: number) => decideRetry(http(500), { retriesUsed, leftMs: 1e9 }, RULES, () => 0.5).do;
    expect([0, 1, 2].map(decide)).toEqual(['wait', 'wait', 'fail']);
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

  test('an unsafe method is retried where nothing was sent', async () => {
    const refused = { ...network('ECONNREFUSED'), unsent: true };
    const behave: Behaviour = ({ attempt }) => ({ afterMs: 5, answer: attempt === 1 ? refused : OK });
    const { results } = await simulate({ cases: 1, safeToRepeat: false, behave });
    expect(results[0]).toMatchObject({ status: 'enriched', attempts: 2 });
  });
});
