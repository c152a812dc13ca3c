/** One case from its first call to exactly one result: what each attempt meant, and what comes next. Pure but for the clock. */

import { decideRetry, wasNotProcessed, type RetryDecision, type RetryRules } from '../flow/backoff.js';
import type { Hold, Waited } from './start-gate.js';
import {
  type Case,
  type CaseEntry,
  EnrichedCase,
  type EnrichmentResult,
  type Failure,
  type NotRetried,
  type Try,
  type WaitReason,
} from '../case.js';
import type { AttemptFailure, AttemptOutcome, Clock, PreparedRequest, Random } from '../ports.js';
import { failureLabel } from '../results/failure-label.js';
import { isoTimeText } from '../cases/iso-time.js';
import { withMember } from '../../json/text.js';
import { tenth } from '../results/latency.js';

/** Settings that every case of a run shares. */
export interface CaseRules extends RetryRules {
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  /** The member that the enrichment becomes. */
  readonly into: string;
}

/** One case that a call is made for; `sequence` is its order of arrival in the pipeline, from 0. */
export interface Member {
  readonly sequence: number;
  readonly entry: CaseEntry;
  /** What the client has made of the case before the first call. */
  readonly prepared: Partial<PreparedRequest>;
  /** It is enriched, by the same request, and that was too long ago. */
  readonly refresh?: boolean;
}

/** How a call ended, the same for every case that it was made for. */
export type Ending =
  | { readonly status: 'enriched'; readonly answer: string }
  | { readonly status: 'failed' | 'cancelled'; readonly error: Failure };

/** What follows an attempt. The caller charges the retry to the budget before it carries out a `wait`. */
export type Step =
  | { readonly do: 'finish'; readonly ending: Ending }
  /** What failed was not about the case: it is called again, before all others, and that costs it nothing. */
  | { readonly do: 'again'; readonly waitFor: WaitReason }
  | Extract<RetryDecision, { do: 'wait' | 'pause' }>;

/** A wait between two attempts, in times of the run's clock. */
interface Wait {
  readonly since: number;
  readonly until: number;
  readonly for: WaitReason;
}

/** A case that is answered "too many" more often than this fails: else it could pause the whole run for ever. */
export const MOST_PAUSES = 50;

/** Waits that no deadline is charged for: the case has no part in them. */
const UNCHARGED: ReadonlySet<WaitReason> = new Set(['pause', 'outage', 'token']);

/** A result while it is built, member by member: an object spread would copy it each time. */
type ResultDraft = { -readonly [K in keyof EnrichmentResult]: EnrichmentResult[K] };

export class CaseRun {
  /** The cases that the call is made for: one, or those of a batch. */
  readonly members: readonly Member[];
  /** The prepared request, passed to the client. */
  readonly case: Case;
  readonly request: unknown;
  readonly #rules: CaseRules;
  readonly #clock: Clock;
  attempts = 0;
  /** Attempts whose token the endpoint refused. */
  tokenRefusals = 0;
  #wait: Wait | null = null;
  #firstStart = 0;
  #attemptStart = 0;
  #attemptEnd = 0;
  /** Time so far that does not count towards the deadline, in milliseconds. */
  #unchargedMs = 0;
  #retriesUsed = 0;
  #pauses = 0;
  #last: AttemptFailure | null = null;
  #tries: Try[] = [];
  #waitBefore: Waited | null = null;
  /** Which attempt is a retry that was charged to the retry budget. */
  #budgetCharge: 'none' | 'next-attempt' | 'this-attempt' = 'none';

