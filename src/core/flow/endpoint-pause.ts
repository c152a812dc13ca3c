/**
 * The pause of the whole endpoint after it said "too many" (429) or "not now" (503 or 403 with Retry-After): no
 * call starts until it is over, then calls come back one at a time (ramp.ts).
 */

import { withJitter } from './backoff.js';
import type { Ramp } from './ramp.js';
import type { Random } from '../ports.js';

/** An answer that asks for a pause. Times are those of the run's clock, in milliseconds. */
export interface BusyAnswer {
  readonly now: number;
  /** When the call that was answered had been started. */
  readonly startedAt: number;
  readonly askedWaitMs: number | undefined;
}

export type PauseDecision =
  | { readonly do: 'pause'; readonly untilMs: number; readonly isNew: boolean }
  /** The wait is too long for this run; `retryAtMs` is when to come back, where it is known. */
  | { readonly do: 'stop'; readonly retryAtMs: number | null };

export class EndpointPause {
  /** The run gives up after this long without any success. */
  static readonly GIVE_UP_MS = 15 * 60_000;
  /** Pauses without a requested duration: the first and the longest, doubling in between. */
  static readonly FIRST_MS = 1_000;
  static readonly LONGEST_MS = 10_000;

  readonly #maxWaitMs: number;
  readonly #endsAtMs: number;
  readonly #random: Random;
  readonly #ramp: Ramp;
  #beganAt = Number.NEGATIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;
  /** Number of consecutive pauses without a requested duration. */
  #unaskedPauses = 0;
  #busySince: number | null = null;
  #count = 0;
  #totalMs = 0;

  /** @param maxWaitMs the longest wait that may be asked for; @param endsAtMs when the run ends at the latest. */
  constructor(maxWaitMs: number, endsAtMs: number, random: Random, ramp: Ramp) {
    this.#maxWaitMs = maxWaitMs;
    this.#endsAtMs = endsAtMs;
    this.#random = random;
    this.#ramp = ramp;
  }

  /** When the pause ends; in the past when there is none. */
  get until(): number {
    return this.#until;
  }

  /** How many pauses there were and how long they took together. */
  get total(): { readonly count: number; readonly ms: number } {
    return { count: this.#count, ms: this.#totalMs };
  }

  /** The endpoint asked for a pause. Answers to calls started before the pause began belong to the same burst. */
  busy(answer: BusyAnswer): PauseDecision {
    const { now, startedAt } = answer;
    const askedWaitMs = sensible(answer.askedWaitMs);
    this.#busySince ??= now;
    if (askedWaitMs !== undefined && askedWaitMs > Math.min(this.#maxWaitMs, this.#endsAtMs - now)) {
      return { do: 'stop', retryAtMs: now + askedWaitMs };
    }
    if (now - this.#busySince >= EndpointPause.GIVE_UP_MS) return { do: 'stop', retryAtMs: null };
    const sameBurst = startedAt <= this.#beganAt;
    if (askedWaitMs === undefined && sameBurst) return { do: 'pause', untilMs: this.#until, isNew: false };
    const waitMs = askedWaitMs === undefined ? this.#ownWait() : withJitter(askedWaitMs, this.#random);
    return { do: 'pause', untilMs: this.#extend(now, now + waitMs), isNew: !sameBurst };
  }

  /** The endpoint asked somebody else for a pause: it counts here too, and never shortens one. */
  join(untilMs: number, now: number): void {
    if (untilMs > Math.max(now, this.#until)) this.#extend(now, untilMs);
  }

  /** A case was enriched; `startedAt` tells an answer after the pause from one before it. */
  succeeded(startedAt: number): void {
    if (startedAt < this.#until) return;
    this.#unaskedPauses = 0;
    this.#busySince = null;
  }

  #ownWait(): number {
    const longest = Math.min(EndpointPause.LONGEST_MS, EndpointPause.FIRST_MS * 2 ** this.#unaskedPauses++);
    return longest * (0.5 + this.#random() / 2);
  }

  #extend(now: number, until: number): number {
    if (now >= this.#until) {
      this.#count++;
      this.#totalMs += until - now;
      this.#beganAt = now;
    } else {
      this.#totalMs += Math.max(0, until - this.#until);
    }
    this.#until = Math.max(this.#until, until);
    this.#ramp.begin(this.#until);
    return this.#until;
  }
}

/**
 * A requested wait of (nearly) zero after "too many" is not usable: then the wait is chosen here, never shorter than the
 * requested one.
 */
function sensible(askedWaitMs: number | undefined): number | undefined {
  return askedWaitMs === undefined || askedWaitMs < EndpointPause.FIRST_MS / 2 ? undefined : askedWaitMs;
}
