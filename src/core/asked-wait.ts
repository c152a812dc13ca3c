/** How long an endpoint asks us to stay away, read from its headers without guessing. */

/** The headers that speak of waiting, as they came; a header that came twice is undefined or joined by a comma. */
export interface WaitHeaders {
  readonly retryAfter?: string | undefined;
  readonly date?: string | undefined;
  readonly rateLimitRemaining?: string | undefined;
  readonly rateLimitReset?: string | undefined;
}

const SECONDS = /^\d{1,10}$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const IMF_FIXDATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;

/**
 * The wait in milliseconds, 0 when its time is past, undefined when none is asked for. `Retry-After` (RFC 9110, seconds
 * or IMF-fixdate) comes first, then the `x-ratelimit-*` pair of a 403 or 429. Dates are measured by the response's own
 * `Date`, so that a wrong clock here does no harm; only without one by `wallNowMs`.
 */
export function askedWaitMs(httpStatus: number, headers: WaitHeaders, wallNowMs: number): number | undefined {
  const asked = retryAfterMs(headers, wallNowMs);
  if (asked !== undefined) return asked;
  return httpStatus === 403 || httpStatus === 429 ? rateLimitMs(headers, wallNowMs) : undefined;
}

/** Milliseconds since 1970 of a date as HTTP writes it (`Sun, 06 Nov 1994 08:49:37 GMT`), or undefined. */
export function parseHttpDate(text: string): number | undefined {
  const match = IMF_FIXDATE.exec(text);
  if (match === null) return undefined;
  const [day, year, hour, minute, second] = [match[1], match[3], match[4], match[5], match[6]].map(Number) as Five;
  const month = MONTHS.indexOf(match[2] ?? '');
  const midnight = new Date(Date.UTC(year, month, day));
  const exists = month !== -1 && year >= 1970 && midnight.getUTCMonth() === month && midnight.getUTCDate() === day;
  // Second 60 is a leap second.
  if (!exists || hour > 23 || minute > 59 || second > 60) return undefined;
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
}

type Five = [number, number, number, number, number];

function retryAfterMs(headers: WaitHeaders, wallNowMs: number): number | undefined {
  const value = headers.retryAfter;
  if (value === undefined) return undefined;
  if (SECONDS.test(value)) return Number(value) * 1000;
  const until = parseHttpDate(value);
  return until === undefined ? undefined : Math.max(0, until - theirNow(headers, wallNowMs));
}

function rateLimitMs(headers: WaitHeaders, wallNowMs: number): number | undefined {
  const reset = headers.rateLimitReset;
  if (headers.rateLimitRemaining !== '0' || reset === undefined || !SECONDS.test(reset)) return undefined;
  return Math.max(0, Number(reset) * 1000 - theirNow(headers, wallNowMs));
}

function theirNow(headers: WaitHeaders, wallNowMs: number): number {
  return (headers.date === undefined ? undefined : parseHttpDate(headers.date)) ?? wallNowMs;
}
