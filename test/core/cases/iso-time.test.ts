import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isoTimeMs } from '../../../src/core/cases/iso-time.js';

describe('isoTimeMs', () => {
  test.each([
    ['a date is the beginning of its day in UTC', '2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['a leap day of a leap year', '2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['the first century', '0099-03-01', '0099-03-01T00:00:00.000Z'],
    ['a time without seconds', '2026-01-31T09:30', '2026-01-31T09:30:00.000Z'],
    ['no offset is UTC', '2026-01-31T09:30:15', '2026-01-31T09:30:15.000Z'],
    ['a fraction with a point', '2026-01-31T09:30:15.25Z', '2026-01-31T09:30:15.250Z'],
    ['a fraction with a comma, finer than a millisecond', '2026-01-31T09:30:15,2519Z', '2026-01-31T09:30:15.251Z'],
    ['an offset with a colon', '2026-01-31T09:30:00+02:00', '2026-01-31T07:30:00.000Z'],
    ['an offset without one', '2026-01-31T09:30:00.000-0530', '2026-01-31T15:00:00.000Z'],
    ['an offset in hours', '2026-01-31T00:30:00+01', '2026-01-30T23:30:00.000Z'],
    ['a leap second is the second after', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ])('%s', (_, text, expected) => {
    expect(isoTimeMs(text)).toBe(Date.parse(expected));
  });

  test.each([
    [
      '',
      '2026',
      '2026-1-1',
      '2026-13-01',
      '2026-00-10',
      '2026-01-00',
      '2026-01-32',
      '2026-04-31',
      '2025-02-29',
      '1900-02-29',
    ],
    [
      '20260131',
      '2026/01/31',
      '31.01.2026',
      'tomorrow',
      '2026-01-31 09:30',
      '2026-01-31T',
      '2026-01-31T9:30',
      '-026-01-01',
    ],
    ['2026-01-31T24:00', '2026-01-31T09:60', '2026-01-31T09:30:61', '2026-01-31T09:30:00.Z', '2026-01-31T09:30:00z'],
    [
      '2026-01-31T09:30+',
      '2026-01-31T09:30+24:00',
      '2026-01-31T09:30+02:0',
      '2026-01-31T09:30+02:60',
      '2026-01-31T09:30Zx',
    ],
    ['2026-01-31T09:30:00+02:00 ', ' 2026-01-31', '2026-01-31x', '2026-01-31T09:30:00Z+02:00', '٢٠٢٦-01-31'],
  ])('refuses %j, %j, %j, %j, %j …', (...texts) => {
    expect(texts.filter((text) => !Number.isNaN(isoTimeMs(text)))).toEqual([]);
  });

  test('agrees with Date on whatever Date prints', () => {
    const property = fc.property(
      fc.date({ min: new Date(-62e12), max: new Date(253402300799999), noInvalidDate: true }),
      (date) => {
        expect(isoTimeMs(date.toISOString())).toBe(date.getTime());
      },
    );
    fc.assert(property, { seed: 1, numRuns: 500 });
  });
});
