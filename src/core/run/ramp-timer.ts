/** Opens the ramp after a pause or an outage when its next step is due by time. */

import type { Throttle } from '../flow/throttle.js';
import type { Clock, Timer } from '../ports.js';

export class RampTimer {
  readonly #throttle: Throttle;
  readonly #clock: Clock;
  readonly #callMs: () => number;
  readonly #opened: () => void;
  #timer: Timer | null = null;
  #isClosed = false;

  /** @param callMs what calls usually take; @param opened called when more calls may be in flight. */
  constructor(throttle: Throttle, clock: Clock, callMs: () => number, opened: () => void) {
    this.#throttle = throttle;
    this.#clock = clock;
    this.#callMs = callMs;
    this.#opened = opened;
  }

  /** Call when an attempt has started or ended. */
  watch(): void {
    if (this.#timer !== null || this.#isClosed || !this.#throttle.isRamping) return;
    const at = this.#throttle.rampStepAt(this.#callMs());
    if (at !== null) this.#timer = this.#clock.setTimer(at - this.#clock.now(), () => this.#open());
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #open(): void {
    this.#timer = null;
    this.#throttle.openRamp(this.#clock.now(), this.#callMs());
    this.watch();
    this.#opened();
  }
}
