import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RetryBudget } from '../../../src/core/flow/retry-budget.js';
import { type Behaviour, dead, flaky, http, network, NEVER_STOP, simulate } from '../../helpers/simulation.js';

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
