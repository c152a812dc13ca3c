/** What the headers of an answer say beside its type and encoding. */

import type { IncomingHttpHeaders } from 'node:http';
import type { WaitHeaders } from '../../core/flow/asked-wait.js';

/** True for an answer whose status has no body (RFC 9110, 6.4.1) and whose headers speak of one all the same. */
export function isFalselyLong(httpStatus: number, headers: IncomingHttpHeaders): boolean {
  const length = headers['content-length'];
  return (httpStatus === 204 || httpStatus === 304) && length !== undefined && length !== '0';
}

/** The headers that say how long to stay away. */
export function waitHeadersOf(headers: IncomingHttpHeaders): WaitHeaders {
  return {
    retryAfter: joined(headers['retry-after']),
    date: joined(headers.date),
    rateLimitRemaining: joined(headers['x-ratelimit-remaining']),
    rateLimitReset: joined(headers['x-ratelimit-reset']),
  };
}

/** A header that came more than once is a list. */
function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
