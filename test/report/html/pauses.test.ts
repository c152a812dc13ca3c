import { describe, expect, test } from 'vitest';
import { Pauses } from '../../../src/report/html/pauses.js';

/** Waits as [from, to], attempts where they begin, in parts of the run. */
function bands(waits: readonly (readonly [number, number])[], attempts: readonly number[] = []): number[][] {
  const pauses = new Pauses();
  for (const [from, to] of waits) pauses.wait({ from, to });
  for (const at of [...attempts, ...waits.map(([, to]) => to)]) pauses.attempt(at);
  return pauses.bands().map(({ from, to }) => [from, to]);
}

describe('the band of a pause', () => {
  test('is as long as the pause, not as a bar of the chart', () => {
    expect(bands([[0.25, 0.35]])).toEqual([[0.25, 0.35]]);
  });

  test('ends where the first attempt begins, however long cases then wait for a free slot', () => {
    const waits = Array.from({ length: 20 }, (_, index) => [0.2, 0.3 + index * 0.02] as const);
    expect(bands(waits)).toEqual([[0.2, 0.3]]);
  });

  test('begins again with the next pause', () => {
    expect(
      bands([
        [0.2, 0.3],
        [0.21, 0.6],
        [0.35, 0.5],
      ]),
    ).toEqual([
      [0.2, 0.3],
      [0.35, 0.5],
    ]);
  });

  test('is there once for cases that wait for the same pause, also when the run ends in it', () => {
    expect(
      bands([
        [0.9, 1],
        [0.95, 1],
      ]),
    ).toEqual([[0.9, 1]]);
    expect(bands([], [0.5])).toEqual([]);
  });

  test('does not end with an attempt that began before it', () => {
    expect(bands([[0.5, 0.7]], [0.1, 0.49])).toEqual([[0.5, 0.7]]);
  });
});
