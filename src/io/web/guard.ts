/**
 * Who may ask. A server on loopback is within reach of every page in the browser: a page can send requests to it, open
 * WebSockets, and point a name of its own at 127.0.0.1 (DNS rebinding). So: the name that was asked for must be ours, what
 * a browser says about the page behind the request too, and there must be a token, which no page can know.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { isLoopbackName } from '../../text/loopback.js';
import type { Refusal } from './refusal.js';

/** What the guard looks at. A header that was absent is undefined; one that came several times is never what it should be. */
export interface RequestFacts {
  readonly method: string;
  /** As routes will see it, without the query. */
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  /** `Sec-Fetch-Mode` and `Sec-Fetch-Dest`: what a browser wants it for. */
  readonly fetchMode: string | undefined;
  readonly fetchDest: string | undefined;
  readonly authorization: string | undefined;
  /** It asks for a WebSocket. */
  readonly upgrades: boolean;
  /** The subprotocols that a WebSocket offers; none for any other request. */
  readonly protocols: readonly string[];
}

export interface GuardPolicy {
  /** The name of `--live-host` as URLs have it, an IPv6 address in brackets. The names of loopback are always allowed. */
  readonly hostName: string;
  readonly token: string;
  /** Paths that can be read without a token: they have no data. */
  readonly openPaths: readonly string[];
}

/** Decides about one request: a refusal, or null. */
export type Check = (facts: RequestFacts) => Refusal | null;

/** The first that applies: 421 for another host name, 403 for another page, 401 without the token. */
export function guard(policy: GuardPolicy): Check {
  const tokenHash = hashOf(policy.token);
  return (facts) => {
    if (!isOurName(facts.host, policy)) return wrongHost(policy);
    if (!isOurPage(facts, policy)) return FOREIGN_PAGE;
    if (isOpen(facts, policy) || tokensOf(facts).some((token) => isEqual(hashOf(token), tokenHash))) return null;
    return NO_TOKEN;
  };
}

const FOREIGN_PAGE: Refusal = {
  status: 403,
  error: 'foreign_origin',
  message: 'this request comes from a page of another origin, and only pages of this server may ask',
};

const NO_TOKEN: Refusal = {
  status: 401,
  error: 'unauthorized',
  message: 'the token is missing or wrong: send Authorization: Bearer TOKEN, or offer the subprotocol bearer.TOKEN',
};

function wrongHost({ hostName }: GuardPolicy): Refusal {
  const names = isLoopbackName(hostName) ? '127.0.0.1 or localhost' : `${hostName} or localhost`;
  return { status: 421, error: 'wrong_host', message: `this server is called ${names}: ask for it by that name` };
}

// Browsers normalize a name before they send it; who spells it in another way gets no further.
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i;
const GREATEST_PORT = 65_535;

/** Any port will do, as a tunnel (`ssh -L`) has another; one that is none makes no URL for routes. */
function isOurName(host: string | undefined, { hostName }: GuardPolicy): boolean {
  const [, spelled, port = '0'] = HOST.exec(host ?? '') ?? [];
  const name = spelled?.toLowerCase();
  return (
    name !== undefined && Number(port) <= GREATEST_PORT && (isLoopbackName(name) || name === hostName.toLowerCase())
  );
}

function isOurPage(facts: RequestFacts, policy: GuardPolicy): boolean {
  const { host = '', origin, fetchSite } = facts;
  if (origin !== undefined && !isSameOrigin(origin, host)) return false;
  if (fetchSite === undefined || fetchSite === 'same-origin' || fetchSite === 'none') return true;
  return isOpen(facts, policy) && isVisit(facts);
}

/**
 * Somebody follows a link to us, in a chat or a CI log: the whole tab changes over, no page is handed anything, and what
 * is shown has no data. A frame has another destination, a script another mode.
 */
function isVisit({ origin, fetchMode, fetchDest }: RequestFacts): boolean {
  return origin === undefined && fetchMode === 'navigate' && fetchDest === 'document';
}

/**
 * An origin of ours is the Host header with a scheme before it. Not the address that we listen at: a tunnel changes that
 * for both. A proxy that speaks https for us keeps name and port, so both schemes will do.
 */
function isSameOrigin(origin: string, host: string): boolean {
  const [, scheme, authority] = /^(https?):\/\/([^/?#@]+)$/i.exec(origin) ?? [];
  if (scheme === undefined || authority === undefined) return false;
  return withPort(authority, scheme) === withPort(host, scheme);
}

function withPort(authority: string, scheme: string): string {
  const port = scheme.toLowerCase() === 'https' ? ':443' : ':80';
  return (/:\d+$/.test(authority) ? authority : `${authority}${port}`).toLowerCase();
}

function isOpen({ method, path, upgrades }: RequestFacts, { openPaths }: GuardPolicy): boolean {
  return !upgrades && (method === 'GET' || method === 'HEAD') && openPaths.includes(path);
}

const BEARER = 'bearer.';

function tokensOf({ authorization = '', protocols }: RequestFacts): string[] {
  const header = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  const offered = protocols.filter((name) => name.startsWith(BEARER)).map((name) => name.slice(BEARER.length));
  return header === undefined ? offered : [header, ...offered];
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** In the same time for every token: of the hashes, so that the length is no matter either. */
function isEqual(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(a, b);
}
