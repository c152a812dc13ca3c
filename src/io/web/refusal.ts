/** What a request that is not served is told: a status, and JSON for programs and people. */

import { STATUS_CODES } from 'node:http';

export interface Refusal {
  readonly status: number;
  /** A word for programs: `unauthorized`. */
  readonly error: string;
  /** A sentence for people: what is wrong, and what mends it. */
  readonly message: string;
}

/** Thrown where a request can't be served: the server answers with it. */
export class Refused extends Error {
  readonly refusal: Refusal;
  /** Of the answer, besides those that every refusal has. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, error: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = new.target.name;
    this.refusal = { status, error, message };
    this.headers = headers;
  }
}

/** On every answer. What it shows is for nobody but who asked, and no other page may get hold of it. */
export const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** The policy of every answer whose route has none of its own: should a browser show it, it loads and runs nothing. */
export const BARE_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** A refusal as the answer of a route. */
export function refusalResponse(refusal: Refusal, headers: Readonly<Record<string, string>> = {}): Response {
  const { status } = refusal;
  return new Response(refusalText(refusal), { status, headers: { ...refusalHeaders(refusal), ...headers } });
}

/** `{"error":…,"message":…}` and a line break. */
export function refusalText({ error, message }: Refusal): string {
  return `${JSON.stringify({ error, message })}\n`;
}

/** The headers that belong to a refusal, besides the common ones. */
function refusalHeaders(refusal: Refusal): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(refusalText(refusal))),
    ...(refusal.status === 401 ? { 'www-authenticate': 'Bearer realm="case-tracker"' } : {}),
  };
}

/** The whole answer, for a connection that has no response object: one that was no HTTP, or wanted to be a WebSocket. */
export function rawRefusal(refusal: Refusal): string {
  const headers = {
    ...COMMON_HEADERS,
    'content-security-policy': BARE_POLICY,
    ...refusalHeaders(refusal),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = STATUS_CODES[refusal.status] ?? 'Error';
  return `HTTP/1.1 ${refusal.status} ${reason}\r\n${lines.join('')}\r\n${refusalText(refusal)}`;
}
