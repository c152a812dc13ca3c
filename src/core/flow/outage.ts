/**
 * Whether the endpoint is down: it has worked before, and then so many attempts in a row fail as those of a dead server do.
 * Until that is decided, such failures are held. While it is down, one call at a time (the probe) asks whether
 * it is back, and nothing that happens is charged to any case.
 */

import type { AttemptFailure, AttemptOutcome, Random } from '../ports.js';
import { isAboutEndpoint } from './backoff.js';
import { FailureRow } from './failure-row.js';
import type { Ramp } from './ramp.js';

/** An attempt that has ended. Times are those of the run's clock, in milliseconds. */
export interface OutageInput {
  readonly outcome: AttemptOutcome;
  /** Numbers the attempts of a run in the order of their starts. */
  readonly sequence: number;
  readonly startedAt: number;
  readonly now: number;
  /** True when the call can be made again without harm. */
  readonly isRepeatable: boolean;
}

/** What an attempt that has ended means for its call. */
export interface OutageStep {
  /** `stands`: it ended as it did. `held`: a failure that is not decided. `again`: made again at no cost. */
  readonly call: 'stands' | 'held' | 'again';
  /** `began`: down from now on, and the calls that were held are made again. `tried`: a probe has failed. `ended`: up again. `given-up`: down for too long. */
  readonly change?: 'began' | 'tried' | 'ended' | 'given-up';
}

/** An outage under way. Times are those of the run's clock. */
export interface OutageState {
  readonly since: number;
  /** When the next probe starts; null while one is under way. */
  readonly nextTryAt: number | null;
  /** Probes that have failed so far. */
  readonly probes: number;
}

export class Outage {
  /** So many failures in a row, and the endpoint counts as down. */
  static readonly ROW = 20;
  /** The first wait before a probe and the longest, doubling in between; each with a fifth more or less. */
  static readonly FIRST_WAIT_MS = 1_000;
  static readonly LONGEST_WAIT_MS = 30_000;
  static readonly JITTER = 0.2;
  /** When so many have failed and others between them are under way, no call starts for this long: they may decide it. */
  static readonly DOUBT_MS = 250;

  readonly #maxMs: number;
  readonly #random: Random;
  readonly #ramp: Ramp;
  #hasWorked = false;
  readonly #row = new FailureRow();
  /** Since when enough calls have failed, but not yet in a row; null when not. */
  #doubtSince: number | null = null;
  #isDown = false;
  #since = 0;
  #probeAt = 0;
  #probes = 0;
  /** The attempt that is the probe under way; null without one. */
  #probe: number | null = null;
  #endedAt = Number.NEGATIVE_INFINITY;
  #count = 0;
  #totalMs = 0;

