/** When the next attempt may start, and how many may be under way: rate, pause, outage and adaptive limit as one decision. */

import { AdaptiveLimit } from './adaptive-limit.js';
import { isAboutEndpoint } from './backoff.js';
import type { WaitReason } from '../case.js';
import type { AttemptFailure, Random } from '../ports.js';
import { EndpointPause, type PauseDecision } from './endpoint-pause.js';
import { Outage, type OutageInput, type OutageState, type OutageStep, STANDS } from './outage.js';
import { Pacing } from './pacing.js';
import { Ramp } from './ramp.js';
import type { Pacer, SharedThrottle } from './shared-throttle.js';

export interface ThrottleOptions {
  /** The most calls in flight. */
  readonly limit: number;
  readonly adaptive?: boolean;
  /** Time between two starts in milliseconds, 0 for no rate limit. */
  readonly intervalMs?: number;
  /** The longest pause that the endpoint may ask for. */
  readonly maxRetryAfterMs: number;
  /** How long an endpoint that is down is waited for: null for ever, 0 not at all. Default DEFAULT_MAX_OUTAGE_MS. */
  readonly maxOutageMs?: number | null | undefined;
  /** When the run ends at the latest, from its start; no longer pause is made than that leaves. */
  readonly maxTimeMs?: number | null;
  /** What other runs against the same endpoint share with this one. Its pacer takes the place of `intervalMs`. */
  readonly shared?: SharedThrottle | undefined;
}

export const DEFAULT_MAX_OUTAGE_MS = 120_000;

/** What an attempt that has ended brought about. */
export interface ThrottleNews {
  /** The pause that it caused, or null. */
  readonly pause: PauseDecision | null;
  readonly outage: OutageStep;
}

/** The next start has to wait. */
export interface ThrottleWait {
  readonly ms: number;
  readonly for: WaitReason;
}

const NOTHING_NEW: ThrottleNews = { pause: null, outage: STANDS };
const COURSE_POINTS = 200;

export class Throttle {
  readonly #pacing: Pacer;
  readonly #shared: SharedThrottle | undefined;
  readonly #pause: EndpointPause;
  readonly #outage: Outage;
  readonly #ramp: Ramp;
  readonly #adaptive: AdaptiveLimit | null;
  readonly #limit: number;
  readonly #beganAt: number;
  #course: { atMs: number; limit: number }[] = [];
  #courseStep = 1;
  #courseSkipped = 0;
  #settled: number;

  constructor(options: ThrottleOptions, random: Random, now: number) {
    this.#limit = options.limit;
    this.#settled = options.limit;
    this.#shared = options.shared;
    this.#pacing = options.shared?.pacer ?? new Pacing(options.intervalMs ?? 0);
    this.#ramp = new Ramp(options.limit);
    const { maxOutageMs = DEFAULT_MAX_OUTAGE_MS } = options;
    this.#outage = new Outage(maxOutageMs, random, this.#ramp);
    this.#pause = new EndpointPause(
      options.maxRetryAfterMs,
      now + (options.maxTimeMs ?? Number.POSITIVE_INFINITY),
      random,
      this.#ramp,
    );
    this.#adaptive = options.adaptive ? new AdaptiveLimit(options.limit, now) : null;
    this.#beganAt = now;
    if (this.#adaptive) this.#noteCourse(now);
  }