  /** @param members at least one. */
  constructor(members: readonly Member[], call: { case: Case; request: unknown }, rules: CaseRules, clock: Clock) {
    this.members = members;
    this.case = call.case;
    this.request = call.request;
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Goes on for some of another run's cases: their attempts, times and deadline so far, with its retries given back. */
  continueFrom(other: CaseRun): this {
    this.attempts = other.attempts;
    this.#firstStart = other.#firstStart;
    this.#unchargedMs = other.#unchargedMs;
    this.#tries = [...other.#tries];
    return this;
  }

  /** Equal for calls whose requests are equal; undefined when they can't be shared. */
  get shareKey(): string | undefined {
    return this.members.length === 1 ? this.members[0]?.prepared.shareKey : undefined;
  }

  /** True when a second call does no harm, whatever became of the first. */
  get isSafeToRepeat(): boolean {
    return this.#rules.safeToRepeat;
  }

  /** True when a call that ended like this can be made again without harm. */
  canRepeat(outcome: AttemptOutcome): boolean {
    return this.isSafeToRepeat || (!outcome.ok && wasNotProcessed(outcome));
  }

  /** When the attempt under way was started. */
  get startedAt(): number {
    return this.#attemptStart;
  }

  /** True when the attempt under way, or the one that has just ended, is a retry that was charged to the budget. */
  get isChargedRetry(): boolean {
    return this.#budgetCharge === 'this-attempt';
  }

  /** Begins a wait between two attempts. */
  beginWait(until: number, reason: WaitReason): void {
    this.#wait = { since: this.#attemptEnd, until, for: reason };
  }

  /** The attempt that has ended costs its case nothing, neither time nor a retry: it is made again when the run goes on. */
  callAgain(reason: WaitReason): void {
    this.#unchargedMs += this.#attemptEnd - this.#attemptStart;
    if (this.isChargedRetry) this.#retriesUsed--;
    this.#budgetCharge = 'none';
    this.#wait = { since: this.#attemptEnd, until: this.#clock.now(), for: reason };
  }

  /** What the deadline leaves now; time in which the whole run was held is not charged. */
  leftMs(hold: Hold): number {
    if (this.attempts === 0) return this.#rules.deadlineMs;
    const now = this.#clock.now();
    return this.#rules.deadlineMs - (now - this.#firstStart - this.#unchargedMs - this.#unchargedWaitMs(now, hold));
  }

  /**
   * An attempt starts; returns its timeout and whether that is what the deadline leaves. `held` is what the
   * start had to wait for when it was its turn.
   */
  begin(hold: Hold, held?: WaitReason): { timeoutMs: number; deadline: boolean; waited: Waited | null } {
    const now = this.#clock.now();
    const left = this.leftMs(hold);
    if (this.attempts === 0) this.#firstStart = now;
    this.#endWait(now, hold, held);
    this.#attemptStart = now;
    this.#budgetCharge = this.#budgetCharge === 'next-attempt' ? 'this-attempt' : 'none';
    this.attempts++;
    const { timeoutMs } = this.#rules;
    return { timeoutMs: Math.min(timeoutMs, left), deadline: left < timeoutMs, waited: this.#waitBefore };
  }

  /** An attempt has ended: the result, or the wait before the next attempt. */
  settle(outcome: AttemptOutcome, random: Random): Step {
    this.note(outcome);
    return this.decide(outcome, random);
  }

  /** An attempt has ended; what follows is decided now or later. */
  note(outcome: AttemptOutcome): void {
    this.#attemptEnd = this.#clock.now();
    this.#noteTry(outcome, this.#attemptEnd);
    if (!outcome.ok) this.#last = outcome;
  }

  /** What follows the attempt that was noted last; the time since its end is not charged. */
  decide(outcome: AttemptOutcome, random: Random): Step {
    if (outcome.ok) return { do: 'finish', ending: { status: 'enriched', answer: outcome.text } };
    this.#unchargedMs += this.#clock.now() - this.#attemptEnd;
    if (outcome.failure.kind === 'cancelled') return { do: 'finish', ending: this.cancelled(outcome.failure.message) };
    const left = this.#rules.deadlineMs - (this.#clock.now() - this.#firstStart - this.#unchargedMs);
    const decision = decideRetry(outcome, { retriesUsed: this.#retriesUsed, leftMs: left }, this.#rules, random);
    if (decision.do === 'fail') return this.#fail(decision.notRetried, decision.because);
    if (decision.do === 'pause') return ++this.#pauses > MOST_PAUSES ? this.#fail() : decision;
    return decision;
  }

  /** The retry that comes next was charged to the budget. */
  chargeRetry(): void {
    this.#retriesUsed++;
    this.#budgetCharge = 'next-attempt';
  }

  /** The call has failed with what its last attempt said. */
  failed(notRetried?: NotRetried, because?: string): Ending {
    const last = this.#last?.failure ?? NEVER_CALLED;
    const message = withAttempts(last.message, this.attempts, because);
    return { status: 'failed', error: { ...last, message, ...(notRetried === undefined ? {} : { notRetried }) } };
  }

  /** The run stops for what the endpoint does: the case has failed with its last attempt, and is worth another run. */
  givenUp(): Ending {
    const failure = this.#last?.failure ?? NEVER_CALLED;
    const error = { ...failure, message: withAttempts(failure.message, this.attempts, undefined), retryable: true };
    return { status: 'failed', error };
  }

  /** The deadline ran out while the case waited for its turn. */
  expired(): Ending {
    const last = this.#last?.failure;
    const message = withAttempts(last?.message ?? 'no time left', this.attempts, 'the deadline has passed');
    const kind = last?.kind ?? 'timeout';
    return { status: 'failed', error: { ...last, kind, message, retryable: true, notRetried: 'deadline' } };
  }

  /** The run ended before the case did; the last attempt's failure is kept. */
  cancelled(why: string): Ending {
    const last = this.#last?.failure;
    const after = last === undefined || last.kind === 'cancelled' ? '' : ` (last attempt: ${last.message})`;
    return { status: 'cancelled', error: { ...last, kind: 'cancelled', message: `${why}${after}`, retryable: true } };
  }

  /** The result of one of the cases. `shared` when the call was made for another case with the same request. */
  result(member: Member, ending: Ending, shared = false): EnrichmentResult {
    const { entry, prepared } = member;
    const isEnriched = ending.status === 'enriched';
    const text = isEnriched ? withMember(entry.case.text, this.#rules.into, ending.answer) : null;
    const result: ResultDraft = {
      caseId: entry.case.id,
      status: ending.status,
      index: entry.index,
      enrichedCase: text === null ? null : new EnrichedCase(text),
      error: isEnriched ? null : ending.error,
      attempts: this.attempts,
      durationMs: this.attempts === 0 ? 0 : tenth(this.#clock.now() - this.#firstStart),
      at: isoTimeText(this.#clock.wallNow()),
      case: entry.case,
    };
    if (prepared.key !== undefined) result.key = prepared.key;
    if (entry.delivery !== undefined) result.delivery = entry.delivery;
    if (this.#tries.length > 1) result.tries = this.#tries;
    if (shared) result.shared = true;
    if (member.refresh) result.refresh = true;
    return result as EnrichmentResult;
  }

  #fail(notRetried?: NotRetried, because?: string): Step {
    return { do: 'finish', ending: this.failed(notRetried, because) };
  }

  #endWait(now: number, hold: Hold, held: WaitReason | undefined): void {
    this.#waitBefore = null;
    if (this.#wait === null) return;
    this.#unchargedMs += this.#unchargedWaitMs(now, hold);
    this.#waitBefore = { ms: now - this.#wait.since, for: reasonOf(this.#wait, now, hold, held) };
    this.#wait = null;
  }

  /** The part of the present wait in which the whole run was held: the deadline is not charged for it. */
  #unchargedWaitMs(now: number, hold: Hold): number {
    if (this.#wait === null || this.attempts === 0) return 0;
    if (UNCHARGED.has(this.#wait.for) || (this.#wait.for === 'retry-after' && this.#pauses > 0))
      return now - this.#wait.since;
    return hold.until > this.#wait.until ? Math.max(0, now - this.#wait.until) : 0;
  }

  /** The only attempt of a case is told by the result itself. */
  #noteTry(outcome: AttemptOutcome, now: number): void {
    if (outcome.ok && this.#tries.length === 0) return;
    this.#tries.push({
      startMs: tenth(this.#attemptStart - this.#firstStart),
      durationMs: tenth(now - this.#attemptStart),
      outcome: outcome.ok ? 'ok' : failureLabel(outcome.failure),
      waitMs: tenth(this.#waitBefore?.ms ?? 0),
      ...(this.#waitBefore === null ? {} : { waitFor: this.#waitBefore.for }),
    });
  }
}

const NEVER_CALLED: Failure = { kind: 'cancelled', message: 'never called', retryable: true };

/** What most of a wait was for: a retry can be held up with the whole run, or by the rate, for longer than its backoff. */
function reasonOf(wait: Wait, now: number, hold: Hold, held: WaitReason | undefined): WaitReason {
  if (wait.for !== 'backoff') return wait.for;
  if (hold.until > wait.until) return hold.for;
  return held === 'rate' && now - wait.until > wait.until - wait.since ? 'rate' : 'backoff';
}

function withAttempts(message: string, attempts: number, because: string | undefined): string {
  const counted = attempts > 1 ? `${message} after ${attempts} attempts` : message;
  return because === undefined ? counted : `${counted}: ${because}`;
}
