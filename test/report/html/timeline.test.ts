import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Try } from '../../../src/core/case.js';
import { LatencyHistogram } from '../../../src/core/results/latency.js';
import { linearTicks, timeTicks } from '../../../src/report/html/page/chart-ticks.js';
import { latencyBars } from '../../../src/report/html/latency-bars.js';
import { Timeline, type TimelineBucket } from '../../../src/report/html/timeline.js';
import { START } from '../../helpers/clock.js';
import { enriched, failed } from '../../helpers/saved.js';

const LIMIT = { configured: 10, settled: 10 };
const at = (ms: number): string => new Date(START + ms).toISOString();

/** A timeline of 25 buckets of 400 ms. */
function buckets(results: Parameters<Timeline['add']>[0][], limit = LIMIT): TimelineBucket[] {
  const timeline = new Timeline(START, START + 10_000);
  for (const result of results) timeline.add(result);
  return timeline.buckets(limit);
}

function times(all: readonly TimelineBucket[], name: 'ok' | 'retried' | 'failed'): number[] {
  return all.filter((bucket) => bucket[name] > 0).map((bucket) => bucket.fromMs);
}

describe('timeline', () => {
  test('a call is in flight from its start to its end', () => {
    const all = buckets([enriched(0, { durationMs: 1000, at: at(2200) })]);
    const inFlight = all.filter((bucket) => bucket.inFlight > 0).map(({ fromMs, inFlight: mean }) => [fromMs, mean]);
    expect(inFlight).toEqual([
      [1200, 1],
      [1600, 1],
      [2000, 0.5],
    ]);
  });

  test('the attempts of a case are counted where they ended, with their outcome', () => {
    const tries: Try[] = [
      { startMs: 0, durationMs: 300, outcome: 'http 429', waitMs: 0 },
      { startMs: 2300, durationMs: 300, outcome: 'ok', waitMs: 2000, waitFor: 'retry-after' },
    ];
    const all = buckets([enriched(0, { attempts: 2, tries, durationMs: 2600, at: at(3600) })]);
    expect([times(all, 'retried'), times(all, 'ok'), times(all, 'failed')]).toEqual([[1200], [3600], []]);
    expect(all.filter(({ paused }) => paused).map(({ fromMs }) => Math.round(fromMs))).toEqual([
      1200, 1600, 2000, 2400, 2800, 3200,
    ]);
  });

  test('the time in flight is that of all attempts, wherever they lie', () => {
    const call = fc.record({
      end: fc.integer({ min: 0, max: 10_000 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 50 }), (calls) => {
        const results = calls.map(({ end, part }, index) => enriched(index, { durationMs: end * part, at: at(end) }));
        const covered = buckets(results).reduce((sum, bucket) => sum + bucket.inFlight * 400, 0);
        expect(covered).toBeCloseTo(
          calls.reduce((sum, { end, part }) => sum + end * part, 0),
          3,
        );
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test('results of earlier runs are left out and counted', () => {
    const timeline = new Timeline(START, START + 1000);
    for (const ms of [-5000, 500, 99_000]) timeline.add(enriched(0, { at: at(ms), durationMs: 10 }));
    expect([timeline.earlier, timeline.attempts]).toEqual([2, 1]);
  });

  test('more attempts get more buckets, and every attempt is in one of them', () => {
    const all = buckets(
      Array.from({ length: 2000 }, (_, index) => failed(index, {}, { attempts: 1, at: at(index * 5), durationMs: 3 })),
    );
    expect(all).toHaveLength(200);
    expect(all.reduce((sum, bucket) => sum + bucket.failed, 0)).toBe(2000);
  });

  test('the adaptive limit follows its course', () => {
    const course = [
      { atMs: 0, limit: 4 },
      { atMs: 4000, limit: 8 },
    ];
    const limits = buckets([], { configured: 10, settled: 8, course } as typeof LIMIT).map(({ limit }) => limit);
    expect([limits[0], limits[9], limits[10], limits.at(-1)]).toEqual([4, 4, 8, 8]);
  });
});

describe('latency', () => {
  test.each([[[84]], [[0]], [[0, 1e12]], [[12, 13, 14, 15, 900, 5000]]])(
    'the bars of %j count every case, at most 60 bars',
    (values) => {
      const [ok, bad] = [new LatencyHistogram(), new LatencyHistogram()];
      for (const ms of values) (ms > 800 ? bad : ok).record(ms);
      const bars = latencyBars(ok, bad);
      expect(bars.reduce((sum, bar) => sum + bar.enriched + bar.failed, 0)).toBe(values.length);
      expect(bars.length).toBeLessThanOrEqual(60);
      bars.slice(1).forEach((bar, index) => expect(bar.fromMs).toBeCloseTo(bars[index]?.toMs ?? 0, 6));
    },
  );
});

describe('axes', () => {
  test.each([0.3, 1, 7, 42, 50, 99, 1234])('go from 0 to at least %d in at most six round steps', (max) => {
    const { top, ticks } = linearTicks(max, String);
    expect(top).toBeGreaterThanOrEqual(max);
    expect(top).toBeLessThanOrEqual(max * 2.5);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect([ticks[0]?.at, ticks.at(-1)?.at]).toEqual([0, 1]);
  });

  test.each([1, 37, 999, 20_000, 61_000, 3_700_000, 90_000_000, 1e10])('%d ms have two to ten marks of time', (ms) => {
    const ticks = timeTicks(ms);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(11);
  });
});
