/** ISO 8601 dates and date-times in the extended calendar format, as exports write them. */

import { COLON, COMMA } from '../../json/bytes.js';

export const DAY_MS = 86_400_000;

const PLUS = 0x2b;
const HYPHEN = 0x2d;
const FULL_STOP = 0x2e;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;

/**
 * Milliseconds since 1970 of `2026-01-31`, `2026-01-31T09:30`, `…:00.5Z` or `…+0200`; NaN when the text is something else
 * or no real date. Without an offset it is UTC; a date alone is the beginning of its day.
 */
export function isoTimeMs(text: string): number {
  const century = pair(text, 0);
  const yearOfCentury = pair(text, 2);
  const month = pair(text, 5);
  const day = pair(text, 8);
  if (text.charCodeAt(4) !== HYPHEN || text.charCodeAt(7) !== HYPHEN || century < 0 || yearOfCentury < 0) return NaN;
  const year = century * 100 + yearOfCentury;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return NaN;
  const midnight = daysSince1970(year, month, day) * DAY_MS;
  return text.length === 10 ? midnight : midnight + timeMs(text);
}

let lastMs = Number.NaN;
let lastText = '';

/** The same the other way: ISO 8601 in UTC. Results come many in a millisecond, so the last one is remembered. */
export function isoTimeText(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}

/** True for a date without a time of day. */
export function isDateOnly(text: string): boolean {
  return text.length === 10;
}

/** The time of day that follows a date, less its offset. A leap second counts as the second after. */
function timeMs(text: string): number {
  const hour = pair(text, 11);
  const minute = pair(text, 14);
  if (text.charCodeAt(10) !== LETTER_T || text.charCodeAt(13) !== COLON) return NaN;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return NaN;
  const minutesMs = (hour * 60 + minute) * 60_000;
  if (text.charCodeAt(16) !== COLON) return minutesMs - offsetMs(text, 16);
  const second = pair(text, 17);
  if (second < 0 || second > 60) return NaN;
  const end = fractionEnd(text, 19);
  return minutesMs + second * 1000 + fractionMs(text, 19, end) - offsetMs(text, end);
}

function fractionEnd(text: string, from: number): number {
  const mark = text.charCodeAt(from);
  if (mark !== FULL_STOP && mark !== COMMA) return from;
  let at = from + 1;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

function fractionMs(text: string, from: number, end: number): number {
  if (end === from) return 0;
  return end === from + 1 ? NaN : Math.trunc(Number(`0.${text.slice(from + 1, end)}`) * 1000);
}

/** `Z`, `+02:00`, `+0200`, `+02`, or nothing. */
function offsetMs(text: string, from: number): number {
  const sign = text.charCodeAt(from);
  if (from === text.length || (sign === LETTER_Z && from + 1 === text.length)) return 0;
  if (sign !== PLUS && sign !== HYPHEN) return NaN;
  const hour = pair(text, from + 1);
  const minuteAt = text.charCodeAt(from + 3) === COLON ? from + 4 : from + 3;
  const minute = from + 3 === text.length ? 0 : pair(text, minuteAt);
  const end = from + 3 === text.length ? from + 3 : minuteAt + 2;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || end !== text.length) return NaN;
  return (sign === PLUS ? 1 : -1) * (hour * 60 + minute) * 60_000;
}

/** The number that two digits make; negative when they are something else. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - 0x30) * 10 + ones - 0x30 : -1000;
}

function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Days from civil: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". Date.UTC takes 0 to 99 for 1900 to 1999. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
