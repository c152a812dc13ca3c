/** The rate and the pause that all workers of a queue keep, by the clock of Redis. */

import type { Pacer, SharedThrottle, SharingRun } from '../../core/flow/shared-throttle.js';
import type { Clock } from '../../core/ports.js';
import { SlotPacer } from './slot-pacer.js';
import type { RedisQueue } from './redis-queue.js';

/** What is left of a pause is told again and again, each time a little later: less than this more is the same pause. */
const SAME_PAUSE_MS = 100;

export class QueueThrottle implements SharedThrottle {
  readonly pacer: Pacer | null;
  readonly #queue: RedisQueue;
  readonly #clock: Clock;
  #run: SharingRun | undefined;
  #until = Number.NEGATIVE_INFINITY;

  /** @param intervalMs time between two starts of all workers together, 0 for no rate. */
  constructor(queue: RedisQueue, clock: Clock, intervalMs: number) {
    this.#queue = queue;
    this.#clock = clock;
    const reserve = async (count: number): Promise<number> => {
      const { firstMs, pauseMs } = await queue.reserve(count, intervalMs);
      this.hear(pauseMs);
      return firstMs;
    };
    const arrived = (): void => this.#run?.look();
    this.pacer = intervalMs > 0 ? new SlotPacer({ intervalMs, reserve, arrived, now: () => clock.now() }) : null;
  }

  /** Listens to the pauses of the other workers. */
  async listen(): Promise<void> {
    await this.#queue.onPause((ms) => this.hear(ms));
  }

  connect(run: SharingRun): void {
    this.#run = run;
    // What was heard before the run was there.
    const left = this.#until - this.#clock.now();
    if (left > 0) run.pause(left);
  }

  tellPause(ms: number): void {
    const until = this.#clock.now() + ms;
    if (until <= this.#until + SAME_PAUSE_MS) return;
    this.#until = until;
    // If the queue refuses, its source ends the run.
    void this.#queue.pause(ms).catch(() => {});
  }

  /** A worker was asked for a pause of so many milliseconds from now. */
  hear(ms: number): void {
    const until = this.#clock.now() + ms;
    if (ms <= 0 || until <= this.#until + SAME_PAUSE_MS) return;
    this.#until = until;
    this.#run?.pause(ms);
  }
}
