/**
 * The tokens of a run: one for all calls, got before the first of them, renewed ahead of its end and when the endpoint
 * refuses it. Asks its provider once at a time; while there is no token, no attempt starts.
 */

import { TokenTrust } from '../flow/token-trust.js';
import { DEFAULT_MAX_OUTAGE_MS, type ThrottleOptions, type ThrottleWait } from '../flow/throttle.js';
import type { CaseRun } from './case-run.js';
import type { AttemptOutcome, Clock, CredentialProvider, Timer, Token, TokenEvent, TokenReason } from '../ports.js';
import type { Holder } from './start-gate.js';

/** Callbacks of the keeper. */
export interface TokenEvents {
  /** Calls may start again. */
  readonly free: () => void;
  readonly told?: ((event: TokenEvent) => void) | undefined;
  /** There is no token to be had, or none that the endpoint takes: the run can't go on. */
  readonly stop: (reason: 'auth') => void;
  readonly failed: (error: unknown) => void;
}

/** A token is renewed so long before its end, or a tenth of its life if that is shorter. */
export const RENEWED_BEFORE_MS = 60_000;
/** The waits between two questions when no token can be had: the first and the longest, doubling in between. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * What an attempt says of its token. `again`: the token is to blame, the call is made again at no cost. `doubtful`: the case
 * has failed, and is worth another run. `stands`: the outcome counts as it is.
 */
export type TokenVerdict = 'again' | 'doubtful' | 'stands';

/** An attempt that has ended; `token` is what it was made with. */
export interface EndedUse {
  readonly token: Token | undefined;
  readonly run: CaseRun;
  readonly now: number;
}

/** The tokens of a run; null for a client without credentials. Calls wait for a token for as long as an outage may last. */
export function openTokens(
  provider: CredentialProvider | undefined,
  { maxOutageMs = DEFAULT_MAX_OUTAGE_MS }: ThrottleOptions,
  clock: Clock,
  events: TokenEvents,
): TokenKeeper | null {
  return provider === undefined ? null : new TokenKeeper(provider, clock, maxOutageMs, events);
}

export class TokenKeeper implements Holder {
  readonly heldFor = 'token';
  readonly #provider: CredentialProvider;
  readonly #clock: Clock;
  readonly #maxWaitMs: number | null;
  readonly #events: TokenEvents;
  readonly #trust = new TokenTrust();
  #endsAt = Number.POSITIVE_INFINITY;
  #renewAt = Number.POSITIVE_INFINITY;
  #checkAt = Number.POSITIVE_INFINITY;
  /** When the provider may be asked again after it had no token. */
  #askAt = Number.NEGATIVE_INFINITY;
  #misses = 0;
  #isAsking = false;
  #isClosed = false;
  #heldSince: number | null = null;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #why: TokenReason = 'first';
  #hadOne = false;
  /** Why there is no token, where the run can't go on without. */
  problem: string | null = null;
  #lastProblem = 'nothing has answered';
  #askTimer: Timer | null = null;
  #giveUpTimer: Timer | null = null;
  /** Attempts under way that have the token which is on trial. */
  #onTrial = 0;

  /** @param maxWaitMs how long calls wait for a token before the run stops: null for ever, 0 not at all. */
  constructor(provider: CredentialProvider, clock: Clock, maxWaitMs: number | null, events: TokenEvents) {
    this.#provider = provider;
    this.#clock = clock;
    this.#maxWaitMs = maxWaitMs;
    this.#events = events;
  }

  get heldUntil(): number {
    return this.#heldSince === null ? this.#heldUntil : Number.POSITIVE_INFINITY;
  }

  /** True while calls wait for a token. */
  get isAwaited(): boolean {
    return this.#heldSince !== null && this.#trust.token === null;
  }

