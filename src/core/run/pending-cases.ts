/**
 * The cases of a run whose answer comes later. Such a case holds no slot. Where a journal keeps its place (where to ask),
 * the first poll waits until that is stored: what was submitted is then never submitted again.
 */

import type { PendingPlace } from '../case.js';
import type { Clock } from '../ports.js';
import type { CaseQueue } from './case-queue.js';
import type { CaseRun, Step } from './case-run.js';
import type { EnricherEvents } from './enricher-world.js';

const NONE: readonly PendingPlace[] = [];

export class PendingCases {
  /** With when its next poll is due, in times of the run's clock. */
  readonly #unstored = new Map<CaseRun, number>();
  #handedOver: (readonly [run: CaseRun, dueAt: number])[] = [];
  #count = 0;
  readonly #clock: Clock;
  readonly #queue: CaseQueue;
  readonly #events: Pick<EnricherEvents, 'free' | 'placeToKeep'>;
  readonly #keepsPlaces: boolean;

  constructor(
    clock: Clock,
    queue: CaseQueue,
    events: Pick<EnricherEvents, 'free' | 'placeToKeep'>,
    keepsPlaces: boolean,
  ) {
    this.#clock = clock;
    this.#queue = queue;
    this.#events = events;
    this.#keepsPlaces = keepsPlaces;
  }

  /** Cases that have been answered "later" and have no result yet. */
  get count(): number {
    return this.#count;
  }

  entered(): void {
    this.#count++;
  }

  left(): void {
    this.#count--;
  }

  /** The answer of the case comes later: it is asked for after `waitMs`, and once its place is stored. */
  pend(run: CaseRun, { waitMs, isNewPlace }: Extract<Step, { do: 'pend' }>): void {
    const dueAt = this.#clock.now() + waitMs;
    if (!isNewPlace || !this.#keepsPlaces) return this.#pollAt(dueAt, run);
    this.#unstored.set(run, dueAt);
    this.#events.placeToKeep();
  }

  /** The places to be stored next. */
  handOver(): readonly PendingPlace[] {
    if (this.#unstored.size === 0) return NONE;
    for (const held of this.#unstored) this.#handedOver.push(held);
    this.#unstored.clear();
    return this.#handedOver.flatMap(([run]) => run.place ?? []);
  }

  /** What was handed over is stored: these polls may start. */
  stored(): void {
    if (this.#handedOver.length === 0) return;
    for (const [run, dueAt] of this.#handedOver.splice(0)) this.#pollAt(dueAt, run);
  }

  /** Removes every case whose place is not stored yet. */
  drain(): readonly CaseRun[] {
    const runs = [...this.#handedOver.splice(0).map(([run]) => run), ...this.#unstored.keys()];
    this.#unstored.clear();
    return runs;
  }

  #pollAt(dueAt: number, run: CaseRun): void {
    run.beginWait(dueAt, 'poll');
    const waitMs = Math.max(0, dueAt - this.#clock.now());
    this.#queue.pushAfter(waitMs, run, () => this.#events.free());
  }
}
