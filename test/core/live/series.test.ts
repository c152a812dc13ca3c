import { describe, expect, test } from 'vitest';
import { MOST_ROWS, Series } from '../../../src/core/live/series.js';
import { seededRandom } from '../../helpers/random.js';

const START = 5_000;

function series(): Series {
  return new Series(START);
}

describe('rows', () => {
  test('count attempts by the second in which they end', () => {
    const s = series();
    s.level(START, 3, 10);
    s.attempted(START + 100, true, 10);
    s.attempted(START + 200, false, 20);
    s.attempted(START + 1_000, true, 30);
    expect(s.rows()).toEqual([
      [1, 0, 1, expect.closeTo(10, 0), expect.closeTo(20, 0), 3, 10, 0],
      [1, 0, 0, 30, 30, 3, 10, 0],
    ]);
  });

  test('a failed attempt counts as retried until its case has given up', () => {
    const s = series();
    for (const at of [100, 200, 300]) s.attempted(START + at, false, 1);
    s.gaveUp(START + 400, 2);
    expect(s.rows()[0]?.slice(0, 3)).toEqual([0, 2, 1]);
  });

  test('giving up in the next second changes the row of the attempt', () => {
    const s = series();
    s.attempted(START + 990, false, 1);
    s.takeChange();
    s.advance(START + 1_000);
    s.takeChange();
    s.gaveUp(START + 1_010, 1);
    expect(s.takeChange()).toMatchObject({
      firstRow: 0,
      rows: [[0, 1, 0], [0]].map((row) => expect.arrayContaining(row)),
    });
    expect(s.rows()[0]?.slice(0, 3)).toEqual([0, 1, 0]);
  });

  test('cases of one call that failed move no more attempts than there were', () => {
    const s = series();
    s.attempted(START + 1, false, 1);
    s.gaveUp(START + 2, 50);
    expect(s.rows()[0]?.slice(0, 3)).toEqual([0, 1, 0]);
  });

  test('each second has percentiles of its own', () => {
    const s = series();
    s.attempted(START, true, 1_000);
    s.attempted(START + 1_500, true, 10);
    expect(s.rows().map((row) => row[3])).toEqual([1_000, 10]);
    s.advance(START + 2_000);
    expect(s.rows()[2]?.slice(3, 5)).toEqual([null, null]);
  });
});

describe('the paused part', () => {
  test('is that of a pause which crosses seconds', () => {
    const s = series();
    s.paused(START + 500, START + 2_250);
    s.advance(START + 3_000);
    expect(s.rows().map((row) => row[7])).toEqual([0.5, 1, 0.25, 0]);
  });

  test('of the row under way is a part of the time so far', () => {
    const s = series();
    s.paused(START + 200, START + 9_000);
    s.advance(START + 400);
    expect(s.rows()[0]?.[7]).toBe(0.5);
  });

  test('counts an outage from its beginning to its end, and overlaps once', () => {
    const s = series();
    s.outage(START + 500, true);
    s.paused(START + 600, START + 700);
    s.outage(START + 1_500, false);
    s.advance(START + 2_000);
    expect(s.rows().map((row) => row[7])).toEqual([0.5, 0.5, 0]);
  });
});

describe('many rows', () => {
  test(`${MOST_ROWS} at most: two become one, and nothing of their counts is lost`, () => {
    const s = series();
    const random = seededRandom(7);
    let attempts = 0;
    for (let ms = 0; ms < 5_000_000; ms += random() * 2_000) {
      s.attempted(START + ms, random() < 0.9, random() * 100);
      attempts++;
      // In the end a row has 32 attempts: one too many would be seen.
      if (attempts % 16 === 0) expect(s.rows().length).toBeLessThanOrEqual(MOST_ROWS);
    }
    const rows = s.rows();
    const sum = rows.reduce((total, row) => total + Number(row[0]) + Number(row[1]) + Number(row[2]), 0);
    expect(sum).toBe(attempts);
    expect(s.stepMs).toBe(32_000);
    expect(rows.length).toBe(Math.floor(4_999_999 / 32_000) + 1);
  });

  test('joined rows have the latency of all their attempts', () => {
    const s = series();
    for (let at = 0; at < 99; at++) s.attempted(START + 1, true, 1);
    s.attempted(START + 1_001, true, 500);
    s.advance(START + 300_000);
    expect(s.stepMs).toBe(2_000);
    expect(s.rows()[0]?.slice(0, 5)).toEqual([100, 0, 0, expect.closeTo(1, 1), expect.closeTo(1, 1)]);
    s.attempted(START + 300_001, true, 1);
    expect(s.rows().at(-1)?.[0]).toBe(1);
  });

  test('a machine that slept for a day is no endless loop', () => {
    const s = series();
    s.advance(START + 86_400_000);
    expect(s.rows().length).toBeLessThanOrEqual(MOST_ROWS);
    expect(s.stepMs * s.rows().length).toBeGreaterThan(86_400_000);
  });
});

describe('what has changed', () => {
  test('is the row under way, and those that were since the last time', () => {
    const s = series();
    expect(s.takeChange()).toMatchObject({ isRescaled: false, firstRow: 0 });
    s.advance(START + 2_500);
    expect(s.takeChange()).toMatchObject({ firstRow: 0, rows: { length: 3 } });
    expect(s.takeChange()).toMatchObject({ firstRow: 2, rows: { length: 1 } });
  });

  test('is everything once, when the rows have another length', () => {
    const s = series();
    s.advance(START + 299_999);
    s.takeChange();
    s.advance(START + 300_000);
    expect(s.takeChange()).toMatchObject({ isRescaled: true, firstRow: 0, rows: { length: 151 } });
    expect(s.takeChange()).toMatchObject({ isRescaled: false, firstRow: 150 });
  });

  test('applied to what was there, changes give the rows', () => {
    const s = series();
    const random = seededRandom(11);
    let copy: (readonly (number | null)[])[] = [];
    for (let ms = 0; ms < 700_000; ms += random() * 700) {
      if (random() < 0.5) s.attempted(START + ms, random() < 0.5, 1);
      else s.gaveUp(START + ms, 1);
      if (random() < 0.3) {
        const { isRescaled, firstRow, rows } = s.takeChange();
        copy = isRescaled ? [...rows] : [...copy.slice(0, firstRow), ...rows];
        // As text: 600 comparisons of 300 rows each take seconds otherwise.
        expect(JSON.stringify(copy)).toBe(JSON.stringify(s.rows()));
      }
    }
  });
});
