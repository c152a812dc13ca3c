import { describe, expect, test } from 'vitest';
import { count, counted, cut, duration, instant, percent } from '../../src/report/words.js';

describe('words', () => {
  test.each([
    [0, '0 ms'],
    [0.44, '0.4 ms'],
    [8.44, '8.4 ms'],
    [84.4, '84 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [4600, '4.6 s'],
    [59_960, '1 min'],
    [125_000, '2 min 5 s'],
    [3_780_000, '1 h 3 min'],
    [-1, '–'],
    [Number.NaN, '–'],
  ])('a duration of %d ms is %s', (ms, expected) => expect(duration(ms)).toBe(expected));

  test.each([
    [0, 10, '0%'],
    [1, 10_000, '<0.1%'],
    [1, 300, '0.3%'],
    [1, 3, '33%'],
    [9_999, 10_000, '99%'],
    [10, 10, '100%'],
    [0, 0, '0%'],
  ])('%d of %d is %s', (part, whole, expected) => expect(percent(part, whole)).toBe(expected));

  test('counts have separators and agree with their noun', () => {
    expect([count(2963), counted(1, 'case'), counted(2963, 'case')]).toEqual(['2,963', '1 case', '2,963 cases']);
  });

  test('an instant is shown in UTC, and what is no date as it is', () => {
    expect(instant('2026-11-22T10:30:00.123+01:00')).toBe('2026-11-22 09:30:00 UTC');
    expect(instant('soon')).toBe('soon');
  });

  test('a cut text ends with an ellipsis and never in half a character', () => {
    expect(cut('abcdef', 4)).toBe('abc…');
    expect(cut('abcd', 4)).toBe('abcd');
    expect(cut('ab😀def', 4)).toBe('ab…');
  });
});
