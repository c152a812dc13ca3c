import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FailureRow } from '../../../src/core/flow/failure-row.js';

test('counts calls in the order of their starts, whatever the order of their ends', () => {
  const row = new FailureRow();
  expect([3, 1, 5, 4, 2].map((sequence) => row.failed(sequence))).toEqual([1, 1, 1, 3, 5]);
});

test('a call between two failures that is under way keeps them apart, one that tells nothing does not', () => {
  const row = new FailureRow();
  row.failed(1);
  expect(row.failed(3)).toBe(1);
  row.passed(2);
  expect(row.failed(4)).toBe(3);
  expect(row.total).toBe(3);
});

test('a success ends the row of those that were started before it, and no other', () => {
  const row = new FailureRow();
  for (const sequence of [1, 2, 4, 5]) row.failed(sequence);
  row.succeeded(3);
  expect(row.total).toBe(2);
  expect(row.failed(2)).toBe(0);
  expect(row.failed(6)).toBe(3);
});

test('is as long as the failures next to each other, for any order of ends', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 60 }), (order) => {
      const row = new FailureRow();
      const failed = new Set<number>();
      for (const sequence of order) {
        failed.add(sequence);
        let [from, to] = [sequence, sequence];
        while (failed.has(from - 1)) from--;
        while (failed.has(to + 1)) to++;
        expect(row.failed(sequence)).toBe(to - from + 1);
      }
    }),
  );
});
