import type { Clock, Timer } from '../../src/core/ports.js';

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Goes on by `ms` and fires what is due, in order; a timer that is set meanwhile fires too when it is due by then. */
  advance(ms: number): void;
  /** How many timers wait. */
  pending(): number;
}

/** Starts with `now()` at 0 and `wallNow()` at `wallStart`. */
export function manualClock(wallStart = Date.UTC(2026, 10, 22, 9, 30)): ManualClock {
  let now = 0;
  const timers = new Map<Timer, { readonly at: number; readonly fire: () => void }>();
  const next = (until: number) =>
    [...timers].filter(([, { at }]) => at <= until).toSorted(([, a], [, b]) => a.at - b.at)[0];
  return {
    now: () => now,
    wallNow: () => wallStart + now,
    setTimer(ms, fire) {
      const timer: Timer = { cancel: () => void timers.delete(timer) };
      timers.set(timer, { at: now + ms, fire });
      return timer;
    },
    advance(ms) {
      const until = now + ms;
      for (let due = next(until); due !== undefined; due = next(until)) {
        const [timer, { at, fire }] = due;
        timers.delete(timer);
        now = at;
        fire();
      }
      now = until;
    },
    pending: () => timers.size,
  };
}
