import { describe, expect, test } from 'vitest';
import type { EnrichmentResult } from '../../../src/core/case.js';
import { isWithin, StopRules } from '../../../src/core/run/stop-rules.js';
import { START } from '../../helpers/clock.js';
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
    const known = Array.from({ length: 60 }, () => rules.observe(failed(422), { isKnown: true }));
    expect(new Set(known)).toEqual(new Set([null]));
    const refused = Array.from({ length: 10 }, () => rules.observe(failed(401)));
    expect(refused.map((reason) => reason ?? 'go on')).toEqual([
      ...Array.from({ length: 9 }, () => 'go on'),
      'all-failing',
    ]);
  });
});

describe('calls that are refused for good', () => {
  /** Credentials that are good for so many calls. */
  const expires = (calls: number, status = 401): Behaviour => {
    let made = 0;
    return () => ({ afterMs: 20, answer: made++ < calls ? OK : http(status) });
  };

  test.each([401, 407])('ten in a row with %i end the run at any time, and it is known since when', async (status) => {
    const limit = 20;
    const { pipeline, counts, endpoint } = await simulate({
      cases: 5_000,
      behave: expires(333, status),
      options: { throttle: { limit } },
    });
    expect(pipeline.stoppedBy).toBe('all-failing');
    expect(endpoint.calls.length - 333).toBeLessThanOrEqual(10 + limit);
    expect(counts['enriched']).toBe(333);
    expect(pipeline.refusal).toMatchObject({ httpStatus: status, goodCalls: 333, calls: 10 });
    expect(Date.parse(pipeline.refusal?.since ?? '')).toBeGreaterThan(START);
  });

  test('403, refusals of some cases only, and --max-failures end nothing', async () => {
    const some: Behaviour = ({ id }) => ({
      afterMs: 5,
      answer: Number(id.slice(1)) % 10 > 0 && id > 'c2' ? http(401) : OK,
    });
    for (const [behave, options] of [
      [expires(333, 403), {}],
      [some, {}],
      [expires(333), NEVER_STOP],
    ] as const) {
      const { pipeline } = await simulate({ cases: 1_000, behave, options: { throttle: { limit: 1 }, ...options } });
      expect(pipeline.stoppedBy).toBeNull();
    }
  });

  test('a batch that is refused is one call, and cases that are known to fail are none', () => {
    const refused: EnrichmentResult = {
      index: 0,
      attempts: 1,
      durationMs: 1,
      at: '',
      caseId: 'a',
      enrichedCase: null,
      status: 'failed',
      error: http(401).failure,
    };
    const good = { ...refused, status: 'enriched', error: null } as unknown as EnrichmentResult;
    const rules = new StopRules({});
    expect(rules.observe(good)).toBeNull();
    for (let at = 0; at < 30; at++) expect(rules.observe(refused, { isSameCall: at > 0 })).toBeNull();
    for (let at = 0; at < 30; at++) expect(rules.observe(refused, { isKnown: true })).toBeNull();
    expect(rules.refusal).toMatchObject({ calls: 1, goodCalls: 1 });
    for (let at = 0; at < 8; at++) expect(rules.observe(refused)).toBeNull();
    expect(rules.observe(refused)).toBe('all-failing');
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
