/**
 * The bearer tokens of the demo endpoint: OAuth 2 client credentials (RFC 6749, 4.4) and their check (RFC 6750), as
 * values. Any client may ask, with the secret that everybody knows.
 */

import type { IncomingHttpHeaders } from 'node:http';

import { type Answer, jsonAnswer, problem } from './answers.js';

/** The client secret of the demo endpoint; it goes with any client id. */
export const DEMO_SECRET = 'demo-secret';

/** A request for a token, or one that should carry a token. */
export interface TokenRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** True for the path of the token route, with or without a query. */
export function isTokenRoute(url: string): boolean {
  return /^\/token(?:\?|$)/.test(url);
}

/** Gives out tokens that end after a fixed life, and knows which ones count. */
export class TokenDesk {
  readonly #lifeMs: number;
  /** When each token ends, the oldest first. */
  readonly #ends = new Map<string, number>();
  #issued = 0;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  /** The answer of the token route. */
  grant(request: TokenRequest, nowMs: number): Answer {
    if (request.method !== 'POST') return ONLY_POST;
    const form = formOf(request);
    if (form === undefined) return refusal('invalid_request', 'the body must be a form without repeated fields');
    const grantType = form.get('grant_type');
    if (grantType === null) return refusal('invalid_request', 'grant_type is missing');
    if (grantType !== 'client_credentials')
      return refusal('unsupported_grant_type', 'only client_credentials is known');
    return refusalOfClient(request.headers.authorization, form) ?? this.#issue(nowMs);
  }

  /** The 401 for a request without a token that counts now; undefined when it may pass. */
  refuse({ headers }: Pick<TokenRequest, 'headers'>, nowMs: number): Answer | undefined {
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return NO_TOKEN;
    const endMs = this.#ends.get(token);
    if (endMs === undefined) return UNKNOWN_TOKEN;
    return nowMs < endMs ? undefined : EXPIRED_TOKEN;
  }

  #issue(nowMs: number): Answer {
    this.#forgetOld(nowMs);
    // All of the same length: none is the beginning of another.
    const token = `demo-token-${String(++this.#issued).padStart(8, '0')}`;
    this.#ends.set(token, nowMs + this.#lifeMs);
    const body = { access_token: token, token_type: 'Bearer', expires_in: Math.floor(this.#lifeMs / 1000) };
    return jsonAnswer(200, body, NOT_STORED);
  }

  /** A token that ended is remembered for as long again as it lived, so that the refusal can say "expired". */
  #forgetOld(nowMs: number): void {
    for (const [token, endMs] of this.#ends) {
      if (nowMs < endMs + this.#lifeMs) return;
      this.#ends.delete(token);
    }
  }
}

const FORM = 'application/x-www-form-urlencoded';
const NOT_STORED = { 'cache-control': 'no-store', pragma: 'no-cache' };
const ONLY_POST = problem(405, 'method not allowed', 'a token is asked for by POST', { allow: 'POST' });
const NO_TOKEN = unauthorized('a bearer token is needed: POST /token gives one');
const UNKNOWN_TOKEN = unauthorized('the token is not one of this endpoint', 'invalid_token');
const EXPIRED_TOKEN = unauthorized('the token has expired', 'invalid_token');

/** A challenge names an error only for a token that was sent (RFC 6750, 3.1). */
function unauthorized(message: string, error?: string): Answer {
  const about = error === undefined ? '' : `, error="${error}", error_description="${message}"`;
  return problem(401, 'unauthorized', message, { 'www-authenticate': `Bearer realm="case-tracker demo"${about}` });
}

/** The fields of the form; undefined when it is none, or when a field is there twice. */
function formOf({ headers, body }: TokenRequest): URLSearchParams | undefined {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== FORM) return undefined;
  const form = new URLSearchParams(body);
  const names = [...form.keys()];
  return new Set(names).size === names.length ? form : undefined;
}

/** The refusal of a client that does not prove itself in exactly one way; undefined for one that does. */
function refusalOfClient(authorization: string | undefined, form: URLSearchParams): Answer | undefined {
  const secret = form.get('client_secret');
  if (authorization !== undefined && secret !== null) {
    return refusal('invalid_request', 'the client proves itself by the Authorization header or the form, not by both');
  }
  if (authorization !== undefined) return secretOfBasic(authorization) === DEMO_SECRET ? undefined : BAD_BASIC;
  if (!form.get('client_id')) return refusal('invalid_client', 'no client: HTTP Basic, or client_id and client_secret');
  return secret === DEMO_SECRET ? undefined : refusal('invalid_client', WRONG_SECRET);
}

const WRONG_SECRET = `the client secret is wrong: it is ${DEMO_SECRET}, for any client id`;

/** A client that tried the header is answered 401 with a challenge (RFC 6749, 5.2). */
const BAD_BASIC = jsonAnswer(
  401,
  { error: 'invalid_client', error_description: WRONG_SECRET },
  { ...NOT_STORED, 'www-authenticate': 'Basic realm="case-tracker demo"' },
);

/** The secret in an Authorization header: base64 of client id and secret, each form-encoded (RFC 6749, 2.3.1). */
function secretOfBasic(authorization: string): string | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString();
  const at = pair.indexOf(':');
  if (at < 1) return undefined;
  return new URLSearchParams(`secret=${pair.slice(at + 1)}`).get('secret') ?? undefined;
}

function refusal(error: string, description: string): Answer {
  return jsonAnswer(400, { error, error_description: description }, NOT_STORED);
}
