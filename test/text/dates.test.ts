import { describe, expect, test } from 'vitest';

import { relativeDay } from '../../src/text/dates.js';

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
