import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pacing } from '../../../src/core/flow/pacing.js';
import { flaky, mostStartsWithin, NEVER_STOP, type Overrides, simulate } from '../../helpers/simulation.js';

/** When starts that are asked for all the time may go, in milliseconds. */
function starts(pacing: Pacing, count: number): number[] {
  let now = 0;
  return Array.from({ length: count }, () => {
    now += pacing.waitMs(now);
    pacing.started(now);
    return now;
  });
}

test('starts are spaced evenly', () => {
  expect(starts(new Pacing(250), 4)).toEqual([0, 250, 500, 750]);
});

test('a burst may come at once, then the rate holds', () => {
  expect(starts(new Pacing(250, 3), 6)).toEqual([0, 0, 0, 250, 500, 750]);
});

test('time without a start is not saved up beyond the burst', () => {
  const pacing = new Pacing(250, 2);
  starts(pacing, 2);
  for (const wait of [0, 0, 250]) {
    expect(pacing.waitMs(60_000)).toBe(wait);
    pacing.started(60_000);
  }
});

test.each([0, 0.5])('an interval of 0, or a burst below one, is none: %d', (burst) => {
  expect(starts(new Pacing(0, burst), 3)).toEqual([0, 0, 0]);
  expect(starts(new Pacing(2_000, burst), 3)).toEqual([0, 2_000, 4_000]);
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
