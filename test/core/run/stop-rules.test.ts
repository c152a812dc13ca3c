import { describe, expect, test } from 'vitest';
import type { EnrichmentResult } from '../../../src/core/case.js';
import { isWithin, StopRules } from '../../../src/core/run/stop-rules.js';
import { type Behaviour, type Call, dead, http, network, NEVER_STOP, OK, simulate } from '../../helpers/simulation.js';

describe('the allowance', () => {
  test.each([
    [{ count: 0 }, 0, 10, true],
    [{ count: 0 }, 1, 10, false],
    [{ count: 2 }, 2, 10, true],
    [{ percent: 10 }, 1, 10, true],
    [{ percent: 10 }, 2, 10, false],
    [{ percent: 0.1 }, 3, 3_000, true],
    [{ percent: 5 }, 0, 0, true],
  ])('%o with %i of %i not enriched: %s', (allowed, unenriched, total, within) => {
    expect(isWithin(allowed, unenriched, total)).toBe(within);
  });
});

describe('stop rules', () => {
  const facts = { index: 0, attempts: 1, durationMs: 1, at: '' };
  const failed = (status: number): EnrichmentResult => ({
    ...facts,
    caseId: 'a',
    status: 'failed',
    enrichedCase: null,
    error: http(status).failure,
  });
  const invalid: EnrichmentResult = { ...failed(0), status: 'invalid' } as EnrichmentResult;

  test('invalid cases count neither as finished nor as failed', () => {
    const rules = new StopRules({ maxFailures: { count: 1 } });
    expect(rules.observe(invalid)).toBeNull();
    expect(rules.observe(failed(404))).toBe('max-failures');
  });

  test('a percentage waits for 20 finished cases', () => {
    const rules = new StopRules({ maxFailures: { percent: 50 } });
    const reasons = Array.from({ length: 20 }, () => rules.observe(failed(404)));
    expect(reasons.slice(0, 19)).toEqual(Array.from({ length: 19 }, () => null));
    expect(reasons[19]).toBe('max-failures');
  });

  test('cases that failed in the same way before say nothing about the endpoint, others do', () => {
    const rules = new StopRules({});
    const known = Array.from({ length: 60 }, () => rules.observe(failed(422), true));
    expect(new Set(known)).toEqual(new Set([null]));
    const refused = Array.from({ length: 10 }, () => rules.observe(failed(401)));
    expect(refused.map((reason) => reason ?? 'go on')).toEqual([
      ...Array.from({ length: 9 }, () => 'go on'),
      'all-failing',
    ]);
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