  /** Calls that may be in flight now. */
  get limit(): number {
    return Math.max(1, Math.min(this.#adaptive?.limit ?? this.#limit, this.#ramp.allowed));
  }

  /** When the endpoint's pause ends, on the run's clock. */
  get pausedUntil(): number {
    return this.#pause.until;
  }

  get pauses(): { readonly count: number; readonly ms: number } {
    return this.#pause.total;
  }

  outages(now: number): { readonly count: number; readonly ms: number } {
    return this.#outage.total(now);
  }

  /** The outage under way, or null. */
  get outage(): OutageState | null {
    return this.#outage.state;
  }

  /** What the adaptive limit settled on, and its course. */
  get course(): { readonly settled: number; readonly course?: readonly { atMs: number; limit: number }[] } {
    return this.#adaptive ? { settled: this.#settled, course: this.#course } : { settled: this.#limit };
  }

  /** When the last pause or outage ends or ended (Infinity while that is not known): no case is charged for it. */
  get heldUntil(): number {
    return Math.max(this.#pause.until, this.#outage.until);
  }

  get heldFor(): WaitReason {
    return this.#outage.until > this.#pause.until ? 'outage' : 'pause';
  }

  /** How long a further exchange of an attempt under way (a redirect) has to wait; null when it may start now. */
  waitOfExchange(now: number): ThrottleWait | null {
    const pauseMs = Math.max(this.#pause.until, this.#adaptive?.holdUntil ?? Number.NEGATIVE_INFINITY) - now;
    const rateMs = this.#pacing.waitMs(now);
    if (pauseMs <= 0 && rateMs <= 0) return null;
    return pauseMs >= rateMs ? { ms: pauseMs, for: 'pause' } : { ms: rateMs, for: 'rate' };
  }

  /** Null when an attempt may start now, else how long to wait and what for. */
  wait(now: number): ThrottleWait | null {
    const wait = this.waitOfExchange(now);
    const outageMs = this.#outage.waitMs(now);
    return outageMs > (wait?.ms ?? 0) ? { ms: outageMs, for: 'outage' } : wait;
  }

  /** Attempt number `sequence` of the run starts now; `inFlight` counts it. */
  started(now: number, inFlight: number, sequence: number): void {
    this.#pacing.started(now);
    this.#outage.started(sequence);
    this.#adaptive?.started(inFlight);
  }

  /** A further exchange of an attempt under way (a redirect) starts now. */
  exchangeStarted(now: number): void {
    this.#pacing.started(now);
  }

  /** Another run was asked for a pause that ends at `untilMs`. */
  pauseUntil(untilMs: number, now: number): void {
    this.#pause.join(untilMs, now);
  }

  /** Learns from an attempt. */
  ended(attempt: OutageInput): ThrottleNews {
    // How an endpoint fails that is down says nothing about how much it can take.
    if (!this.#outage.isDown) this.#adapt(attempt);
    const outage = this.#outage.ended(attempt);
    const pause = this.#pauseAfter(attempt);
    return pause === null && outage === STANDS ? NOTHING_NEW : { pause, outage };
  }

  get isRamping(): boolean {
    return this.#ramp.allowed !== Number.POSITIVE_INFINITY;
  }

  /** When the ramp after a pause or an outage opens by time; null without one. `callMs` is what calls usually take. */
  rampStepAt(callMs: number): number | null {
    return this.#ramp.nextStepAt(callMs);
  }

  openRamp(now: number, callMs: number): void {
    this.#ramp.openByTime(now, callMs);
  }

  #pauseAfter({ outcome, startedAt, now }: OutageInput): PauseDecision | null {
    if (!outcome.ok && isAboutEndpoint(outcome)) {
      const decision = this.#pause.busy({ now, startedAt, askedWaitMs: outcome.askedWaitMs });
      if (decision.do === 'pause') this.#shared?.tellPause(decision.untilMs - now);
      return decision;
    }
    if (outcome.ok) this.#pause.succeeded(startedAt);
    const isAnswer = outcome.ok || outcome.failure.kind === 'http' || outcome.failure.kind === 'response';
    if (isAnswer) this.#ramp.answered(startedAt, now);
    return null;
  }

  #adapt({ outcome, startedAt, now }: OutageInput): void {
    if (!this.#adaptive) return;
    const before = this.#adaptive.limit;
    if (outcome.ok) this.#adaptive.succeeded(now, now - startedAt);
    else if (isShed(outcome)) this.#adaptive.shed(now);
    if (this.#adaptive.limit !== before) this.#noteCourse(now);
  }

  #noteCourse(now: number): void {
    this.#settled = this.#adaptive?.limit ?? this.#limit;
    if (this.#courseSkipped++ % this.#courseStep !== 0) return;
    this.#course.push({ atMs: Math.round(now - this.#beganAt), limit: this.#settled });
    if (this.#course.length < COURSE_POINTS) return;
    this.#course = this.#course.filter((_, index) => index % 2 === 0);
    this.#courseStep *= 2;
  }
}

function isShed({ failure }: AttemptFailure): boolean {
  if (failure.kind === 'http') return failure.httpStatus === 429 || failure.httpStatus === 503;
  if (failure.kind === 'timeout') return failure.phase === 'connect';
  return failure.kind === 'network' && failure.code === 'ECONNRESET';
}
