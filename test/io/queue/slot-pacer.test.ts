import { expect, test } from 'vitest';
import { SlotPacer } from '../../../src/io/queue/slot-pacer.js';
import { turns } from '../../ports/checks.js';

/** A pacer at a time that the test sets; slots come from a line of them that others use too. */
function pacer(intervalMs: number, firstMs = 0) {
  let [now, next] = [0, firstMs];
  const asked: number[] = [];
  let arrivals = 0;
  const slots = new SlotPacer({
    intervalMs,
    now: () => now,
    arrived: () => void arrivals++,
    reserve(count) {
      asked.push(count);
      const first = Math.max(next, now);
      next = first + count * intervalMs;
      return Promise.resolve(first - now);
    },
  });
  return {
    slots,
    asked,
    arrivals: () => arrivals,
    go: (ms: number) => (now += ms),
    now: () => now,
    take: (ms: number) => (next += ms),
  };
}

test('nothing is reserved before somebody asks', async () => {
  const { slots, asked } = pacer(100);
  await turns(2);
  expect(asked).toEqual([]);
  slots.waitMs(0);
  expect(asked).toEqual([1]);
});

test('starts are an interval apart, and say when slots have come', async () => {
  const { slots, arrivals, go, now } = pacer(100);
  const starts: number[] = [];
  for (let step = 0; step < 1_000 && starts.length < 5; step++) {
    if (slots.waitMs(now()) === 0) {
      slots.started();
      starts.push(now());
    }
    await turns(1);
    go(1);
  }
  // The first one a turn late, as its slot had to come first; the others at the time of their slots.
  expect(starts).toEqual([1, 100, 200, 300, 400]);
  expect(arrivals()).toBeGreaterThanOrEqual(5);
});

test('a slot that others have before is waited for', async () => {
  const { slots } = pacer(100, 700);
  slots.waitMs(0);
  await turns(1);
  expect(slots.waitMs(0)).toBe(700);
});

test('a slot may be used half an interval late, and is dropped after that', async () => {
  const { slots, asked, go, now } = pacer(100);
  slots.waitMs(0);
  await turns(1);
  go(50);
  expect(slots.waitMs(now())).toBe(0);
  go(1);
  expect(slots.waitMs(now())).toBeGreaterThan(0);
  expect(asked).toEqual([1, 1]);
});

test('at a high rate slots are reserved in batches, ahead of their use', async () => {
  const { slots, asked, now } = pacer(0.1);
  slots.waitMs(now());
  await turns(1);
  expect(asked).toEqual([200]);
  for (let used = 0; used < 100; used++) slots.started();
  slots.waitMs(now());
  expect(asked).toEqual([200, 200]);
});

test('a place of slots that refuses is asked again, not in a loop', async () => {
  let asked = 0;
  const slots = new SlotPacer({
    intervalMs: 10,
    now: () => 0,
    arrived: () => {},
    reserve: () => (asked++, Promise.reject(new Error('gone'))),
  });
  expect(slots.waitMs(0)).toBe(50);
  await turns(2);
  expect(asked).toBe(1);
  slots.waitMs(0);
  expect(asked).toBe(2);
});
