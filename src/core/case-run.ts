/** One case from its first call to exactly one result: what each attempt meant, and what comes next. Pure but for the clock. */

import { decideRetry, type RetryDecision, type RetryRules } from './backoff.js';
import {
  type AttemptFailure,
  type AttemptOutcome,
  type Case,
  type CaseEntry,
  type Clock,
  EnrichedCase,
  type EnrichmentResult,
  type Failure,
  type NotRetried,
  type Random,
  type Try,
  type UnenrichedResult,
  type WaitReason,
} from './case.js';
import { withMember } from './json-text.js';
import { tenth } from './latency.js';
import { causeOf } from './stop-rules.js';

/** Settings that every case of a run shares. */
export interface CaseRules extends RetryRules {
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  /** The member that the enrichment becomes. */
  readonly into: string;
}

/** What follows an attempt. A `wait` has to be paid from the retry budget by whoever carries it out. */
export type Step =
  | { readonly do: 'finish'; readonly result: EnrichmentResult; readonly answer?: string }
  | Extract<RetryDecision, { do: 'wait' | 'pause' }>;

/** What the client has made of a case before the first call. */
export interface Asked {
  readonly key?: string | undefined;
  readonly request?: unknown;
  readonly shareKey?: string | undefined;
}

/** A wait between two attempts: since when, until when, what for, and whether the deadline goes on meanwhile. */
interface Wait {
  readonly since: number;
  readonly until: number;
  readonly for: WaitReason;
  readonly charged: boolean;
}

/** A wait that is over. */
export interface Waited {
  readonly ms: number;
  readonly for: WaitReason;
}

/**
 * So many answers of "too many" to one case, while the endpoint serves others, are about the case after all: without an
 * end it would pause the whole run for ever.
 */
export const MOST_PAUSES = 50;

export class CaseRun {
  readonly entry: CaseEntry;
  readonly request: unknown;
  /** Equal for cases whose requests are equal; undefined when they can't be shared. */
  readonly shareKey: string | undefined;
  readonly #key: string | undefined;
  readonly #rules: CaseRules;
  readonly #clock: Clock;
  /** Order of arrival in the pipeline, from 0. */
  readonly sequence: number;
  attempts = 0;
  #wait: Wait | null = null;
  #firstStart = 0;
  #attemptStart = 0;
  #uncharged = 0;
  #retriesUsed = 0;
  #pauses = 0;
  #last: AttemptFailure | null = null;
  #tries: Try[] = [];
  #waitBefore: Waited | null = null;
  #paid: 'no' | 'for the next attempt' | 'for this attempt' = 'no';

  constructor(entry: CaseEntry, sequence: number, asked: Asked, rules: CaseRules, clock: Clock) {
    this.entry = entry;
    this.sequence = sequence;
    this.#key = asked.key;
    this.request = asked.request;
    this.shareKey = asked.shareKey;
    this.#rules = rules;
    this.#clock = clock;
  }

  get case(): Case {
    return this.entry.case;
  }

  get startedAt(): number {
    return this.#attemptStart;
  }

  /** What the last attempt failed with. */
  get lastFailure(): Failure | null {
    return this.#last?.failure ?? null;
  }

  /** True when the attempt that has just ended was a retry that the budget paid for. */
  get wasPaidRetry(): boolean {
    return this.#paid === 'for this attempt';
  }

  /** Begins a wait between two attempts. One that the endpoint's pause asks for is not charged to the deadline. */
  beginWait(until: number, reason: WaitReason, charged: boolean): void {
    this.#wait = { since: this.#clock.now(), until, for: reason, charged };
  }

  /** What the deadline leaves now; time spent in the endpoint's pause is not charged. */
  leftMs(pausedUntil: number): number {
    if (this.attempts === 0) return this.#rules.deadlineMs;
    const now = this.#clock.now();
    return this.#rules.deadlineMs - (now - this.#firstStart - this.#uncharged - this.#unchargedWait(now, pausedUntil));
  }

