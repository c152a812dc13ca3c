/** The attempts under way: one timer for all their deadlines, and one listener on the run's signal for all of them. */

import type { Clock, Timer } from '../../core/ports.js';

export interface Attempt {
  /** The deadline, in milliseconds of the clock's `now`. */
  readonly dueAt: number;
  /** Its position among the members of its group, kept by InFlight. */
  place: number;
  expire(): void;
  cancel(): void;
}

/**
 * The attempts that one signal cancels. An array and not a Set: a constantly changing Set leaves a chain of
 * outgrown hash tables behind, each pointing to the next; once the first is in V8's old generation, all later ones and
 * the attempts in them stay alive until the next full garbage collection.
 */
export interface Group {
  readonly signal: AbortSignal;
  readonly members: Attempt[];
  readonly onAbort: () => void;
}

/**
 * A timer and a listener for each attempt would cost more time than the rest of the attempt (and memory, through
 * `AbortSignal.any`). So there is one timer, set for the earliest known deadline and set again when it fires; and one listener for
 * each signal in use, which between attempts stays only on the signal that was used last.
 */
export class InFlight {
  readonly #clock: Clock;
  readonly #groups = new Map<AbortSignal, Group>();
  #last: Group | undefined;
  #count = 0;
  #timer: Timer | undefined;
  #timerAt = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enter(signal: AbortSignal, attempt: Attempt): Group {
    const group = this.#last?.signal === signal ? this.#last : this.#turnTo(signal);
    attempt.place = group.members.push(attempt) - 1;
    this.#count++;
    if (attempt.dueAt < this.#timerAt) this.#setTimer(attempt.dueAt, attempt.dueAt - this.#clock.now());
    return group;
  }

  leave(group: Group, attempt: Attempt): void {
    removeFrom(group.members, attempt);
    if (group !== this.#last) this.#unwatchIfIdle(group);
    if (--this.#count === 0) this.#clearTimer();
  }

  /** Cancels all attempts, clears the timer and removes the listeners. */
  close(): void {
    for (const group of this.#groups.values()) {
      group.onAbort();
      this.#unwatchIfIdle(group);
    }
    this.#last = undefined;
  }

  #setTimer(at: number, waitMs: number): void {
    this.#clearTimer();
    this.#timerAt = at;
    this.#timer = this.#clock.setTimer(Math.max(0, waitMs), () => this.#expireDue());
  }

  #clearTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #expireDue(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const now = this.#clock.now();
    let next = Infinity;
    for (const { members } of this.#groups.values()) {
      // A copy, because expired attempts remove themselves from the list.
      for (const attempt of members.slice()) {
        if (attempt.dueAt <= now) attempt.expire();
        else next = Math.min(next, attempt.dueAt);
      }
    }
    // At least a millisecond, so that deadlines within it are handled in one round: each round scans all attempts.
    if (next < this.#timerAt) this.#setTimer(next, Math.max(1, next - now));
  }

  #turnTo(signal: AbortSignal): Group {
    const previous = this.#last;
    this.#last = this.#groups.get(signal) ?? this.#watch(signal);
    if (previous !== undefined) this.#unwatchIfIdle(previous);
    return this.#last;
  }

  #watch(signal: AbortSignal): Group {
    const members: Attempt[] = [];
    const onAbort = (): void => {
      for (const attempt of members.slice()) attempt.cancel();
    };
    const group = { signal, members, onAbort };
    signal.addEventListener('abort', onAbort);
    this.#groups.set(signal, group);
    return group;
  }

  #unwatchIfIdle(group: Group): void {
    if (group.members.length > 0) return;
    group.signal.removeEventListener('abort', group.onAbort);
    this.#groups.delete(group.signal);
  }
}

/** The last member takes the place of the one that leaves. */
function removeFrom(members: Attempt[], attempt: Attempt): void {
  const last = members.pop();
  if (last === undefined || last === attempt) return;
  last.place = attempt.place;
  members[attempt.place] = last;
}
