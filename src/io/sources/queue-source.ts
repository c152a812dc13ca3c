/** Cases from a queue in Redis, leased to this worker until their results are stored there. The sink acknowledges. */

import type { Entry } from '../../core/case.js';
import type { CaseSource, Clock, SourceCounts, Timer } from '../../core/ports.js';
import { textDigest } from '../queue/digest.js';
import type { Deliveries } from '../queue/delivery.js';
import { LONGEST_TEXT, type Payload, payloadOf, type PayloadRules } from '../queue/payload.js';
import type { RedisQueue } from '../queue/redis-queue.js';
import { LinkLost } from '../queue/refusals.js';
import { pulled } from './pulled.js';

export interface QueueSourceOptions {
  readonly queue: RedisQueue;
  readonly worker: string;
  readonly deliveries: Deliveries;
  readonly rules: PayloadRules;
  /** The most cases in hand. */
  readonly room: number;
  /** Wait for further cases for ever. */
  readonly follow: boolean;
  /** Wait while so many results are not collected; 0 for any number. */
  readonly mostResults: number;
  readonly clock: Clock;
  /** Told once when it begins to wait for results to be collected. */
  readonly full?: () => void;
  /** Told what is left of the endpoint's pause, in milliseconds. */
  readonly paused?: (ms: number) => void;
}

const MOST_AT_ONCE = 256;
/** How often an empty queue is looked at. */
const LOOK_EVERY_MS = 100;

export class QueueSource implements CaseSource {
  readonly #options: QueueSourceOptions;
  readonly #counts = { read: 0, selected: 0, invalid: 0, invalidHidden: 0 };
  #complete = false;
  #isUsed = false;
  #isClosed = false;
  #isTold = false;
  #taking: Promise<unknown> = Promise.resolve();
  #wake: (() => void) | undefined;
  #timer: Timer | undefined;

  constructor(options: QueueSourceOptions) {
    this.#options = options;
  }

  get counts(): SourceCounts {
    return this.#counts;
  }

  get complete(): boolean {
    return this.#complete;
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly Entry[]> {
    if (this.#isUsed) throw new Error('a source can be iterated once');
    this.#isUsed = true;
    return pulled(
      () => this.#next(),
      () => this.stop(),
    );
  }

  /** Takes nothing more. Resolves when nothing is on its way any more. */
  async stop(): Promise<void> {
    this.#isClosed = true;
    this.#endWait();
    await this.#taking;
  }

  /** Gives back what has no result. */
  async close(): Promise<void> {
    this.#isUsed = true;
    await this.stop();
    await this.giveBack();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Gives back the cases with which the run has not begun, at once: other workers need not wait. */
  async giveBack(): Promise<void> {
    const { queue, worker, deliveries } = this.#options;
    const unbegun = deliveries.unbegun;
    for (const delivery of unbegun) deliveries.drop(delivery);
    if (unbegun.length === 0 || queue.link.isAway) return;
    await queue
      .release(
        worker,
        unbegun.map(({ entry }) => entry),
      )
      .catch(() => {});
  }

  async #next(): Promise<readonly Entry[] | undefined> {
    while (!this.#isClosed) {
      const step = this.#take();
      this.#taking = step.catch(() => {});
      const entries = await step;
      if (entries === 'over') {
        this.#complete = !this.#isClosed;
        return undefined;
      }
      if (entries.length > 0) return entries;
      if (!this.#isClosed) await this.#wait();
    }
    return undefined;
  }

  /** What there is now; nothing when there is none, or no room; `over` when no more can come. */
  async #take(): Promise<readonly Entry[] | 'over'> {
    const { queue, worker, deliveries, mostResults, rules, follow } = this.#options;
    if (!this.#hasRoom) return [];
    const count = Math.min(MOST_AT_ONCE, this.#options.room - deliveries.count);
    const want = { count, mostResults, deliveries: rules.deliveries, longest: LONGEST_TEXT };
    let taken;
    try {
      taken = await queue.take(worker, want);
    } catch (error) {
      if (!(error instanceof LinkLost)) throw error;
      // It may have given cases that never arrived here.
      await queue.releaseOthers(worker, deliveries.entries);
      return [];
    }
    if (taken.pauseMs > 0) this.#options.paused?.(taken.pauseMs);
    if (taken.isFull) this.#tellFull();
    const payloads = this.#read(taken.entries);
    const entries = await this.#withRevisions(await payloads);
    const isOver =
      entries.length === 0 && taken.entries.length === 0 && taken.inQueue === 0 && !follow && !taken.isFull;
    return isOver ? 'over' : entries;
  }

  /** One that can't be read is given back, with those after it, before the run ends. */
  async #read(taken: readonly Parameters<typeof payloadOf>[0][]): Promise<Payload[]> {
    const { queue, worker, rules } = this.#options;
    const payloads: Payload[] = [];
    try {
      for (const one of taken) payloads.push(payloadOf(one, rules));
      return payloads;
    } catch (error) {
      await queue.release(
        worker,
        taken.map(({ entry }) => entry),
      );
      throw error;
    }
  }

  /** Cases that another program has added are registered first; some of them need no call. */
  async #withRevisions(payloads: readonly Payload[]): Promise<readonly Entry[]> {
    const { queue, deliveries } = this.#options;
    const foreign = payloads.filter(({ isForeign }) => isForeign);
    const revisions = new Map<Payload, string>();
    if (foreign.length > 0) {
      const given = await queue.adopt(
        foreign.map(({ entry, delivery: { entry: stream, id } }) => ({
          entry: stream,
          id,
          digest: textDigest(entry.kind === 'case' ? entry.case.text : ''),
        })),
      );
      foreign.forEach((payload, at) => revisions.set(payload, given[at] ?? ''));
    }
    const entries: Entry[] = [];
    for (const payload of payloads) {
      const revision = revisions.get(payload);
      if (revision === '') continue;
      const delivery = revision === undefined ? payload.delivery : { ...payload.delivery, revision };
      deliveries.add(delivery);
      this.#counts.read++;
      this.#counts[payload.entry.kind === 'case' ? 'selected' : 'invalid']++;
      entries.push({ ...payload.entry, delivery });
    }
    return entries;
  }

  /** Room for a few at least: one by one they would cost Redis and this process twice as much. */
  get #hasRoom(): boolean {
    const { room, deliveries } = this.#options;
    return room - deliveries.count >= Math.max(1, room / 4);
  }

  #tellFull(): void {
    if (!this.#isTold) this.#options.full?.();
    this.#isTold = true;
  }

  /** Until there may be more: in a while, or as soon as there is room again. */
  #wait(): Promise<void> {
    const { clock, deliveries } = this.#options;
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (!this.#hasRoom) deliveries.onceFewer(() => this.#endWait());
      else this.#timer = clock.setTimer(LOOK_EVERY_MS, () => this.#endWait());
    });
  }

  #endWait(): void {
    this.#timer?.cancel();
    this.#wake?.();
    this.#wake = undefined;
  }
}
