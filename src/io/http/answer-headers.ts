/** Checks on an answer's headers, other than its type and encoding. */

import type { IncomingHttpHeaders } from 'node:http';
import type { ReceivedHeaders } from './received-headers.js';
import type { WaitHeaders } from '../../core/flow/asked-wait.js';

/** True for an answer whose status has no body (RFC 9110, 6.4.1) but whose headers announce one. */
export function isFalselyLong(httpStatus: number, headers: ReceivedHeaders): boolean {
  if (httpStatus !== 204 && httpStatus !== 304) return false;
  const length = headers.get('content-length');
  return length !== undefined && length !== '0';
}

/** The headers that say how long to back off (Retry-After and the like). */
export function waitHeadersOf(headers: IncomingHttpHeaders): WaitHeaders {
  return {
    retryAfter: joined(headers['retry-after']),
    date: joined(headers.date),
    rateLimitRemaining: joined(headers['x-ratelimit-remaining']),
    rateLimitReset: joined(headers['x-ratelimit-reset']),
  };
}

/**
 * True for an answer with the `x-request-id` of another attempt of this run, which equals `own` except for the
 * number at its end. Ids of another form are the endpoint's own and prove nothing. A cached answer (`age` header) repeats
 * the id of the first request.
 */
export function isAnothers(headers: ReceivedHeaders, own: string): boolean {
  const id = headers.get('x-request-id');
  if (id === undefined || id === own || typeof id !== 'string' || headers.get('age') !== undefined) return false;
  const prefix = own.slice(0, own.lastIndexOf('-') + 1);
  return prefix !== '' && id.startsWith(prefix) && /^\d+$/.test(id.slice(prefix.length));
}

/** A header's values as one text: Node gives a list where a header came more than once. */
function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