  /** An attempt starts; answers how long it may take and whether that is what the deadline leaves. */
  begin(pausedUntil: number): { timeoutMs: number; deadline: boolean; waited: Waited | null } {
    const now = this.#clock.now();
    const left = this.leftMs(pausedUntil);
    if (this.attempts === 0) this.#firstStart = now;
    this.#endWait(now, pausedUntil);
    this.#attemptStart = now;
    this.#paid = this.#paid === 'for the next attempt' ? 'for this attempt' : 'no';
    this.attempts++;
    const { timeoutMs } = this.#rules;
    return { timeoutMs: Math.min(timeoutMs, left), deadline: left < timeoutMs, waited: this.#waitBefore };
  }

  /** An attempt has ended: the result, or the wait before the next attempt. */
  settle(outcome: AttemptOutcome, random: Random): Step {
    const now = this.#clock.now();
    this.#noteTry(outcome, now);
    if (outcome.ok) return { do: 'finish', result: this.#enriched(outcome.text), answer: outcome.text };
    this.#last = outcome;
    if (outcome.failure.kind === 'cancelled') return { do: 'finish', result: this.cancelled(outcome.failure.message) };
    const left = this.#rules.deadlineMs - (now - this.#firstStart - this.#uncharged);
    const decision = decideRetry(outcome, { retriesUsed: this.#retriesUsed, leftMs: left }, this.#rules, random);
    if (decision.do === 'fail') return this.#fail(decision.notRetried, decision.because);
    if (decision.do === 'pause') return ++this.#pauses > MOST_PAUSES ? this.#fail() : decision;
    return decision;
  }

  /** The answer to the equal request of another case. */
  sharedAnswer(text: string): EnrichmentResult {
    return { ...this.#enriched(text), shared: true };
  }

  /** The end that the equal request of another case came to. */
  sharedEnd(result: UnenrichedResult): EnrichmentResult {
    return { ...this.#unenriched(result.status, result.error), shared: true };
  }

  /** The budget has paid for the retry that comes next. */
  payRetry(): void {
    this.#retriesUsed++;
    this.#paid = 'for the next attempt';
  }

  /** The retry budget is used up. */
  denied(): EnrichmentResult {
    return this.failed('budget');
  }

  /** The case has failed with what its last attempt said. */
  failed(notRetried?: NotRetried, because?: string): EnrichmentResult {
    const last = this.#last?.failure ?? NEVER_CALLED;
    return this.#unenriched('failed', {
      ...last,
      message: withAttempts(last.message, this.attempts, because),
      ...(notRetried === undefined ? {} : { notRetried }),
    });
  }

  /** The deadline ran out while the case waited for its turn. */
  expired(): EnrichmentResult {
    const last = this.#last?.failure;
    return this.#unenriched('failed', {
      ...last,
      kind: last?.kind ?? 'timeout',
      message: withAttempts(last?.message ?? 'no time left', this.attempts, 'the deadline has passed'),
      retryable: true,
      notRetried: 'deadline',
    });
  }

  /** The run ended before the case did; the last attempt's failure is kept. */
  cancelled(why: string): EnrichmentResult {
    const last = this.#last?.failure;
    const after = last === undefined || last.kind === 'cancelled' ? '' : ` (last attempt: ${last.message})`;
    return this.#unenriched('cancelled', { ...last, kind: 'cancelled', message: `${why}${after}`, retryable: true });
  }

  #fail(notRetried?: NotRetried, because?: string): Step {
    return { do: 'finish', result: this.failed(notRetried, because) };
  }

  #endWait(now: number, pausedUntil: number): void {
    this.#waitBefore = null;
    if (this.#wait === null) return;
    this.#uncharged += this.#unchargedWait(now, pausedUntil);
    const overtaken = this.#wait.for === 'backoff' && pausedUntil > this.#wait.until;
    this.#waitBefore = { ms: now - this.#wait.since, for: overtaken ? 'pause' : this.#wait.for };
    this.#wait = null;
  }

  /** The part of the present wait that the endpoint's pause, not the case, is to blame for. */
  #unchargedWait(now: number, pausedUntil: number): number {
    if (this.#wait === null || this.attempts === 0) return 0;
    if (this.#wait.for === 'pause' || (this.#wait.for === 'retry-after' && this.#pauses > 0))
      return now - this.#wait.since;
    return pausedUntil > this.#wait.until ? Math.max(0, now - this.#wait.until) : 0;
  }

  #noteTry(outcome: AttemptOutcome, now: number): void {
    this.#tries.push({
      startMs: tenth(this.#attemptStart - this.#firstStart),
      durationMs: tenth(now - this.#attemptStart),
      outcome: outcome.ok ? 'ok' : causeOf(outcome.failure),
      waitMs: tenth(this.#waitBefore?.ms ?? 0),
      ...(this.#waitBefore === null ? {} : { waitFor: this.#waitBefore.for }),
    });
  }

  #enriched(answer: string): EnrichmentResult {
    const text = withMember(this.case.text, this.#rules.into, answer);
    return {
      caseId: this.case.id,
      status: 'enriched',
      enrichedCase: new EnrichedCase(text),
      error: null,
      ...this.#facts(),
    };
  }

  #unenriched(status: UnenrichedResult['status'], error: Failure): EnrichmentResult {
    return { caseId: this.case.id, status, enrichedCase: null, error, ...this.#facts() };
  }

  #facts(): Pick<EnrichmentResult, 'index' | 'attempts' | 'durationMs' | 'at' | 'key' | 'tries' | 'case'> {
    return {
      index: this.entry.index,
      attempts: this.attempts,
      durationMs: this.attempts === 0 ? 0 : tenth(this.#clock.now() - this.#firstStart),
      at: new Date(this.#clock.wallNow()).toISOString(),
      ...(this.#key === undefined ? {} : { key: this.#key }),
      ...(this.#tries.length > 1 ? { tries: this.#tries } : {}),
      case: this.case,
    };
  }
}

const NEVER_CALLED: Failure = { kind: 'cancelled', message: 'never called', retryable: true };

function withAttempts(message: string, attempts: number, because: string | undefined): string {
  const counted = attempts > 1 ? `${message} after ${attempts} attempts` : message;
  return because === undefined ? counted : `${counted}: ${because}`;
}
