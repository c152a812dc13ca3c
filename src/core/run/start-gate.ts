/**
 * Whether an attempt may start now: asks all that can make the run wait (the throttle and others), and calls back when a
 * start that was refused may be asked for again.
 */

import type { WaitReason } from '../case.js';
import type { Throttle, ThrottleWait } from '../flow/throttle.js';
import type { Clock, Timer } from '../ports.js';
import type { Hold, Waited } from './wait.js';

/** Makes every new attempt of the run wait. */
export interface Holder {
  /**
   * Null when an attempt may start now. `ms` is Infinity when an event ends the wait and not a time: whoever brings it about
   * then lets the run look again.
   */
  wait(now: number): ThrottleWait | null;
  /** The end of its last hold on the run's clock: long ago when there was none, Infinity while it is not known. */
  readonly heldUntil: number;
  readonly heldFor: WaitReason;
}

export class StartGate {
  readonly #throttle: Throttle;
  readonly #others: readonly Holder[];
  readonly #clock: Clock;
  readonly #opened: () => void;
  #timer: Timer | null = null;
  #refused: { readonly since: number; readonly for: WaitReason } | null = null;

  /**
   * @param opened called when a start that was refused may be asked for again.
   * @param others that make the run wait besides the throttle.
   */
  constructor(throttle: Throttle, clock: Clock, opened: () => void, others: readonly Holder[] = []) {
    this.#throttle = throttle;
    this.#others = others;
    this.#clock = clock;
    this.#opened = opened;
  }

  /** True when an attempt may start now; else `opened` is called when it may. */
  ask(): boolean {
    const now = this.#clock.now();
    const wait = this.#longestWait(now);
    this.close();
    if (wait === null) return true;
    this.#refused ??= { since: now, for: wait.for };
    this.#timer = wait.ms === Infinity ? null : this.#setTimer(wait, () => this.#opened());
    return false;
  }

  /** The hold of the run that ends or ended last. */
  get hold(): Hold {
    let last = later(this.#throttle, NEVER_HELD);
    for (const holder of this.#others) last = later(holder, last);
    return last;
  }

  /** An attempt starts; returns what it had to wait for since it was first refused, null when it was not. */
  pass(): Waited | null {
    if (this.#refused === null) return null;
    const waited = { ms: this.#clock.now() - this.#refused.since, for: this.#refused.for };
    this.#refused = null;
    return waited;
  }

  /** Resolves when a further exchange of an attempt under way (a redirect) may start; at once after an abort. */
  async passExchange(signal: AbortSignal): Promise<void> {
    for (;;) {
      const now = this.#clock.now();
      const wait = this.#throttle.waitOfExchange(now);
      if (wait === null || signal.aborted) return this.#throttle.exchangeStarted(now);
      await new Promise<void>((resolve) => this.#setTimer(wait, resolve));
    }
  }

  /** `opened` is not called any more. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #longestWait(now: number): ThrottleWait | null {
    let longest = this.#throttle.wait(now);
    for (const holder of this.#others) {
      const wait = holder.wait(now);
      if (wait !== null && wait.ms > (longest?.ms ?? 0)) longest = wait;
    }
    return longest;
  }

  #setTimer(wait: ThrottleWait, fire: () => void): Timer {
    if (wait.for !== 'rate' || this.#clock.setExactTimer === undefined) return this.#clock.setTimer(wait.ms, fire);
    return this.#clock.setExactTimer(wait.ms, fire);
  }
}

const NEVER_HELD: Hold = { until: Number.NEGATIVE_INFINITY, for: 'pause' };

function later({ heldUntil: until, heldFor }: Holder, hold: Hold): Hold {
  return until > hold.until ? { until, for: heldFor } : hold;
}
