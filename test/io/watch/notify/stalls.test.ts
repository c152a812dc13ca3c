import { expect, test } from 'vitest';
import { type Stall, Stalls } from '../../../../src/io/watch/notify/stalls.js';
import { FakeClock } from '../../../helpers/clock.js';

const MINUTE = 60_000;

function rig() {
  const clock = new FakeClock();
  const told: (Stall & { readonly atMs: number })[] = [];
  const world = { enriched: 0, pauseEndsMs: 0 };
  const stalls = new Stalls({
    clock,
    enriched: () => world.enriched,
    pauseLeftMs: () => Math.max(0, world.pauseEndsMs - clock.now()),
    tell: (stall) => told.push({ ...stall, atMs: clock.now() }),
  });
  const paused = (ms: number, asked = true): void => {
    world.pauseEndsMs = Math.max(world.pauseEndsMs, clock.now() + ms);
    stalls.paused({ ms, asked, httpStatus: 429 });
  };
  return { clock, told, world, stalls, paused };
}

test('a pause of 10 s or more is told as it begins, a shorter one never', () => {
  const { clock, told, paused } = rig();
  paused(9_999);
  clock.advance(MINUTE);
  expect(told).toEqual([]);
  paused(10_000);
  expect(told).toEqual([{ kind: 'pause', forMs: 0, leftMs: 10_000, httpStatus: 429, asked: true, atMs: MINUTE }]);
  expect(clock.timers).toBe(0);
});

test('a short pause that is lengthened without a word is told once it is known to be long', () => {
  const { clock, told, world, paused } = rig();
  paused(5_000);
  world.pauseEndsMs = 40_000;
  clock.advance(4_999);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toMatchObject([{ atMs: 5_000, forMs: 5_000, leftMs: 35_000 }]);
  clock.advance(MINUTE);
  expect(told).toHaveLength(1);
});

test('short pauses with no success between them are one; with one they are several', () => {
  const { clock, told, world, paused } = rig();
  for (const ms of [1_000, 2_000, 4_000]) {
    paused(ms, false);
    clock.advance(ms + 100);
  }
  expect(told).toEqual([]);
  paused(8_000, false);
  expect(told).toMatchObject([{ atMs: 7_300, forMs: 7_300, leftMs: 8_000, asked: false }]);

  const other = rig();
  for (const ms of [4_000, 4_000, 4_000, 4_000]) {
    other.paused(ms, false);
    other.clock.advance(ms + 100);
    other.world.enriched++;
  }
  expect(other.told).toEqual([]);
  expect(world.enriched).toBe(0);
});

test('an outage is told when it has lasted 10 s, and not when it has ended before', () => {
  const { clock, told, stalls } = rig();
  stalls.outageBegan(0, 503);
  clock.advance(9_999);
  stalls.outageEnded();
  clock.advance(MINUTE);
  expect(told).toEqual([]);
  stalls.outageBegan(2_000, null);
  clock.advance(7_999);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toMatchObject([{ kind: 'outage', forMs: 10_000, leftMs: null, httpStatus: null }]);
  clock.advance(60 * MINUTE);
  expect(told).toHaveLength(1);
});

test('at most one in 10 minutes; one that still lasts is told then, one that is over is not', () => {
  const { clock, told, stalls, paused } = rig();
  paused(20_000);
  clock.advance(MINUTE);
  paused(20_000);
  stalls.outageBegan(0, 503);
  clock.advance(9 * MINUTE - 1);
  expect(told).toHaveLength(1);
  clock.advance(1);
  expect(told).toMatchObject([{ kind: 'pause' }, { kind: 'outage', atMs: 10 * MINUTE, forMs: 9 * MINUTE }]);
  stalls.outageEnded();
  clock.advance(10 * MINUTE);
  expect(told).toHaveLength(2);
  paused(30_000);
  expect(told).toHaveLength(3);
});

test('after the end nothing is told, and no timer is left', () => {
  const { clock, told, stalls, paused } = rig();
  stalls.outageBegan(0, 503);
  stalls.close();
  expect(clock.timers).toBe(0);
  paused(60_000);
  stalls.outageBegan(60_000, 503);
  clock.advance(MINUTE);
  expect(told).toEqual([]);
});
