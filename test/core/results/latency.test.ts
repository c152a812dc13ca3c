import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LatencyHistogram } from '../../../src/core/results/latency.js';

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
