/** Decides whether a failed attempt is retried, and when. Pure. */

import type { Failure, NotRetried, WaitReason } from '../case.js';
import { COMES_LATER } from './accepted-statuses.js';
import type { AttemptFailure, Random } from '../ports.js';

export interface RetryRules {
  /** Attempts after the first. */
  readonly retries: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** Whether a call that may have been processed can be made again. */
  readonly safeToRepeat: boolean;
}

/** The input of the decision after a failed attempt. */
export interface RetryState {
  /** Retries that this case has already used. */
  readonly retriesUsed: number;
  /** What the deadline leaves, in milliseconds. */
  readonly leftMs: number;
}

export type RetryDecision =
  /** The endpoint is busy, which is not the case's fault: repeat after the endpoint's pause, without using up a retry. */
  | { readonly do: 'pause'; readonly waitFor: WaitReason }
  | { readonly do: 'wait'; readonly waitMs: number; readonly waitFor: WaitReason }
  | { readonly do: 'fail'; readonly notRetried?: NotRetried; readonly because?: string };

/** Statuses that are about the endpoint, not the case, when they come with a wait; 429 always is. */
const BUSY_WITH_RETRY_AFTER: ReadonlySet<number> = new Set([403, 503]);

/** True when the answer is about the endpoint rather than the case: all calls to it should pause. */
export function isAboutEndpoint({ failure, askedWaitMs }: AttemptFailure): boolean {
  if (failure.kind !== 'http' || failure.httpStatus === undefined) return false;
  return failure.httpStatus === 429 || (BUSY_WITH_RETRY_AFTER.has(failure.httpStatus) && askedWaitMs !== undefined);
}

/** True when a second call is safe for every method: nothing was sent, or the answer says that nothing was done. */
export function wasNotProcessed({ failure, unsent }: AttemptFailure): boolean {
  return unsent === true || failure.httpStatus === 429;
}

/** Decides what follows a failed attempt, except for the retry budget: the caller charges it before carrying out a `wait`. */
export function decideRetry(
  outcome: AttemptFailure,
  state: RetryState,
  rules: RetryRules,
  random: Random,
): RetryDecision {
  const { failure, askedWaitMs } = outcome;
  if (!failure.retryable || failure.kind === 'cancelled' || failure.phase === 'deadline') return { do: 'fail' };
  if (comesLater(failure)) return { do: 'fail' };
  if (!rules.safeToRepeat && !wasNotProcessed(outcome)) return { do: 'fail', notRetried: 'unsafe' };
  if (isAboutEndpoint(outcome)) return { do: 'pause', waitFor: askedWaitMs === undefined ? 'pause' : 'retry-after' };
  if (state.retriesUsed >= rules.retries) return { do: 'fail' };
  return fitIntoDeadline(retryWait(state.retriesUsed + 1, askedWaitMs, rules, random), askedWaitMs, state.leftMs);
}

/** True when the answer comes later: asking again at once would make the same request a second time. */
function comesLater({ kind, httpStatus }: Failure): boolean {
  return kind === 'response' && httpStatus === COMES_LATER;
}

/**
 * The wait before a retry: exponential backoff with full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog),
 * and never less than what the endpoint asked for, with jitter on top.
 */
export function retryWait(
  retry: number,
  askedWaitMs: number | undefined,
  rules: Pick<RetryRules, 'backoffMs' | 'maxBackoffMs'>,
  random: Random,
): number {
  const backoff = Math.min(rules.maxBackoffMs, rules.backoffMs * 2 ** (retry - 1)) * random();
  return askedWaitMs === undefined ? backoff : Math.max(backoff, withJitter(askedWaitMs, random));
}

/** A wait that was asked for, with up to a tenth (at most a second) on top, so that clients don't all return at once. */
export function withJitter(askedWaitMs: number, random: Random): number {
  return askedWaitMs + random() * Math.min(1_000, askedWaitMs / 10);
}

function fitIntoDeadline(waitMs: number, askedWaitMs: number | undefined, leftMs: number): RetryDecision {
  const waitFor = askedWaitMs === undefined ? 'backoff' : 'retry-after';
  if (waitMs + 1 <= leftMs) return { do: 'wait', waitMs, waitFor };
  const left = `the deadline leaves ${seconds(leftMs)}`;
  const because = askedWaitMs === undefined ? left : `asked to wait ${seconds(askedWaitMs)}, ${left}`;
  return { do: 'fail', notRetried: 'deadline', because };
}

function seconds(ms: number): string {
  const value = Math.max(0, ms) / 1_000;
  return `${value >= 10 ? Math.round(value) : Number(value.toFixed(1))}s`;
}
