/** When the next attempt may start, and how many may be under way: rate, pause and adaptive limit as one decision. */

import { AdaptiveLimit } from './adaptive-limit.js';
import { isAboutEndpoint } from './backoff.js';
import type { WaitReason } from '../case.js';
import type { AttemptOutcome, Random } from '../ports.js';
import { EndpointPause, type PauseDecision } from './endpoint-pause.js';
import { Pacing } from './pacing.js';

export interface ThrottleOptions {
  /** The most calls in flight. */
  readonly limit: number;
  readonly adaptive?: boolean;
  /** Time between two starts in milliseconds, 0 for no rate limit. */
  readonly intervalMs?: number;
  /** The longest pause that the endpoint may ask for. */
  readonly maxRetryAfterMs: number;
  /** When the run ends at the latest, from its start; no longer pause is made than that leaves. */
  readonly maxTimeMs?: number | null;
}

/** An attempt that has ended. */
export interface EndedAttempt {
  readonly outcome: AttemptOutcome;
  readonly startedAt: number;
  readonly now: number;
}

/** The next start has to wait. */
export interface ThrottleWait {
  readonly ms: number;
  readonly for: WaitReason;
}

const COURSE_POINTS = 200;

export class Throttle {
  readonly #pacing: Pacing;
  readonly #pause: EndpointPause;
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
    this.#pacing = new Pacing(options.intervalMs ?? 0);
    this.#pause = new EndpointPause(
      options.maxRetryAfterMs,
      now + (options.maxTimeMs ?? Number.POSITIVE_INFINITY),
      random,
    );
    this.#adaptive = options.adaptive ? new AdaptiveLimit(options.limit, now) : null;
    this.#beganAt = now;
    if (this.#adaptive) this.#noteCourse(now);
  }

  /** Calls that may be in flight now. */
  get limit(): number {
    return Math.max(1, Math.min(this.#adaptive?.limit ?? this.#limit, this.#pause.allowed));
  }

  /** When the endpoint's pause ends, on the run's clock. */
  get pausedUntil(): number {
    return this.#pause.until;
  }

  get pauses(): { readonly count: number; readonly ms: number } {
    return this.#pause.total;
  }

  /** What the adaptive limit settled on, and its course. */
  get course(): { readonly settled: number; readonly course?: readonly { atMs: number; limit: number }[] } {
    return this.#adaptive ? { settled: this.#settled, course: this.#course } : { settled: this.#limit };
  }

  /** The endpoint's last pause, which no case is charged for. */
  get hold(): { readonly until: number; readonly for: WaitReason } {
    return { until: this.#pause.until, for: 'pause' };
  }

  /** How long a further exchange of an attempt under way (a redirect) has to wait; null when it may start now. */
  waitOfExchange(now: number): ThrottleWait | null {
    return this.wait(now);
  }

  /** Null when an attempt may start now, else how long to wait and what for. */
  wait(now: number): ThrottleWait | null {
    const pauseMs = Math.max(this.#pause.until, this.#adaptive?.holdUntil ?? Number.NEGATIVE_INFINITY) - now;
    const rateMs = this.#pacing.waitMs(now);
    if (pauseMs <= 0 && rateMs <= 0) return null;
    return pauseMs >= rateMs ? { ms: pauseMs, for: 'pause' } : { ms: rateMs, for: 'rate' };
  }

  /** An attempt starts now; `inFlight` counts it. */
  started(now: number, inFlight: number): void {
    this.#pacing.started(now);
    this.#adaptive?.started(inFlight);
  }

  /** A further exchange of an attempt under way (a redirect) starts now. */
  exchangeStarted(now: number): void {
    this.#pacing.started(now);
  }

  /** Learns from an attempt; answers with the pause that it caused, if any. */
  ended(attempt: EndedAttempt): PauseDecision | null {
    const { outcome, startedAt, now } = attempt;
    this.#adapt(attempt);
    if (!outcome.ok && isAboutEndpoint(outcome)) {
      return this.#pause.busy({ now, startedAt, askedWaitMs: outcome.askedWaitMs });
    }
    if (outcome.ok || outcome.failure.kind === 'http' || outcome.failure.kind === 'response') {
      this.#pause.answered(startedAt, outcome.ok);
      this.#pause.endRampAt(this.#limit);
    }
    return null;
  }

  #adapt({ outcome, startedAt, now }: EndedAttempt): void {
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

function isShed({ failure }: Extract<AttemptOutcome, { ok: false }>): boolean {
  if (failure.kind === 'http') return failure.httpStatus === 429 || failure.httpStatus === 503;
  if (failure.kind === 'timeout') return failure.phase === 'connect';
  return failure.kind === 'network' && failure.code === 'ECONNRESET';
}
