import { expect, test } from 'vitest';
import { Pacing } from '../../../src/core/flow/pacing.js';

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