  wait(now: number): ThrottleWait | null {
    if (this.#isClosed) return null;
    if (this.#trust.token !== null && now >= this.#endsAt) this.#drop('ended');
    if (this.#trust.token === null) {
      this.#awaitToken(now);
      return UNTIL_TOLD;
    }
    if (now >= this.#renewAt) this.#ask('ahead');
    else if (now >= this.#checkAt) this.#ask('changed');
    if (this.#trust.isOnTrial && this.#onTrial > 0) {
      this.#heldSince ??= now;
      return UNTIL_TOLD;
    }
    this.#release(now);
    return null;
  }

  /** The token for an attempt that starts now. Call after `wait` has said that it may. */
  take(): Token | undefined {
    if (this.#trust.isOnTrial) this.#onTrial++;
    return this.#trust.token ?? undefined;
  }

  /** An attempt has ended. */
  ended({ token, run, now }: EndedUse, outcome: AttemptOutcome): TokenVerdict {
    if (token === undefined) return 'stands';
    if (this.#trust.token === token) this.#onTrial = Math.max(0, this.#onTrial - 1);
    const use = { token, startedAt: run.startedAt, now, refusedBefore: run.tokenRefusals };
    if (outcome.ok || outcome.refusedToken !== true) {
      this.#trust.passed(use, outcome);
      return 'stands';
    }
    run.tokenRefusals++;
    if (this.#isClosed) return this.problem === null ? 'stands' : 'doubtful';
    const step = this.#trust.refused(use);
    if (step === 'stop') this.#stop('the endpoint refuses the new token too');
    if (step === 'renew') this.#renew(token, now);
    if (step === 'again' || step === 'renew') return 'again';
    return step === 'stop' || !this.#trust.isAccepted ? 'doubtful' : 'stands';
  }

  /** No token is asked for any more. */
  close(): void {
    this.#isClosed = true;
    this.#askTimer?.cancel();
    this.#giveUpTimer?.cancel();
  }

  #renew(token: Token, now: number): void {
    this.#drop('refused');
    this.#provider.refused?.(token);
    this.#askAt = now;
    this.#awaitToken(now);
  }

  #drop(why: TokenReason): void {
    if (why === 'ended') this.#trust.ended();
    this.#why = why;
    this.#onTrial = 0;
  }

  #ask(why: TokenReason): void {
    const askedAt = this.#clock.now();
    if (this.#isAsking || this.#isClosed) return;
    if (askedAt < this.#askAt) return this.#askLater(this.#askAt - askedAt);
    this.#isAsking = true;
    this.#answer(why).then(
      (token) => this.#settle(() => this.#got(token, why, askedAt)),
      (error: unknown) => this.#settle(() => this.#missed(error)),
    );
  }

  /** What a provider throws at once is a rejection too. */
  async #answer(why: TokenReason): Promise<Token> {
    const { doubted } = this.#trust;
    const token = await this.#provider.current();
    if (why === 'refused' && token.value === doubted?.value) throw new Error(STILL_THE_SAME);
    return token;
  }

  #settle(work: () => void): void {
    this.#isAsking = false;
    if (this.#isClosed) return;
    try {
      work();
      this.#events.free();
    } catch (error) {
      this.#events.failed(error);
    }
  }

  #got(token: Token, why: TokenReason, askedAt: number): void {
    const now = this.#clock.now();
    const isNew = token.value !== this.#trust.token?.value;
    if (isNew) this.#trust.issued(token, now);
    if (isNew) this.#onTrial = 0;
    this.#hadOne = true;
    this.#misses = 0;
    const lifeMs = token.expiresAt === undefined ? null : token.expiresAt - this.#clock.wallNow();
    this.#plan(now, lifeMs);
    // A provider that has no newer one yet is asked again, but not all the time.
    this.#askAt = isNew || why === 'changed' ? Number.NEGATIVE_INFINITY : now + LONGEST_WAIT_MS / 2;
    if (isNew) this.#events.told?.({ got: true, why, tookMs: now - askedAt, expiresInMs: lifeMs });
  }

  /** A token that is over as it comes is used until it is refused: clocks may differ. */
  #plan(now: number, lifeMs: number | null): void {
    const usableMs = lifeMs === null || lifeMs <= 0 ? Number.POSITIVE_INFINITY : lifeMs;
    this.#endsAt = now + usableMs;
    this.#renewAt = this.#endsAt - Math.min(RENEWED_BEFORE_MS, usableMs / 10);
    this.#checkAt = now + (this.#provider.checkEveryMs ?? Number.POSITIVE_INFINITY);
  }

  #missed(error: unknown): void {
    const problem = textOf(error);
    const now = this.#clock.now();
    const isAwaited = this.#trust.token === null && !this.#trust.restore(now);
    this.#checkAt = now + (this.#provider.checkEveryMs ?? Number.POSITIVE_INFINITY);
    const isLast = isAwaited && (this.#maxWaitMs === 0 || (isPermanent(error) && !this.#hadOne));
    const longestMs = Math.min(LONGEST_WAIT_MS, this.#provider.checkEveryMs ?? LONGEST_WAIT_MS);
    const againInMs = Math.min(longestMs, FIRST_WAIT_MS * 2 ** this.#misses++);
    this.#lastProblem = problem;
    this.#askAt = now + againInMs;
    this.#events.told?.({ got: false, message: problem, againInMs: isLast ? null : againInMs, isAwaited });
    if (isLast) return this.#stop(problem);
    if (isAwaited) this.#askLater(againInMs);
  }

  #askLater(ms: number): void {
    if (this.#trust.token !== null) return;
    this.#askTimer?.cancel();
    this.#askTimer = this.#clock.setTimer(ms, () => this.#ask(this.#why));
  }

  /** Calls wait from now on until there is a token, or for so long that the run gives up. */
  #awaitToken(now: number): void {
    this.#heldSince ??= now;
    if (this.#giveUpTimer === null && this.#maxWaitMs !== null && this.#maxWaitMs > 0) {
      this.#giveUpTimer = this.#clock.setTimer(this.#maxWaitMs, () => this.#giveUp());
    }
    this.#ask(this.#why);
  }

  #release(now: number): void {
    if (this.#heldSince === null) return;
    this.#heldSince = null;
    this.#heldUntil = now;
    this.#giveUpTimer?.cancel();
    this.#giveUpTimer = null;
    this.#askTimer?.cancel();
  }

  #giveUp(): void {
    if (this.#trust.token === null) this.#stop(this.#lastProblem);
  }

  #stop(problem: string): void {
    this.problem = problem;
    this.#events.stop('auth');
  }
}

const UNTIL_TOLD: ThrottleWait = { ms: Number.POSITIVE_INFINITY, for: 'token' };
const STILL_THE_SAME = 'there is no other token yet than the one that was refused';

function isPermanent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'permanent' in error && error.permanent === true;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
