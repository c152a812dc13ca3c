/** One case from its first call to exactly one result: what each attempt meant, and what comes next. Pure but for the clock. */

import { decideRetry, wasNotProcessed, type RetryDecision, type RetryRules } from '../flow/backoff.js';
import {
  type Case,
  type EnrichmentResult,
  type NotRetried,
  type PendingPlace,
  type Try,
  type WaitReason,
} from '../case.js';
import type { AttemptFailure, AttemptOutcome, Clock, PendingAnswer, Random } from '../ports.js';
import { type Member, caseResult } from './case-result.js';
import { answeredBy, cancelledWith, type Ending, expiredWith, failedWith } from './ending.js';
import { Polling, type PollRules } from './polling.js';
import { isOnlyTry, noteTry } from './tries.js';
import { type Hold, reasonOf, type Wait, type Waited } from './wait.js';
import { isoTimeText } from '../cases/iso-time.js';

/** Settings that every case of a run shares. */
export interface CaseRules extends RetryRules {
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  /** The member that the enrichment becomes. */
  readonly into: string;
  /** There when an answer may come later. */
  readonly poll?: PollRules;
}

/** What follows an attempt. The caller charges the retry to the budget before it carries out a `wait`. */
export type Step =
  | { readonly do: 'finish'; readonly ending: Ending }
  /** What failed was not about the case: it is called again, before all others, and that costs it nothing. */
  | { readonly do: 'again'; readonly waitFor: WaitReason }
  | Extract<RetryDecision, { do: 'wait' | 'pause' }>
  | { readonly do: 'pend'; readonly waitMs: number; readonly isNewPlace: boolean };

/** A case that is answered "too many" more often than this fails: else it could pause the whole run for ever. */
export const MOST_PAUSES = 50;

