/** Asks the throttle whether an attempt may start now, and calls back when a refused one may. */

import type { WaitReason } from '../case.js';
import type { Throttle, ThrottleWait } from '../flow/throttle.js';
import type { Clock, Timer } from '../ports.js';
import type { Waited } from './case-run.js';

export class StartGate {
  readonly #throttle: Throttle;
  readonly #clock: Clock;
  readonly #opened: () => void;
  #timer: Timer | null = null;
  #refused: { readonly since: number; readonly for: WaitReason } | null = null;

  /** @param opened called when a start that was refused may be asked for again. */
  constructor(throttle: Throttle, clock: Clock, opened: () => void) {
    this.#throttle = throttle;
    this.#clock = clock;
    this.#opened = opened;
  }

  /** True when an attempt may start now; else `opened` is called when it may. */
  ask(): boolean {
    const now = this.#clock.now();
    const wait = this.#throttle.wait(now);
    this.close();
    if (wait === null) return true;
    this.#refused ??= { since: now, for: wait.for };
    this.#timer = this.#setTimer(wait, () => this.#opened());
    return false;
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
      const wait = this.#throttle.wait(now);
      if (wait === null || signal.aborted) return this.#throttle.exchangeStarted(now);
      await new Promise<void>((resolve) => this.#setTimer(wait, resolve));
    }
  }

  /** `opened` is not called any more. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #setTimer(wait: ThrottleWait, fire: () => void): Timer {
    if (wait.for !== 'rate' || this.#clock.setExactTimer === undefined) return this.#clock.setTimer(wait.ms, fire);
    return this.#clock.setExactTimer(wait.ms, fire);
  }
}
