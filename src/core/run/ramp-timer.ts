/** Opens the ramp after a pause or an outage when its next step is due by time. */

import type { Throttle } from '../flow/throttle.js';
import type { Timer } from '../ports.js';
import type { EnricherWorld } from './enricher-world.js';
import type { RunCounters } from './run-counters.js';

export class RampTimer {
  readonly #throttle: Throttle;
  readonly #world: Pick<EnricherWorld, 'clock' | 'slots'>;
  readonly #counters: RunCounters;
  readonly #opened: () => void;
  #timer: Timer | null = null;
  #isClosed = false;

  /** @param opened called when more calls may be in flight. */
  constructor(
    throttle: Throttle,
    world: Pick<EnricherWorld, 'clock' | 'slots'>,
    counters: RunCounters,
    opened: () => void,
  ) {
    this.#throttle = throttle;
    this.#world = world;
    this.#counters = counters;
    this.#opened = opened;
  }

  /** Call when an attempt has started or ended. */
  watch(): void {
    if (!this.#throttle.isRamping || this.#timer !== null || this.#isClosed) return;
    const { clock } = this.#world;
    const at = this.#throttle.rampStepAt(this.#counters.usualCallMs);
    if (at !== null) this.#timer = clock.setTimer(at - clock.now(), () => this.#open());
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #open(): void {
    const { clock, slots } = this.#world;
    this.#timer = null;
    this.#throttle.openRamp(clock.now(), this.#counters.usualCallMs);
    slots.setLimit(this.#throttle.limit);
    this.watch();
    this.#opened();
  }
}
