/** Tokens from an OAuth 2 server by the client's own credentials (RFC 6749, 4.4). Loaded only where it is used. */

import {
  allowInsecureRequests,
  type ClientAuth,
  clientCredentialsGrantRequest,
  ClientSecretPost,
  customFetch,
  processClientCredentialsResponse,
} from 'oauth4webapi';
import type { Clock, CredentialProvider, Token } from '../../../core/ports.js';
import { statusMessage } from '../failure.js';
import { type Proxy, proxyFor, type ProxyOptions } from '../proxy.js';
import type { TlsIdentity } from '../tls.js';
import { type TokenAnswer, TokenRequest } from './token-request.js';
import { endOfLife } from './token-text.js';

export interface OAuth2Options {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  /** How the client proves itself: by HTTP Basic, or in the form. */
  readonly auth: 'basic' | 'body';
  /** For the user-agent header. */
  readonly version: string;
  readonly clock: Clock;
  readonly proxy?: ProxyOptions | undefined;
  readonly tls?: TlsIdentity | undefined;
  /** Default 30 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
/** The server will not say anything else the next time. */
const PERMANENT = new Set(['invalid_client', 'unauthorized_client', 'invalid_scope', 'unsupported_grant_type']);

type Json = Readonly<Record<string, unknown>>;
/** The part of an answer that counts. */
interface Grant {
  readonly token: string;
  readonly life: unknown;
}

export class OAuth2 implements CredentialProvider {
  readonly #options: OAuth2Options;
  readonly #proxy: Proxy | undefined;
  #request: TokenRequest | undefined;
  #isClosed = false;

  /** Throws a UsageError for a proxy that is none. What is http is on loopback: no proxy is asked for that. */
  constructor(options: OAuth2Options) {
    this.#options = options;
    const { protocol, origin } = new URL(options.tokenUrl);
    this.#proxy = protocol === 'https:' ? proxyFor(origin, options.proxy ?? {}) : undefined;
  }

  /** What a server may repeat of the request, besides the secret itself. */
  get secrets(): readonly string[] {
    const { clientId, clientSecret } = this.#options;
    const ofProxy = (this.#proxy?.secrets ?? []).map(({ value }) => value);
    return [clientSecret, formEncoded(clientSecret), btoa(loginOf(clientId, clientSecret)), ...ofProxy];
  }

  async current(): Promise<Token> {
    if (this.#isClosed) throw new Error(OVER);
    const askedAtMs = this.#options.clock.wallNow();
    const { token, life } = await this.#grant().catch((error: unknown) => {
      throw this.#named(error);
    });
    const expiresAt = endOfLife(life, askedAtMs);
    return expiresAt === undefined ? { value: token } : { value: token, expiresAt };
  }

  /** Ends the request that is under way. */
  close(): void {
    this.#isClosed = true;
    this.#request?.stop(OVER);
  }

  async #grant(): Promise<Grant> {
    const { tokenUrl, clientId, clientSecret, auth, scope, audience, version } = this.#options;
    const server = { issuer: tokenUrl, token_endpoint: tokenUrl };
    const client = { client_id: clientId };
    const proof = auth === 'body' ? ClientSecretPost(clientSecret) : basic(clientSecret);
    let life: unknown;
    const answered = async (
      _url: string,
      { headers, body }: { headers: Record<string, string>; body: URLSearchParams },
    ) => {
      const json = grantIn(await this.#post(headers, body));
      life = json['expires_in'];
      return Response.json({ access_token: json['access_token'], token_type: 'bearer' });
    };
    const response = await clientCredentialsGrantRequest(
      server,
      client,
      proof,
      { ...(scope !== undefined && { scope }), ...(audience !== undefined && { audience }) },
      // The settings allow http on loopback only.
      { [customFetch]: answered, [allowInsecureRequests]: true, headers: { 'user-agent': `case-tracker/${version}` } },
    );
    const { access_token: token } = await processClientCredentialsResponse(server, client, response);
    return { token, life };
  }

  async #post(headers: Readonly<Record<string, string>>, body: URLSearchParams): Promise<TokenAnswer> {
    const { tokenUrl, clock, tls, timeoutMs = TIMEOUT_MS } = this.#options;
    const post = { url: new URL(tokenUrl), headers, body: body.toString() };
    this.#request = new TokenRequest(post, { clock, timeoutMs, proxy: this.#proxy, tls });
    try {
      return await this.#request.answer;
    } finally {
      this.#request = undefined;
    }
  }

  #named(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error);
    const who = `the token URL ${new URL(this.#options.tokenUrl).origin}`;
    const permanent = error instanceof Refusal && error.permanent;
    return Object.assign(new Error(`${who}: ${message}`, { cause: error }), { permanent });
  }
}

const OVER = 'the run is over';

class Refusal extends Error {
  readonly permanent: boolean;

  constructor(message: string, permanent: boolean) {
    super(message);
    this.permanent = permanent;
  }
}

/**
 * HTTP Basic with id and secret in form encoding, as RFC 6749 (2.3.1) wants it. The library's own encodes `-` and `.`
 * too, which is allowed, but servers that do not decode would then refuse every id with a hyphen.
 */
function basic(secret: string): ClientAuth {
  return (_server, client, _body, headers) => {
    headers.set('authorization', `Basic ${btoa(loginOf(client.client_id, secret))}`);
  };
}

function loginOf(id: string, secret: string): string {
  return `${formEncoded(id)}:${formEncoded(secret)}`;
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** The answer as JSON with a token in it; throws where there is none, in the server's own words if it has any. */
function grantIn({ status, headers, body }: TokenAnswer): Json {
  const json = jsonOf(body);
  if (typeof json?.['error'] === 'string') throw refusalOf(status, json);
  if (status >= 300 && status < 400) throw new Error(redirectText(status, headers.location));
  if (status < 200 || status >= 300) throw new Error(`it answers ${statusMessage(status, '')}`);
  if (json === undefined)
    throw new Error(`it answers ${/^\s*</.test(body) ? 'HTML' : 'something else'} instead of JSON`);
  const { access_token: token, token_type: type } = json;
  if (typeof token !== 'string' || token === '') throw new Error('its answer has no access_token');
  if (type === undefined || type === null || (typeof type === 'string' && /^bearer$/i.test(type))) return json;
  throw new Error(`it gives a token of type ${JSON.stringify(type)}, not a bearer token`);
}

function refusalOf(status: number, { error, error_description: description }: Json): Refusal {
  const words = typeof description === 'string' && description.trim() !== '' ? ` (${description.trim()})` : '';
  return new Refusal(`it answers ${status} ${String(error)}${words}`, status < 500 && PERMANENT.has(String(error)));
}

/** Without the parts of the address that may hold secrets. */
function redirectText(status: number, location: string | undefined): string {
  const where =
    location === undefined ? 'elsewhere' : `to ${location.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//***@')}`;
  return `it redirects (${status}) ${where}, and no secret is sent there: name the address that answers`;
}

function jsonOf(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Json) : undefined;
  } catch {
    return undefined;
  }
}
