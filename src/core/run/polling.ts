/** A case whose answer comes later: where to ask for it, when, and what the outcomes of these polls mean. Pure. */

import type { Failure } from '../case.js';
import { decideRetry, type RetryDecision, type RetryRules, type RetryState, withJitter } from '../flow/backoff.js';
import type { AttemptFailure, PendingAnswer, Random } from '../ports.js';
import type { Unanswered } from './ending.js';

export interface PollRules {
  /** From one answer to the next poll; a longer wait that the endpoint asks for counts. */
  readonly intervalMs: number;
  /** The longest that a case may take from its first call, in place of its deadline. */
  readonly timeoutMs: number;
}

/** What counts where nothing else is said. */
export const DEFAULT_POLL: PollRules = { intervalMs: 2_000, timeoutMs: 600_000 };

/** Cases that wait for such an answer at once. */
export const DEFAULT_POLL_LIMIT = 1_000;

/** It is not known what became of the job: with other credentials it can be asked for. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 407]);

export class Polling {
  /** Where to ask next. */
  url: string;
  readonly #rules: PollRules;
  /** True once the endpoint has shown that it knows the job. */
  #isKnown = false;
  #seen: string | undefined;

  constructor(url: string, rules: PollRules = DEFAULT_POLL) {
    this.url = url;
    this.#rules = rules;
  }

  get timeoutMs(): number {
    return this.#rules.timeoutMs;
  }

  /** The endpoint has said where the answer will be; `isPoll` when it was asked about the job. */
  answered({ url, seen }: PendingAnswer, isPoll: boolean): this {
    this.url = url;
    this.#seen = seen;
    this.#isKnown ||= isPoll;
    return this;
  }

  /** The wait before the next poll: the interval, or longer where the endpoint asks for it; never less than that. */
  waitMs({ askedWaitMs = 0 }: PendingAnswer, random: Random): number {
    return withJitter(Math.max(this.#rules.intervalMs, askedWaitMs), random);
  }

  /**
   * What follows a poll that has failed. It is a GET, so that a second one is safe. A 404 to the first of them may only be
   * too early: it is repeated, after the interval at least.
   */
  decide(outcome: AttemptFailure, state: RetryState, rules: RetryRules, random: Random): RetryDecision {
    const safe = { ...rules, safeToRepeat: true };
    if (this.#isKnown || outcome.failure.httpStatus !== 404) return decideRetry(outcome, state, safe, random);
    const askedWaitMs = Math.max(outcome.askedWaitMs ?? 0, this.#rules.intervalMs);
    const early = { ...outcome, failure: { ...outcome.failure, retryable: true }, askedWaitMs };
    const decision = decideRetry(early, state, safe, random);
    return decision.do === 'wait' ? { ...decision, waitFor: 'poll' } : decision;
  }

  /** The case has run out of time; `askedWaitMs` is what the endpoint asks to wait before the next poll. */
  expired(attempts: number, askedWaitMs = 0): Unanswered {
    const { timeoutMs, intervalMs } = this.#rules;
    const asked = askedWaitMs > intervalMs ? `, and it asks to wait ${duration(askedWaitMs)} more` : '';
    const seen = this.#seen === undefined ? '' : `; last seen: ${this.#seen}`;
    const times = attempts === 1 ? 'one call' : `${attempts} calls`;
    const message = `no answer within ${duration(timeoutMs)} of polling, in ${times}${asked}${seen}`;
    return { status: 'failed', error: { kind: 'timeout', phase: 'poll', message, retryable: true } };
  }

  /**
   * Whether a case that ends like this can be asked about again, so that it need not be submitted a second time. After 404 or
   * 410, or an answer that is no good, there is nothing left to ask for.
   */
  keepsPlace({ retryable, httpStatus = 0 }: Failure): boolean {
    return retryable || REFUSED.has(httpStatus);
  }
}

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  const seconds = ms / 1_000;
  return seconds < 120 ? `${Number(seconds.toFixed(1))}s` : `${Number((seconds / 60).toFixed(1))}m`;
}
