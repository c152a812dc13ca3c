/**
 * The one book of slots. A slot is a running task of p-limit, which never runs more of them than the limit. It is in one
 * of three states: in a call; held, while the result of its call is not written yet; or idle, kept for the next call,
 * because giving one back to p-limit and asking for another makes seven promises.
 *
 * Held slots guarantee that calls in flight and unwritten answers together never exceed the limit, so that whenever the
 * process dies, at most `limit` answered calls are lost.
 */

import pLimit, { type LimitFunction } from 'p-limit';

/** A slot in use: a function that returns the slot to p-limit. */
export type Slot = () => void;

export class Slots {
  readonly #tasks: LimitFunction;
  readonly #failed: (error: unknown) => void;
  /** Slots that are in no call: idle, or held. */
  readonly #kept: Slot[] = [];
  #inFlight = 0;
  #held = 0;
  #limit: number;
  #isClosed = false;
  /** While true there is no free slot: no call begins. */
  isPaused = false;
  readonly #spare: number;

  /**
   * @param failed called with the error of a call that threw as it began.
   * @param spare how many slots may be held without taking the place of calls.
   */
  constructor(limit: number, failed: (error: unknown) => void, spare = 0) {
    this.#spare = spare;
    this.#tasks = pLimit(limit);
    this.#limit = limit;
    this.#failed = failed;
  }

  /** Calls under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Calls that have ended and whose results are not written yet. */
  get held(): number {
    return this.#held;
  }

  get hasFree(): boolean {
    if (this.isPaused || this.#inFlight >= this.#limit) return false;
    return this.#inFlight + this.#held < this.#limit + this.#spare;
  }

  /** True when the endpoint has little left to do because at least half of the slots are held. */
  get isHalfHeld(): boolean {
    return this.#held * 2 >= this.#limit;
  }

  /** Calls under way above a lower limit may end; no new one begins until they have. */
  setLimit(limit: number): void {
    if (limit === this.#limit) return;
    this.#limit = limit;
    this.#tasks.concurrency = limit;
    this.#giveBack();
  }

  /** Takes a free slot, to be followed by `begin`. Returns the calls under way with it. */
  take(): number {
    return ++this.#inFlight;
  }

  /** Begins the call that a slot was taken for: at once in a slot that was idle, else as soon as p-limit has one. */
  begin(call: (slot: Slot) => void): void {
    const slot = this.#kept.pop();
    if (slot) call(slot);
    else this.#tasks(() => new Promise<void>((free) => call(free))).catch(this.#failed);
  }

  /** The call in this slot has ended. */
  end(slot: Slot): void {
    this.#inFlight--;
    this.#kept.push(slot);
    this.#giveBack();
  }

  /** The result of a call is on its way to be written: no other call may take its place yet. */
  hold(): void {
    this.#held++;
  }

  /** This many results that were held are written. */
  release(count: number): void {
    this.#held -= count;
  }

  /** No further call begins: every slot goes back as soon as it is in no call. */
  close(): void {
    this.#isClosed = true;
    this.#giveBack();
  }

  #giveBack(): void {
    const wanted = this.#isClosed ? 0 : this.#limit - this.#inFlight;
    while (this.#kept.length > Math.max(0, wanted)) this.#kept.pop()?.();
  }
}
