/** Limits on values read back from files: above what any run writes, and small enough for safe arithmetic. */

import { MAX_LEVELS } from '../../json/containers.js';

/** In milliseconds, 30,000 years: with any instant it still makes a date. */
export const MOST_MS = 1e15;
/** The end of the year 2199. */
export const LAST_INSTANT_MS = 7_258_118_399_999;
export const MOST_ATTEMPTS = 1_000_000_000;
export const MOST_TRIES = 10_000;
export const MOST_COURSE = 200;
export const MOST_SHARDS = 10_000;
/** Levels of nesting in a line: a case or an answer has MAX_LEVELS at most, within an enriched case, within a result. */
export const MOST_LEVELS = MAX_LEVELS + 2;
/** A kind, a reason, a phase: newer versions may know more of them. */
export const WORD = /^[a-z][a-z0-9-]{0,39}$/;

/** True for an ISO 8601 date-time with an offset, from 1970 to 2199. Without a regular expression, which took longest of all. */
export function isInstant(value: unknown): boolean {
  if (typeof value !== 'string' || value.length < 20 || value.length > LONGEST_INSTANT) return false;
  if (value.charAt(4) !== '-' || value.charAt(10) !== 'T') return false;
  if (!value.endsWith('Z') && !/[+-]\d\d:\d\d$/.test(value)) return false;
  const time = Date.parse(value);
  return time >= 0 && time <= LAST_INSTANT_MS;
}

const LONGEST_INSTANT = 40;