  /** @param maxMs how long the endpoint is waited for; null for ever, 0 not at all: every failure stands. */
  constructor(maxMs: number | null, random: Random, ramp: Ramp) {
    this.#maxMs = maxMs ?? Number.POSITIVE_INFINITY;
    this.#random = random;
    this.#ramp = ramp;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** The outage under way, or null. */
  get state(): OutageState | null {
    if (!this.#isDown) return null;
    const nextTryAt = this.#probe === null ? this.#probeAt : null;
    return { since: this.#since, nextTryAt, probes: this.#probes };
  }

  /** When the last outage ended; Infinity while it lasts, long ago when there was none. */
  get until(): number {
    return this.#isDown ? Number.POSITIVE_INFINITY : this.#endedAt;
  }

  /** How many outages there were and how long they took together, one under way included. */
  total(now: number): { readonly count: number; readonly ms: number } {
    return { count: this.#count, ms: this.#totalMs + (this.#isDown ? now - this.#since : 0) };
  }

  /** How long the next start has to wait: 0 when it may go, Infinity while a probe is under way. */
  waitMs(now: number): number {
    if (!this.#isDown) return this.#doubtSince === null ? 0 : Math.max(0, this.#doubtSince + Outage.DOUBT_MS - now);
    return this.#probe === null ? Math.max(0, this.#probeAt - now) : Number.POSITIVE_INFINITY;
  }

  /** An attempt starts; while the endpoint is down it is the probe. */
  started(sequence: number): void {
    if (this.#isDown) this.#probe = sequence;
  }

  /** Learns from an attempt that has ended. */
  ended(attempt: OutageInput): OutageStep {
    const { outcome } = attempt;
    if (this.#maxMs === 0) return STANDS;
    if (outcome.ok) return this.#succeeded(attempt);
    if (outcome.failure.kind === 'cancelled') return this.#cancelled(attempt);
    return this.#isDown ? this.#failedWhileDown(attempt, outcome) : this.#failedWhileUp(attempt, outcome);
  }

  #succeeded({ sequence, startedAt, now }: OutageInput): OutageStep {
    this.#hasWorked = true;
    this.#row.succeeded(sequence);
    if (this.#doubtSince !== null && this.#row.total < Outage.ROW) this.#doubtSince = null;
    return this.#isDown ? this.#succeededWhileDown(sequence, startedAt, now) : STANDS;
  }

  /** A call that is older than the outage may have been the last one of a server that stops: a new one has to prove it. */
  #succeededWhileDown(sequence: number, startedAt: number, now: number): OutageStep {
    if (sequence !== this.#probe) {
      this.#probeAt = Math.min(this.#probeAt, now);
      return STANDS;
    }
    this.#end(now);
    this.#ramp.begin(startedAt);
    return ENDED;
  }

  /** Tells nothing; a client of one's own may end the probe so, and another one has to follow. */
  #cancelled({ sequence, now }: OutageInput): OutageStep {
    if (this.#isDown && sequence === this.#probe) {
      this.#probe = null;
      this.#planProbe(now);
    }
    return STANDS;
  }

  #failedWhileUp(attempt: OutageInput, outcome: AttemptFailure): OutageStep {
    const { sequence, startedAt, now, isRepeatable } = attempt;
    if (startedAt < this.#endedAt) return isRepeatable && isPassing(outcome) ? AGAIN : STANDS;
    if (!this.#hasWorked) return STANDS;
    if (!isSymptom(outcome)) {
      this.#row.passed(sequence);
      return STANDS;
    }
    if (this.#row.failed(sequence) < Outage.ROW) {
      if (this.#row.total >= Outage.ROW) this.#doubtSince ??= now;
      return isRepeatable ? HELD : STANDS;
    }
    this.#begin(now);
    return { call: isRepeatable ? 'again' : 'stands', change: 'began' };
  }

  #failedWhileDown(attempt: OutageInput, outcome: AttemptFailure): OutageStep {
    const call = attempt.isRepeatable && isPassing(outcome) && !isAboutEndpoint(outcome) ? 'again' : 'stands';
    if (attempt.sequence !== this.#probe) return { call };
    this.#probe = null;
    if (isAboutEndpoint(outcome)) {
      // It asks to wait: from here on that is a pause like any other.
      this.#end(attempt.now);
      return ENDED;
    }
    if (isPassing(outcome) && attempt.startedAt >= this.#since + this.#maxMs) return { call, change: 'given-up' };
    // An answer about the case alone says that something is there: it is asked again soon, with another case.
    this.#probes = isPassing(outcome) ? this.#probes + 1 : 0;
    this.#planProbe(attempt.now);
    return { call, change: 'tried' };
  }

  #begin(now: number): void {
    this.#isDown = true;
    this.#since = now;
    this.#forgetRow();
    this.#probes = 0;
    this.#probe = null;
    this.#count++;
    this.#planProbe(now);
  }

  #forgetRow(): void {
    this.#row.clear();
    this.#doubtSince = null;
  }

  #end(now: number): void {
    this.#isDown = false;
    this.#endedAt = now;
    this.#forgetRow();
    this.#probe = null;
    this.#totalMs += now - this.#since;
  }

  /** The last probe starts when the longest outage is over, not before: an outage that is shorter ends the run in no case. */
  #planProbe(now: number): void {
    const waitMs = Math.min(Outage.LONGEST_WAIT_MS, Outage.FIRST_WAIT_MS * 2 ** this.#probes);
    const jitter = 1 + Outage.JITTER * (2 * this.#random() - 1);
    this.#probeAt = Math.max(now, Math.min(now + waitMs * jitter, this.#since + this.#maxMs));
  }
}

/** The step that changes nothing. */
export const STANDS: OutageStep = { call: 'stands' };
const HELD: OutageStep = { call: 'held' };
const AGAIN: OutageStep = { call: 'again' };
const ENDED: OutageStep = { call: 'stands', change: 'ended' };

const DOWN_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** True for what a dead endpoint looks like: no connection, a cut one, or a gateway that says so. */
export function isSymptom(outcome: AttemptFailure): boolean {
  const { kind, phase, httpStatus } = outcome.failure;
  // With a status it is the answer of a proxy: one that refuses us is not down.
  if (kind === 'network') return httpStatus === undefined || DOWN_STATUSES.has(httpStatus);
  if (kind === 'timeout') return phase === 'connect';
  return kind === 'http' && DOWN_STATUSES.has(httpStatus ?? 0) && !isAboutEndpoint(outcome);
}

/** True when the failure may be over later, so that an outage explains it. */
function isPassing(outcome: AttemptFailure): boolean {
  return outcome.failure.retryable || isSymptom(outcome);
}
