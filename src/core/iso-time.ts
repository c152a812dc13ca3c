/** ISO 8601 dates and date-times in the extended calendar format, as exports write them. */

export const DAY_MS = 86_400_000;

/**
 * Milliseconds since 1970 of `2026-01-31`, `2026-01-31T09:30`, `…:00.5Z` or `…+0200`; NaN when the text is something else
 * or no real date. Without an offset it is UTC; a date alone is the beginning of its day.
 */
export function isoTimeMs(text: string): number {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (text.charAt(4) !== '-' || text.charAt(7) !== '-') return NaN;
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return NaN;
  const midnight = daysSince1970(year, month, day) * DAY_MS;
  return text.length === 10 ? midnight : midnight + timeMs(text);
}

/** True for a date without a time of day. */
export function isDateOnly(text: string): boolean {
  return text.length === 10;
}

/** The time of day that follows a date, less its offset. A leap second counts as the second after. */
function timeMs(text: string): number {
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  if (text.charAt(10) !== 'T' || text.charAt(13) !== ':' || !(hour <= 23 && minute <= 59)) return NaN;
  const minutesMs = (hour * 60 + minute) * 60_000;
  if (text.charAt(16) !== ':') return minutesMs - offsetMs(text, 16);
  const second = digits(text, 17, 2);
  const end = fractionEnd(text, 19);
  if (!(second <= 60)) return NaN;
  return minutesMs + second * 1000 + fractionMs(text, 19, end) - offsetMs(text, end);
}

function fractionEnd(text: string, from: number): number {
  const mark = text.charAt(from);
  if (mark !== '.' && mark !== ',') return from;
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
  if (from === text.length || (text.charAt(from) === 'Z' && from + 1 === text.length)) return 0;
  const sign = text.charAt(from) === '+' ? 1 : text.charAt(from) === '-' ? -1 : NaN;
  const hour = digits(text, from + 1, 2);
  if (from + 3 === text.length) return hour <= 23 ? sign * hour * 3_600_000 : NaN;
  const minuteAt = from + (text.charAt(from + 3) === ':' ? 4 : 3);
  const minute = digits(text, minuteAt, 2);
  return hour <= 23 && minute <= 59 && minuteAt + 2 === text.length ? sign * (hour * 60 + minute) * 60_000 : NaN;
}

function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const char = text.charCodeAt(at);
    if (!isDigit(char)) return NaN;
    value = value * 10 + char - 0x30;
  }
  return value;
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
