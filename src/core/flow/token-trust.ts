/**
 * What a refused token means: that it has ended (get another), that the case is refused and not the token (it fails
 * alone), or that nobody takes our tokens any more (stop). Pure.
 */

import type { AttemptOutcome, Token } from '../ports.js';

/** An attempt that was made with a token. */
export interface TokenUse {
  readonly token: Token;
  /** When it was started and when it ended, on the run's clock. */
  readonly startedAt: number;
  readonly now: number;
  /** How many of the case's attempts were refused before. */
  readonly refusedBefore: number;
}

/** `again`: with the token that is there by now. `renew`: once there is another. `case`: the failure stands. */
export type RefusalStep = 'again' | 'renew' | 'case' | 'stop';

/** What a token is known to be worth. */
interface Standing {
  readonly token: Token;
  /** The endpoint has answered a call that was made with it. */
  isAccepted: boolean;
  /** It came after a refusal, and no call that was made with it has ended yet. */
  isOnTrial: boolean;
  /** Refusals in a row that count against the token. */
  refusals: number;
}

export class TokenTrust {
  /** Once another token has turned out not to help, a refusal is taken for the case's own for this long. */
  static readonly NEEDLESS_FOR_MS = 60_000;
  /** So many refusals in a row of a token that came after a refusal end the run, where no token was ever taken. */
  static readonly MOST_REFUSALS = 2;
  /** The same where earlier tokens were: some of these refusals may be those of cases. */
  static readonly MOST_REFUSALS_LATER = 5;
  /** A case that so many tokens were refused for is refused itself. */
  static readonly MOST_AGAIN = 3;

  #current: Standing | null = null;
  /** The token that was refused, while another one is asked for. */
  #doubted: (Standing & { readonly since: number; isGood: boolean }) | null = null;
  #needlessAt = Number.NEGATIVE_INFINITY;
  #wasEverAccepted = false;

  /** The token that calls are made with; null while there is none. */
  get token(): Token | null {
    return this.#current?.token ?? null;
  }

  /** The token that is not used any more because it was refused; null when another one is there. */
  get doubted(): Token | null {
    return this.#doubted?.token ?? null;
  }

  /** One call at a time finds out whether a token that came after a refusal is taken. */
  get isOnTrial(): boolean {
    return this.#current?.isOnTrial ?? false;
  }

  /** The endpoint has answered calls that were made with the token. */
  get isAccepted(): boolean {
    return this.#current?.isAccepted ?? false;
  }

  /** A token was got. */
  issued(token: Token, now: number): void {
    const doubted = this.#doubted;
    this.#doubted = null;
    // The endpoint took the last token for others: no doubt about our tokens at all.
    const isAccepted = doubted?.isGood ?? false;
    if (isAccepted) this.#needlessAt = now;
    this.#current = { token, isAccepted, isOnTrial: doubted !== null && !isAccepted, refusals: 0 };
  }

  /** The token has come to its end. */
  ended(): void {
    this.#current = null;
  }

  /** No other token can be had: the doubted one is used again if the endpoint has taken it for others. True if it is. */
  restore(now: number): boolean {
    const doubted = this.#doubted;
    if (doubted === null || !doubted.isGood) return false;
    this.#needlessAt = now;
    this.#doubted = null;
    this.#current = { token: doubted.token, isAccepted: true, isOnTrial: false, refusals: 0 };
    return true;
  }

  /** An attempt ended otherwise than with a refusal. */
  passed({ token, startedAt }: TokenUse, outcome: AttemptOutcome): void {
    if (!isAnswer(outcome)) {
      if (this.#current?.token === token) this.#current.isOnTrial = false;
    } else if (this.#current?.token === token) {
      Object.assign(this.#current, { isAccepted: true, isOnTrial: false, refusals: 0 });
      this.#wasEverAccepted = true;
    } else if (this.#doubted?.token === token && startedAt >= this.#doubted.since) this.#doubted.isGood = true;
  }

  /** The endpoint has refused the token of an attempt. */
  refused({ token, startedAt, now, refusedBefore }: TokenUse): RefusalStep {
    const current = this.#current;
    if (refusedBefore >= TokenTrust.MOST_AGAIN) return 'case';
    if (current?.token !== token) return 'again';
    if (refusedBefore > 0) this.#needlessAt = now;
    if (now - this.#needlessAt < TokenTrust.NEEDLESS_FOR_MS) return this.#judge(current);
    this.#current = null;
    this.#doubted = { ...current, since: startedAt, isGood: false };
    return 'renew';
  }

  #judge(current: Standing): RefusalStep {
    if (current.isAccepted) return 'case';
    current.refusals++;
    const most = this.#wasEverAccepted ? TokenTrust.MOST_REFUSALS_LATER : TokenTrust.MOST_REFUSALS;
    return current.refusals >= most ? 'stop' : 'case';
  }
}

/** True for an answer that only a caller with a good token gets; a server that is in trouble says nothing about it. */
function isAnswer(outcome: AttemptOutcome): boolean {
  if (outcome.ok) return true;
  const { kind, httpStatus = 0 } = outcome.failure;
  return kind === 'http' && httpStatus >= 400 && httpStatus < 500 && !UNCLEAR.has(httpStatus);
}

const UNCLEAR: ReadonlySet<number> = new Set([401, 403, 407, 408, 425, 429]);
