/** The port to where tokens come from, for an endpoint that wants to know who asks. */

/** What proves to the endpoint who asks. */
export interface Token {
  readonly value: string;
  /** When it ends, in milliseconds since 1970; absent where nobody knows: then it is used until it is refused. */
  readonly expiresAt?: number;
}

/** Where tokens come from. It need not remember any: `current` is never under way twice at once. */
export interface CredentialProvider {
  /**
   * A token that is good now. Asked before the first call, ahead of the end of the last token, and when the endpoint has
   * refused it. What is thrown or rejected is tried again for as long as an outage may last; an error whose `permanent`
   * is true is not, as long as there has never been a token.
   */
  current(): Token | Promise<Token>;
  /** The endpoint has refused this token; `current` is asked next. */
  refused?(token: Token): void;
  /** `current` is asked this often too, in milliseconds, while calls are made: for a token that may change at any time. */
  readonly checkEveryMs?: number;
  /** Ends what is under way. Called when the client is closed. */
  close?(): void | Promise<void>;
}

/** A token was got, or could not be got; never the token itself. */
export type TokenEvent = TokenGot | TokenMissed;

export interface TokenGot {
  readonly got: true;
  readonly why: TokenReason;
  readonly tookMs: number;
  /** Null where nobody knows. */
  readonly expiresInMs: number | null;
}

export interface TokenMissed {
  readonly got: false;
  readonly message: string;
  /** When it is tried again, in milliseconds from now; null when it is not. */
  readonly againInMs: number | null;
  /** True while calls wait for it, false while the last token is still in use. */
  readonly isAwaited: boolean;
}

/** Why a token was asked for: there was none, ahead of the last one's end, refused by the endpoint, changed at its source. */
export type TokenReason = 'first' | 'ahead' | 'ended' | 'refused' | 'changed';
