/** How long an endpoint asks us to back off, from its headers: of several possible readings, the longest sensible one. */

import { httpDatesIn, type HttpDate } from './http-date.js';

/** The raw headers about waiting; values of a repeated header are joined by commas. */
export interface WaitHeaders {
  readonly retryAfter?: string | undefined;
  readonly date?: string | undefined;
  readonly rateLimitRemaining?: string | undefined;
  readonly rateLimitReset?: string | undefined;
}

const SECONDS = /^\d+(?:\.\d+)?$/;
/** Three centuries: longer waits are cut to this, so that their end is still a date. */
const LONGEST_MS = 9_999_999_999_000;

/**
 * The wait in milliseconds, 0 when its time is past, undefined when none is asked for. `Retry-After` (RFC 9110: seconds
 * or a date in any of its three forms) comes first, then the `x-ratelimit-*` pair of a 403 or 429. Dates are measured by
 * the response's own `Date`, so that a wrong clock here does no harm; only without one by `wallNowMs`.
 */
export function askedWaitMs(httpStatus: number, headers: WaitHeaders, wallNowMs: number): number | undefined {
  const asked = retryAfterMs(headers, wallNowMs);
  if (asked !== undefined) return asked;
  return httpStatus === 403 || httpStatus === 429 ? rateLimitMs(headers, wallNowMs) : undefined;
}

function retryAfterMs(headers: WaitHeaders, wallNowMs: number): number | undefined {
  const value = headers.retryAfter;
  if (value === undefined) return undefined;
  const { dates, rest } = httpDatesIn(value, wallNowMs);
  const now = dates.length === 0 ? 0 : theirNow(headers, wallNowMs);
  return longest([...secondsIn(rest).map((seconds) => seconds * 1000), ...dates.map((until) => until - now)]);
}

/** The reset is in seconds since 1970. */
function rateLimitMs(headers: WaitHeaders, wallNowMs: number): number | undefined {
  const { rateLimitRemaining: remaining, rateLimitReset: reset } = headers;
  if (remaining === undefined || reset === undefined || !secondsIn(remaining).includes(0)) return undefined;
  const now = theirNow(headers, wallNowMs);
  return longest(secondsIn(reset).map((seconds) => seconds * 1000 - now));
}

function secondsIn(list: string): number[] {
  const texts = list.split(',').map((text) => text.trim());
  return texts.filter((text) => SECONDS.test(text)).map(Number);
}

function longest(waitsMs: readonly number[]): number | undefined {
  return waitsMs.length === 0 ? undefined : Math.min(LONGEST_MS, Math.max(0, ...waitsMs));
}

/** Of several dates the earliest: relative to it, the wait is longest. */
function theirNow({ date }: WaitHeaders, wallNowMs: number): HttpDate {
  const dates = date === undefined ? [] : httpDatesIn(date, wallNowMs).dates;
  return dates.length === 0 ? wallNowMs : Math.min(...dates);
}
