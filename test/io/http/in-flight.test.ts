import { describe, expect, test } from 'vitest';
import { InFlight, type Attempt } from '../../../src/io/http/in-flight.js';
import { FakeClock } from '../../helpers/clock.js';

/** An attempt that notes when it expired. */
function attemptDue(dueAt: number, clock: FakeClock, inFlight: InFlight, signal: AbortSignal): { expiredAt?: number } {
  const seen: { expiredAt?: number } = {};
  const attempt: Attempt = {
    dueAt,
    place: 0,
    cancel: () => {},
    expire() {
      seen.expiredAt = clock.now();
      inFlight.leave(group, attempt);
    },
  };
  const group = inFlight.enter(signal, attempt);
  return seen;
}

describe('deadlines', () => {
  test.each([
    ['in order', [10, 20, 30]],
    ['out of order', [30, 10, 20]],
    ['at the same time', [10, 10, 10]],
    ['a millisecond apart', [10, 11, 12]],
  ])('%s are each met at their time, with one timer', (_what, due) => {
    const clock = new FakeClock();
    const inFlight = new InFlight(clock);
    const { signal } = new AbortController();
    const seen = due.map((at) => attemptDue(at, clock, inFlight, signal));
    expect(clock.timers).toBe(1);
    clock.advance(100);
    expect(seen.map(({ expiredAt }) => expiredAt)).toEqual(due);
    expect(clock.timers).toBe(0);
  });

  test('those of several signals are met too', () => {
    const clock = new FakeClock();
    const inFlight = new InFlight(clock);
    const seen = [20, 10].map((at) => attemptDue(at, clock, inFlight, new AbortController().signal));
    clock.advance(100);
    expect(seen.map(({ expiredAt }) => expiredAt)).toEqual([20, 10]);
  });

  test('a timer that fires a little early is set again', () => {
    const clock = new FakeClock();
    const early = {
      now: () => clock.now(),
      wallNow: () => 0,
      setTimer: (ms: number, fire: () => void) => clock.setTimer(ms * 0.9, fire),
    };
    const inFlight = new InFlight(early);
    const seen = attemptDue(100, clock, inFlight, new AbortController().signal);
    clock.advance(99);
    expect(seen.expiredAt).toBeUndefined();
    clock.advance(10);
    expect(seen.expiredAt).toBeGreaterThanOrEqual(100);
  });
});
