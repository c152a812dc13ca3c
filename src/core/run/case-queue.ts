/** Cases between two attempts: those whose turn it is, oldest first, and those that wait until their retry is due. */

import type { Clock, Timer } from '../ports.js';
import type { CaseRun } from './case-run.js';

export class CaseQueue {
  readonly #clock: Clock;
  readonly #ready: CaseRun[] = [];
  readonly #waiting = new Map<CaseRun, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when no case has its turn now. */
  get isEmpty(): boolean {
    return this.#ready.length === 0;
  }

  push(run: CaseRun): void {
    this.#ready.push(run);
  }

  /** Puts cases before all others, in their order. */
  pushFront(runs: readonly CaseRun[]): void {
    this.#ready.unshift(...runs);
  }

  /** The case whose turn it is; undefined when there is none. */
  shift(): CaseRun | undefined {
    return this.#ready.shift();
  }

  /** The oldest case that can be called a second time without harm, else the oldest: for a call that will likely fail. */
  shiftProbe(): CaseRun | undefined {
    const at = this.#ready.findIndex((run) => run.isSafeToRepeat);
    return at <= 0 ? this.shift() : this.#ready.splice(at, 1)[0];
  }

  /** Puts the case in after `waitMs`, and calls `due`. */
  pushAfter(waitMs: number, run: CaseRun, due: () => void): void {
    const timer = this.#clock.setTimer(waitMs, () => {
      this.#waiting.delete(run);
      this.#ready.push(run);
      due();
    });
    this.#waiting.set(run, timer);
  }

  /** Ends all waits and removes every case. */
  drain(): readonly CaseRun[] {
    for (const timer of this.#waiting.values()) timer.cancel();
    const runs = [...this.#waiting.keys(), ...this.#ready.splice(0)];
    this.#waiting.clear();
    return runs;
  }
}
