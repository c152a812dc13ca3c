import { describe, expect, test } from 'vitest';

import { formatCount, formatDuration, relativeDay } from '../../src/report/dates.js';

const now = Date.UTC(2026, 10, 22, 9, 30);

describe('relativeDay', () => {
  test.each([
    ['2026-11-22', 'today'],
    ['2026-11-22T00:00:00Z', 'today'],
    ['2026-11-22T23:59:59.999Z', 'today'],
    ['2026-11-23', 'tomorrow'],
    ['2026-11-21', 'yesterday'],
    ['2026-11-24', 'in 2 days'],
    ['2026-11-19', '3 days ago'],
    ['2027-01-21', 'in 60 days'],
    ['2027-01-22', 'in 2 months'],
    ['2026-08-22', '3 months ago'],
    ['2028-10-01', 'in 22 months'],
    ['2036-11-22', 'in 10 years'],
    ['1999-12-31', '27 years ago'],
    ['2026-11-24T09:30', 'in 2 days'],
    ['2026-11-24T09:30:00.5+0530', 'in 2 days'],
  ])('%s is %s', (date, words) => {
    expect(relativeDay(date, now)).toBe(words);
  });

  test('counts the calendar days of where the date was written', () => {
    const late = Date.UTC(2026, 10, 22, 23, 30);
    expect(relativeDay('2026-11-23T08:00:00+09:00', late)).toBe('today');
    expect(relativeDay('2026-11-22T20:00:00-05:00', late)).toBe('today');
    expect(relativeDay('2026-11-23T01:00:00Z', late)).toBe('tomorrow');
    expect(relativeDay('2026-11-23T01:00:00+01', late)).toBe('today');
  });

  test.each(['', 'soon', '2026-13-01', '22.11.2026', '2026-11-22 or so'])('%j comes back as it is', (text) => {
    expect(relativeDay(text, now)).toBe(text);
  });
});

test.each([
  [0, '0ms'],
  [0.3, '<1ms'],
  [0.5, '1ms'],
  [84.4, '84ms'],
  [999.4, '999ms'],
  [999.6, '1s'],
  [1000, '1s'],
  [4_600, '4.6s'],
  [12_000, '12s'],
  [19_449, '19.4s'],
  [59_949, '59.9s'],
  [59_960, '1m 00s'],
  [125_000, '2m 05s'],
  [3_599_400, '59m 59s'],
  [3_599_600, '1h 00m'],
  [3_780_000, '1h 03m'],
  [86_399_000, '1d 00h'],
  [198_000_000, '2d 07h'],
])('%d ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, '0'],
  [999, '999'],
  [2_947, '2,947'],
  [1_000_000, '1,000,000'],
  [-12_345, '-12,345'],
])('%d is written %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});
