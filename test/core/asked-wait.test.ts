import { describe, expect, test } from 'vitest';
import { askedWaitMs, parseHttpDate } from '../../src/core/asked-wait.js';

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const DATE = 'Sun, 22 Nov 2026 12:00:00 GMT';

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
    ['eleven digits', '99999999999', undefined],
    ['a negative number', '-5', undefined],
    ['a fraction', '1.5', undefined],
    ['a hexadecimal number', '0x10', undefined],
    ['nothing', '', undefined],
    ['white space', ' 5', undefined],
    ['junk', 'soon', undefined],
    ['sent twice', '5, 7', undefined],
    ['an ISO date', '2026-11-22T12:01:30Z', undefined],
    ['an obsolete date form', 'Sunday, 22-Nov-26 12:01:30 GMT', undefined],
    ['another zone', 'Sun, 22 Nov 2026 12:01:30 CET', undefined],
    ['the 31st of February', 'Sun, 31 Feb 2027 12:00:00 GMT', undefined],
    ['a month that is none', 'Sun, 22 Nox 2026 12:00:00 GMT', undefined],
    ['the 25th hour', 'Sun, 22 Nov 2026 24:00:00 GMT', undefined],
    ['minute 60', 'Sun, 22 Nov 2026 12:60:00 GMT', undefined],
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
    ['after junk', 429, { retryAfter: 'x', rateLimitRemaining: '0', rateLimitReset: reset }, 30_000],
  ])('%s', (_what, status, headers, expected) => {
    expect(askedWaitMs(status, headers, NOW)).toBe(expected);
  });

  test('the reset is measured by the date of the answer', () => {
    const headers = { rateLimitRemaining: '0', rateLimitReset: reset, date: DATE };
    expect(askedWaitMs(429, headers, NOW - 999_000)).toBe(30_000);
  });
});

test('parseHttpDate agrees with the platform on real dates', () => {
  for (let day = 0; day < 40_000; day += 97) {
    const date = new Date(day * 86_400_000 + day * 1013);
    date.setUTCMilliseconds(0);
    expect(parseHttpDate(date.toUTCString())).toBe(date.getTime());
  }
});
