/**
 * Failed calls that are not decided: how the next ones end tells whether the endpoint is down or only these calls failed. A
 * success of a call that began after a failure shows that the endpoint was up after it, so it stands. They have no slot, and
 * do not wait for ever: when nothing else is under way, they stand too.
 */

import type { AttemptFailure, Clock, Timer } from '../ports.js';
import type { CaseRun } from './case-run.js';

/** With nothing under way and more cases still to come, failures are held for this long. */
export const LONGEST_IDLE_MS = 1_000;

export interface HeldFailure {
  readonly run: CaseRun;
  readonly outcome: AttemptFailure;
  readonly endedAt: number;
}

export class HeldFailures {
  readonly #clock: Clock;
  readonly #look: () => void;
  #held: HeldFailure[] = [];
  #idle: Timer | 'over' | null = null;

  /** @param look called when it is time to ask `isTimeToStand` again. */
  constructor(clock: Clock, look: () => void) {
    this.#clock = clock;
    this.#look = look;
  }

  add(run: CaseRun, outcome: AttemptFailure): void {
    this.#held.push({ run, outcome, endedAt: this.#clock.now() });
  }

  /** Hands them over, oldest first. */
  take(): readonly HeldFailure[] {
    if (this.#held.length === 0) return NONE;
    const held = this.#held;
    this.#held = [];
    this.#endIdling();
    return held;
  }

  /** Hands over those that had failed by this time of the run's clock. */
  takeEndedBy(time: number): readonly HeldFailure[] {
    if (this.#held.length === 0) return NONE;
    const later = this.#held.findIndex(({ endedAt }) => endedAt > time);
    return later === -1 ? this.take() : this.#held.splice(0, later);
  }

  /** Hands over the calls alone. */
  takeRuns(): readonly CaseRun[] {
    return this.take().map(({ run }) => run);
  }

  /** True when nothing will decide about them. `isIdle`: no call is under way or about to start. */
  isTimeToStand(isIdle: boolean, moreMayCome: boolean): boolean {
    if (this.#held.length === 0) return false;
    if (isIdle && (!moreMayCome || this.#idle === 'over')) return true;
    if (isIdle) this.#idle ??= this.#clock.setTimer(LONGEST_IDLE_MS, () => this.#idledLongEnough());
    else this.#endIdling();
    return false;
  }

  #idledLongEnough(): void {
    this.#idle = 'over';
    this.#look();
  }

  #endIdling(): void {
    if (this.#idle !== 'over') this.#idle?.cancel();
    this.#idle = null;
  }
}

const NONE: readonly HeldFailure[] = [];
