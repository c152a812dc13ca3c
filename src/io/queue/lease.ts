/** The lease of a worker: renewed every third of it. What happened to its cases is found out when it had ended. */

import type { Clock, Timer } from '../../core/ports.js';
import type { Deliveries } from './delivery.js';
import type { Beat, RedisQueue, WorkerRecord } from './redis-queue.js';

export interface LeaseEvents {
  /** After each renewal. */
  readonly renewed: (beat: Beat) => void;
  /** The queue refuses: the worker can't go on. */
  readonly failed: (error: unknown) => void;
}

export class Lease {
  readonly #queue: RedisQueue;
  readonly #worker: WorkerRecord;
  readonly #deliveries: Deliveries;
  readonly #clock: Clock;
  readonly #events: LeaseEvents;
  #beganAt: number;
  #renewing = false;
  #isOver = false;
  #timer: Timer | undefined;

  constructor(
    world: { readonly queue: RedisQueue; readonly deliveries: Deliveries; readonly clock: Clock },
    worker: WorkerRecord,
    events: LeaseEvents,
  ) {
    this.#queue = world.queue;
    this.#deliveries = world.deliveries;
    this.#clock = world.clock;
    this.#worker = worker;
    this.#events = events;
    this.#beganAt = world.clock.now();
    this.#renewLater();
  }

  /**
   * True while no other worker can have a case of this one. False after a time without Redis, or in which this process
   * stood still; then the lease is renewed at once.
   */
  get isCertain(): boolean {
    if (this.#clock.now() - this.#beganAt < this.#worker.leaseMs) return true;
    void this.#renew();
    return false;
  }

  /** Renews now: Redis is back. */
  renewNow(): void {
    void this.#renew();
  }

  end(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  #renewLater(): void {
    this.#timer?.cancel();
    if (this.#isOver) return;
    this.#timer = this.#clock.setTimer(this.#worker.leaseMs / 3, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    if (this.#renewing || this.#isOver) return;
    this.#renewing = true;
    try {
      // From before it is asked for, so that it never seems longer here than there.
      let beganAt = this.#clock.now();
      let beat = await this.#queue.renew(this.#worker);
      if (this.#clock.now() - beganAt > this.#worker.leaseMs / 2) {
        beganAt = this.#clock.now();
        beat = { ...(await this.#queue.renew(this.#worker)), wasGone: true };
      }
      if (beat.wasGone) this.#deliveries.keepOnly(new Set(await this.#queue.owned(this.#worker.name)));
      this.#beganAt = beganAt;
      if (!this.#isOver) this.#events.renewed(beat);
    } catch (error) {
      if (!this.#isOver) this.#events.failed(error);
      this.#isOver = true;
    } finally {
      this.#renewing = false;
      this.#renewLater();
    }
  }
}
