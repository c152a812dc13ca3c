/** The header of an attempt that changes during a run: it has the token. */

import type { AttemptOutcome, CredentialProvider, Token } from '../../core/ports.js';
import { UsageError } from '../../errors.js';
import type { Redactor } from '../secrets/redact.js';
import { shownUpTo } from './failure.js';
import { type Header, standingHeaders } from './headers.js';

/** Where the token stands unless something else is said. */
export const DEFAULT_TOKEN_HEADER = 'Authorization: Bearer {token}';
/** The statuses that refuse a token. */
export const DEFAULT_TOKEN_REFRESH_ON: readonly number[] = [401];

const PLACE = '{token}';
const LONGEST_TOKEN = 65_536;
/** Of what a provider says. */
const LONGEST_PROBLEM = 500;

export class TokenHeader {
  /** In lower case. */
  readonly name: string;
  readonly #before: string;
  readonly #after: string;
  readonly #refreshOn: ReadonlySet<number>;
  #token: Token | undefined;
  #value = '';

  /** @param template `Name: value` with one `{token}`. Throws a UsageError for another, or for a header that can't be given. */
  constructor(template: string, refreshOn: readonly number[]) {
    const colon = template.indexOf(':');
    const value = template.slice(colon + 1).trim();
    const [before = '', after, ...more] = value.split(PLACE);
    if (colon < 1 || after === undefined || more.length > 0) {
      throw new UsageError(`${JSON.stringify(template)} is no header with one ${PLACE}`, {
        hint: `--token-header '${DEFAULT_TOKEN_HEADER}'`,
      });
    }
    const checked: Header = [template.slice(0, colon).trim(), before + after];
    const own = standingHeaders({ headers: [checked], version: '', authorization: undefined, hasBody: false }).at(-1);
    this.name = own?.[0] ?? '';
    this.#before = before;
    this.#after = after;
    this.#refreshOn = new Set(refreshOn);
  }

  /** The header's value with this token. */
  valueOf(token: Token): string {
    if (token !== this.#token) {
      this.#token = token;
      this.#value = this.#before + token.value + this.#after;
    }
    return this.#value;
  }

  /** Says of an outcome that it refuses the token, where it does. */
  judge(outcome: AttemptOutcome): AttemptOutcome {
    if (outcome.ok || outcome.failure.kind !== 'http') return outcome;
    return this.#refreshOn.has(outcome.failure.httpStatus ?? 0) ? { ...outcome, refusedToken: true } : outcome;
  }
}

/** The same provider; each of its tokens is checked, and hidden from then on. */
export function guarded(provider: CredentialProvider, redactor: Redactor): CredentialProvider {
  return {
    current: async () => {
      const token = await asked(provider, redactor);
      const problem = problemOf(token);
      if (problem !== undefined) throw new Error(problem);
      redactor.learn(token.value);
      return token;
    },
    ...(provider.refused && { refused: (token) => provider.refused?.(token) }),
    ...(provider.checkEveryMs !== undefined && { checkEveryMs: provider.checkEveryMs }),
    close: () => provider.close?.(),
  };
}

/** What a provider says may have secrets in it: its own, or those of the one that it asks. */
async function asked(provider: CredentialProvider, redactor: Redactor): Promise<Token> {
  try {
    return await provider.current();
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const message = shownUpTo(LONGEST_PROBLEM, text, redactor);
    const permanent = (cause as { permanent?: unknown } | null | undefined)?.permanent === true;
    throw Object.assign(new Error(message, { cause }), { permanent });
  }
}

/** Why a token can't be sent; never shows it. */
function problemOf(token: Token): string | undefined {
  const value: unknown = (token as Token | undefined)?.value;
  if (typeof value !== 'string' || value.trim() === '') return 'the token is empty';
  if (value.length > LONGEST_TOKEN) return `the token has more than ${LONGEST_TOKEN} characters`;
  const bad = value.search(/[^\x21-\x7e]/);
  return bad === -1 ? undefined : `the token has a character at position ${bad + 1} that a header can't have`;
}