/** Waits that no deadline is charged for: the case has no part in them. */
const UNCHARGED: ReadonlySet<WaitReason> = new Set(['pause', 'outage', 'token']);

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
  #polling: Polling | null;
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
    const poll = members[0]?.poll;
    this.#polling = poll === undefined ? null : new Polling(poll, rules.poll);
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
    return this.#polling !== null || this.#rules.safeToRepeat;
  }

  /** True when a call that ended like this can be made again without harm. */
  canRepeat(outcome: AttemptOutcome): boolean {
    return this.isSafeToRepeat || (!outcome.ok && wasNotProcessed(outcome));
  }

  /** Where to ask for the answer; undefined while the case is not submitted. */
  get pollUrl(): string | undefined {
    return this.#polling?.url;
  }

  /** What a journal keeps of a case whose answer comes later. */
  get place(): PendingPlace | undefined {
    const [member] = this.members;
    if (this.#polling === null || member === undefined) return undefined;
    const { entry, prepared } = member;
    const at = isoTimeText(this.#clock.wallNow());
    const place = { caseId: entry.case.id, index: entry.index, at, poll: this.#polling.url };
    return prepared.key === undefined ? place : { ...place, key: prepared.key };
  }

  /** True when the last attempt has failed. */
  get hasFailed(): boolean {
    return this.#last !== null;
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
    if (this.attempts === 0) return this.#deadlineMs;
    const now = this.#clock.now();
    return this.#deadlineMs - (now - this.#firstStart - this.#unchargedMs - this.#unchargedWaitMs(now, hold));
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
    if (!isOnlyTry(this.#tries, outcome)) this.#noteTry(outcome);
    if (!outcome.ok && !this.#isPollOverdue(outcome)) this.#last = outcome;
  }

  /** What follows the attempt that was noted last; the time since its end is not charged. */
  decide(outcome: AttemptOutcome, random: Random): Step {
    if (outcome.ok && outcome.pending !== undefined) return this.#pend(outcome.pending, random);
    if (outcome.ok) return { do: 'finish', ending: answeredBy(outcome) };
    const now = this.#clock.now();
    this.#unchargedMs += now - this.#attemptEnd;
    if (this.#isPollOverdue(outcome)) return { do: 'finish', ending: this.expired() };
    if (outcome.failure.kind === 'cancelled') return { do: 'finish', ending: this.cancelled(outcome.failure.message) };
    const decision = this.#decide(outcome, now, random);
    if (decision.do === 'fail') return this.#fail(decision.notRetried, decision.because);
    if (decision.do === 'pause') return ++this.#pauses > MOST_PAUSES ? this.#fail() : decision;
    return decision;
  }

  #noteTry(outcome: AttemptOutcome): void {
    const startMs = this.#attemptStart - this.#firstStart;
    const durationMs = this.#attemptEnd - this.#attemptStart;
    noteTry(this.#tries, { startMs, durationMs, outcome, waited: this.#waitBefore });
  }

  #isPollOverdue({ failure }: AttemptFailure): boolean {
    return this.#polling !== null && failure.phase === 'deadline';
  }

  /** The answer comes later. Retries are for one call, and this one has succeeded. */
  #pend(pending: PendingAnswer, random: Random): Step {
    const former = this.#polling?.url;
    this.#polling ??= new Polling(pending.url, this.#rules.poll);
    const polling = this.#polling.answered(pending, former !== undefined);
    this.#last = null;
    [this.#retriesUsed, this.#pauses] = [0, 0];
    const waitMs = polling.waitMs(pending, random);
    if (waitMs < this.#leftAt(this.#clock.now())) return { do: 'pend', waitMs, isNewPlace: former !== polling.url };
    return { do: 'finish', ending: polling.expired(this.attempts, pending.askedWaitMs) };
  }

  #decide(outcome: AttemptFailure, now: number, random: Random): RetryDecision {
    const state = { retriesUsed: this.#retriesUsed, leftMs: this.#leftAt(now) };
    if (this.#polling !== null) return this.#polling.decide(outcome, state, this.#rules, random);
    return decideRetry(outcome, state, this.#rules, random);
  }

  /** What the deadline leaves at the end of an attempt. */
  #leftAt(now: number): number {
    return this.#deadlineMs - (now - this.#firstStart - this.#unchargedMs);
  }

  get #deadlineMs(): number {
    return this.#polling?.timeoutMs ?? this.#rules.deadlineMs;
  }

  /** The retry that comes next was charged to the budget. */
  chargeRetry(): void {
    this.#retriesUsed++;
    this.#budgetCharge = 'next-attempt';
  }

  /** The call has failed with what its last attempt said. */
  failed(notRetried?: NotRetried, because?: string): Ending {
    return failedWith(this.#last?.failure, this.attempts, { notRetried, because });
  }

  /** The run stops for what the endpoint does: the case has failed with its last attempt, and is worth another run. */
  givenUp(): Ending {
    return failedWith(this.#last?.failure, this.attempts, { retryable: true });
  }

  /** The deadline ran out while the case waited for its turn. */
  expired(): Ending {
    return this.#polling?.expired(this.attempts) ?? expiredWith(this.#last?.failure, this.attempts);
  }

  /** The run ended before the case did; the last attempt's failure is kept. */
  cancelled(why: string): Ending {
    return cancelledWith(this.#last?.failure, why);
  }

  /** The result of one of the cases. `shared` when the call was made for another case with the same request. */
  result(member: Member, ending: Ending, shared = false): EnrichmentResult {
    const isPlaceKept = ending.status !== 'enriched' && this.#polling?.keepsPlace(ending.error);
    return caseResult(member, ending, {
      into: this.#rules.into,
      attempts: this.attempts,
      durationMs: this.attempts === 0 ? 0 : this.#clock.now() - this.#firstStart,
      at: isoTimeText(this.#clock.wallNow()),
      tries: this.#tries,
      shared,
      poll: isPlaceKept ? this.#polling?.url : undefined,
    });
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
}
