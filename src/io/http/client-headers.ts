/** Which headers the attempts of a client carry, put together from its options. */

import { isStandardHeader } from '../../core/secrets.js';
import type { CredentialProvider } from '../../core/ports.js';
import { UsageError } from '../../errors.js';
import type { Endpoint } from './endpoint.js';
import { type Header, standingHeaders } from './headers.js';
import type { Proxy } from './proxy.js';
import { DEFAULT_TOKEN_HEADER, DEFAULT_TOKEN_REFRESH_ON, TokenHeader } from './token-header.js';

/** The options of a client that its headers are made of. */
export interface HeaderParts {
  readonly headers?: readonly Header[];
  readonly version?: string;
  readonly credentials?: CredentialProvider;
  readonly tokenHeader?: string;
  readonly tokenRefreshOn?: readonly number[];
}

/** The token's header is the last one, and empty until an attempt has a token. */
export function clientHeaders(
  options: HeaderParts,
  endpoint: Endpoint,
  hasBody: boolean,
  token: TokenHeader | undefined,
): readonly Header[] {
  const { authorization } = endpoint;
  const { headers = [], version = '0' } = options;
  const own = standingHeaders({ headers, version, authorization, hasBody });
  if (token === undefined) return own;
  const other = own.some(([name]) => name === token.name && !(isStandardHeader(name) && !isOwn(name, headers)));
  if (other) throw new UsageError(`the header ${token.name} is given, and the token stands there`);
  return [...own.filter(([name]) => name !== token.name), [token.name, '']];
}

function isOwn(name: string, headers: readonly Header[]): boolean {
  return headers.some(([own]) => own.toLowerCase() === name);
}

/** The header of the token; undefined without credentials. */
export function tokenHeaderOf({ credentials, tokenHeader, tokenRefreshOn }: HeaderParts): TokenHeader | undefined {
  if (credentials === undefined) return undefined;
  return new TokenHeader(tokenHeader ?? DEFAULT_TOKEN_HEADER, tokenRefreshOn ?? DEFAULT_TOKEN_REFRESH_ON);
}

/** The additional headers for a forward proxy: the host, and the credentials of the proxy if it has any. */
export function forwardHeaders(origin: string, headers: readonly Header[], forward: Proxy | undefined): Header[] {
  if (forward === undefined) return [];
  const extra: Header[] = headers.some(([name]) => name === 'host') ? [] : [['host', new URL(origin).host]];
  if (forward.authorization !== undefined) extra.push(['proxy-authorization', forward.authorization]);
  return extra;
}
