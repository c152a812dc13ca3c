import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideRetry, retryWait } from '../../../src/core/flow/backoff.js';
import { Case, EnrichedCase, type EnrichmentResult } from '../../../src/core/case.js';
import { LatencyHistogram } from '../../../src/core/results/latency.js';
import { resultLine } from '../../../src/core/results/result-text.js';
import { RetryBudget } from '../../../src/core/flow/retry-budget.js';
import { isWithin, StopRules } from '../../../src/core/run/stop-rules.js';
import { Tally } from '../../../src/core/results/tally.js';
import { seededRandom } from '../../helpers/random.js';
import { http } from '../../helpers/simulation.js';

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

describe('the retry budget', () => {
  test('starts with its reserve, earns a fifth per case and gets a successful retry back', () => {
    const budget = new RetryBudget();
    for (let retry = 0; retry < RetryBudget.RESERVE; retry++) expect(budget.spend()).toBe(true);
    expect(budget.spend()).toBe(false);
    for (let cases = 0; cases < 5; cases++) budget.firstAttempt();
    expect(budget.spend()).toBe(true);
    expect(budget.spend()).toBe(false);
    budget.refund();
    expect(budget.spend()).toBe(true);
  });
});

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

describe('the latency histogram', () => {
  test('answers percentiles within 2.2 % of the exact ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.02, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (values) => {
          const histogram = new LatencyHistogram();
          for (const value of values) histogram.record(value);
          const sorted = values.toSorted((a, b) => a - b);
          for (const share of [0.5, 0.9, 0.99]) {
            const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
            expect(histogram.percentile(share)).toBeGreaterThanOrEqual(exact * 0.999);
            expect(histogram.percentile(share)).toBeLessThanOrEqual(exact * 1.023);
          }
          expect(histogram.percentile(1)).toBe(sorted.at(-1));
        },
      ),
      { seed: 1 },
    );
  });

  test('has no summary without a value', () => {
    expect(new LatencyHistogram().summary()).toBeNull();
  });
});

test('a result line is the JSON of the result, with the source texts as they were', () => {
  const text = '{"id":12345678901234567890,"n":1.0,"a":1,"a":2,"enrichment":{"big":123456789012345678901}}';
  const result: EnrichmentResult = {
    caseId: '12345678901234567890',
    status: 'enriched',
    index: 3,
    enrichedCase: new EnrichedCase(text),
    error: null,
    attempts: 1,
    durationMs: 1.5,
    at: '2026-11-22T09:30:00.000Z',
    key: 'k',
    case: new Case('x', '{}'),
  };
  expect(resultLine(result)).toBe(
    `{"caseId":"12345678901234567890","status":"enriched","index":3,"enrichedCase":${text},"error":null,` +
      '"attempts":1,"durationMs":1.5,"at":"2026-11-22T09:30:00.000Z","key":"k"}',
  );
  expect(JSON.parse(resultLine({ ...result, caseId: 'a"\n\u2028<' }))).toMatchObject({ caseId: 'a"\n\u2028<' });
});

test('the tally sums the four statuses and counts failures by kind', () => {
  const tally = new Tally();
  const facts = { index: 0, attempts: 1, durationMs: 1, at: '' };
  tally.add({ ...facts, caseId: 'a', status: 'enriched', enrichedCase: new EnrichedCase('{}'), error: null });
  tally.add({ ...facts, caseId: 'b', status: 'failed', enrichedCase: null, error: http(404).failure });
  tally.addResumed('enriched');
  const summary = tally.summary(
    {
      attempts: 2,
      retries: 0,
      retriesDenied: 0,
      latency: new LatencyHistogram(),
      maxInFlight: 1,
      limit: { configured: 10, settled: 10 },
      waitedMs: {},
      pauses: { count: 0, ms: 0 },
      retryAt: null,
    },
    1_000,
  );
  expect(summary).toMatchObject({ total: 3, enriched: 2, failed: 1, invalid: 0, cancelled: 0, resumed: 1 });
  expect(summary).toMatchObject({ failuresByKind: { http: 1 }, casesPerSecond: 2, latencyMs: null });
});
