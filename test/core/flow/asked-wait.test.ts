import { describe, expect, test } from 'vitest';
import { askedWaitMs } from '../../../src/core/flow/asked-wait.js';
import { httpDatesIn } from '../../../src/core/flow/http-date.js';

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const DATE = 'Sun, 22 Nov 2026 12:00:00 GMT';
/** So long that its end is still a date. */
const LONGEST_MS = 9_999_999_999_000;

describe('Retry-After', () => {
  test.each([
    ['no wait at all', '0', 0],
    ['seconds', '2', 2000],
    ['a day', '86400', 86_400_000],
    ['more than setTimeout can hold', '2147484', 2_147_484_000],
    ['the longest number', '9999999999', 9_999_999_999_000],
    ['a date ahead', 'Sun, 22 Nov 2026 12:01:30 GMT', 90_000],
    ['a date in the past', 'Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['a leap second', 'Sun, 22 Nov 2026 12:00:60 GMT', 60_000],
    ['eleven digits', '99999999999', LONGEST_MS],
    ['400 digits', '9'.repeat(400), LONGEST_MS],
    ['eleven digits that are not many', '00000000002', 2000],
    ['a fraction', '1.5', 1500],
    ['white space', ' 5', 5000],
    ['sent twice', '5, 7', 7000],
    ['sent twice, the longer one first', '7, 5', 7000],
    ['sent twice, once as junk', 'soon, 5', 5000],
    ['sent twice as a date', `Sun, 22 Nov 2026 12:00:09 GMT, Sun, 22 Nov 2026 12:00:04 GMT`, 9000],
    ['sent as seconds and as a date', '3, Sun Nov 22 12:00:09 2026', 9000],
    ['an RFC 850 date', 'Sunday, 22-Nov-26 12:01:30 GMT', 90_000],
    ['an RFC 850 date in the next century but near', 'Tuesday, 01-Jan-69 00:00:00 GMT', Date.UTC(2069, 0) - NOW],
    ['an RFC 850 date of the last century', 'Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['an asctime date', 'Sun Nov 22 12:01:30 2026', 90_000],
    ['an asctime date with a day of one digit', 'Tue Dec  1 12:00:00 2026', 9 * 86_400_000],
    ['a negative number', '-5', undefined],
    ['a hexadecimal number', '0x10', undefined],
    ['nothing', '', undefined],
    ['junk', 'soon', undefined],
    ['an ISO date', '2026-11-22T12:01:30Z', undefined],
    ['another zone', 'Sun, 22 Nov 2026 12:01:30 CET', undefined],
    ['the 31st of February', 'Sun, 31 Feb 2027 12:00:00 GMT', undefined],
    ['a month that is none', 'Sun, 22 Nox 2026 12:00:00 GMT', undefined],
    ['the 25th hour', 'Sun, 22 Nov 2026 24:00:00 GMT', undefined],
    ['minute 60', 'Sun, 22 Nov 2026 12:60:00 GMT', undefined],
    ['an RFC 850 date with a short day', 'Sun, 22-Nov-26 12:01:30 GMT', undefined],
    ['an asctime date with a day of no digit', 'Tue Dec    12:00:00 2026', undefined],
  ])('%s (%j)', (_what, retryAfter, expected) => {
    expect(askedWaitMs(503, { retryAfter }, NOW)).toBe(expected);
  });

  test('a date is measured by the date of the answer, not by the clock here', () => {
    const headers = { retryAfter: 'Sun, 22 Nov 2026 12:00:10 GMT', date: DATE };
    expect(askedWaitMs(503, headers, NOW + 3_600_000)).toBe(10_000);
  });

  test('an unreadable date of the answer is passed over', () => {
    expect(askedWaitMs(503, { retryAfter: 'Sun, 22 Nov 2026 12:00:10 GMT', date: 'today' }, NOW)).toBe(10_000);
  });

  test('absent headers ask for nothing', () => {
    expect(askedWaitMs(429, {}, NOW)).toBeUndefined();
  });
});

describe('rate limit headers', () => {
  const reset = String(NOW / 1000 + 30);

  test.each([
    ['a spent limit of a 429', 429, { rateLimitRemaining: '0', rateLimitReset: reset }, 30_000],
    ['a spent limit of a 403', 403, { rateLimitRemaining: '0', rateLimitReset: reset }, 30_000],
    ['a reset that is past', 429, { rateLimitRemaining: '0', rateLimitReset: '1' }, 0],
    ['other statuses do not speak of limits', 503, { rateLimitRemaining: '0', rateLimitReset: reset }, undefined],
    ['a limit that is not spent', 429, { rateLimitRemaining: '1', rateLimitReset: reset }, undefined],
    ['no reset', 429, { rateLimitRemaining: '0' }, undefined],
    ['a reset that is no number', 429, { rateLimitRemaining: '0', rateLimitReset: 'soon' }, undefined],
    ['Retry-After first', 429, { retryAfter: '1', rateLimitRemaining: '0', rateLimitReset: reset }, 1000],
    ['a limit that was sent twice', 429, { rateLimitRemaining: '7, 0', rateLimitReset: `${reset}, 1` }, 30_000],
    ['after junk', 429, { retryAfter: 'x', rateLimitRemaining: '0', rateLimitReset: reset }, 30_000],
  ])('%s', (_what, status, headers, expected) => {
    expect(askedWaitMs(status, headers, NOW)).toBe(expected);
  });

  test('the reset is measured by the date of the answer', () => {
    const headers = { rateLimitRemaining: '0', rateLimitReset: reset, date: DATE };
    expect(askedWaitMs(429, headers, NOW - 999_000)).toBe(30_000);
  });
});

test.each<[string, (date: Date) => string]>([
  ['IMF-fixdate', (date) => date.toUTCString()],
  ['RFC 850', (date) => rfc850(date)],
  ['asctime', (date) => asctime(date)],
])('a date in the form of %s is the one that it says, on any day', (_form, write) => {
  for (let day = 0; day < 36_000; day += 97) {
    const date = new Date(day * 86_400_000 + day * 1013);
    date.setUTCMilliseconds(0);
    expect(httpDatesIn(write(date), date.getTime() + 86_400_000)).toEqual({ dates: [date.getTime()], rest: '' });
  }
});

const LONG_DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function rfc850(date: Date): string {
  const [, day, month, year = '', time] = date.toUTCString().split(' ');
  return `${LONG_DAYS[date.getUTCDay()]}, ${day}-${month}-${year.slice(2)} ${time} GMT`;
}

function asctime(date: Date): string {
  const [name, day, month, year, time] = date.toUTCString().replace(',', '').split(' ');
  return `${name} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
