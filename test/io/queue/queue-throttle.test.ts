import { expect, test } from 'vitest';
import { QueueThrottle } from '../../../src/io/queue/queue-throttle.js';
import type { RedisQueue } from '../../../src/io/queue/redis-queue.js';
import { FakeClock } from '../../helpers/clock.js';

function throttle() {
  const clock = new FakeClock();
  const [told, paused]: [number[], number[]] = [[], []];
  const queue = { pause: (ms: number) => (told.push(ms), Promise.resolve()) } as unknown as RedisQueue;
  const one = new QueueThrottle(queue, clock, 0);
  const run = { pause: (ms: number) => void paused.push(ms), look: () => {} };
  return { clock, one, run, told, paused };
}

test('a pause of the others reaches the run, what is left of it is no new one, a shorter one changes nothing', () => {
  const { clock, one, run, paused } = throttle();
  one.connect(run);
  one.hear(5_000);
  clock.advance(1_000);
  one.hear(4_050);
  one.hear(1_000);
  one.hear(0);
  expect(paused).toEqual([5_000]);
  one.hear(9_000);
  expect(paused).toEqual([5_000, 9_000]);
});

test('a pause of this run is told once, and the echo of it changes nothing', () => {
  const { one, run, told, paused } = throttle();
  one.connect(run);
  one.tellPause(5_000);
  one.tellPause(4_000);
  one.hear(5_000);
  expect(told).toEqual([5_000]);
  expect(paused).toEqual([]);
});

test('what was heard before the run was there counts', () => {
  const { clock, one, run, paused } = throttle();
  one.hear(5_000);
  clock.advance(2_000);
  one.connect(run);
  expect(paused).toEqual([3_000]);
});

test('without a rate there is no pacer', () => {
  expect(throttle().one.pacer).toBeNull();
});
