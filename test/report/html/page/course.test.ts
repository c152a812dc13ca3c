import { describe, expect, test } from 'vitest';
import { type LiveRow, SERIES_COLUMNS } from '../../../../src/core/live/messages.js';
import { barsPath, brokenStepsPath, stepsPath } from '../../../../src/report/html/page/chart-paths.js';
import { logScale } from '../../../../src/report/html/page/chart-ticks.js';
import {
  type Course,
  courseOf,
  latencyRange,
  pausedBands,
  stackedBars,
} from '../../../../src/report/html/page/course.js';
import { flightDrawing, latencyDrawing, rateDrawing } from '../../../../src/report/html/page/course-drawing.js';
import { liveRow } from '../../../helpers/live-messages.js';

function course(rows: readonly LiveRow[], elapsedMs: number, hasEnded = false, stepMs = 1000): Course {
  return courseOf({ stepMs, columns: SERIES_COLUMNS, rows }, elapsedMs, hasEnded);
}

describe('course', () => {
  test('a run that has just begun has room to the right; one that has ended fills the chart', () => {
    const rows = [liveRow(10, 0, 0), liveRow(10, 0, 0)];
    expect(course(rows, 2000).spanMs).toBe(20_000);
    expect(course(rows, 2000).moments.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.05],
      [0.05, 0.1],
    ]);
    expect(course(rows, 2000, true).moments.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.5],
      [0.5, 1],
    ]);
    expect(
      course(
        Array.from({ length: 300 }, () => liveRow(1, 0, 0)),
        300_000,
      ).spanMs,
    ).toBe(300_000);
  });

  test('rates are a second, whatever the step; a row that has just begun is not made a tower', () => {
    expect(course([liveRow(64, 32, 0)], 32_000, false, 32_000).moments[0]).toMatchObject({ ok: 2, failed: 1 });
    const [whole, half, begun] = course([liveRow(10, 0, 0), liveRow(6, 0, 0)], 1600).moments.concat(
      course([liveRow(6, 0, 0)], 1).moments,
    );
    expect([whole?.ok, half?.ok, begun?.ok]).toEqual([10, 10, 12]);
  });

  test('without a row, a call or a known column there is nothing to draw, and no NaN', () => {
    for (const empty of [
      course([], 0),
      course([liveRow(0, 0, 0)], 0),
      courseOf({ stepMs: 1000, columns: [] as never, rows: [[]] }, 5, true),
    ]) {
      for (const drawing of [rateDrawing(empty), latencyDrawing(empty), flightDrawing(empty)]) {
        expect(JSON.stringify(drawing)).not.toMatch(/NaN|Infinity|null/);
      }
      expect(latencyRange(empty.moments)).toBeUndefined();
    }
  });

  test('outcomes stand upon each other', () => {
    const { moments } = course([liveRow(10, 5, 3)], 1000);
    expect(stackedBars(moments, 'failed', ['ok', 'retried'], 2)).toEqual([
      { from: 0, to: 0.05, bottom: 26, height: 10 },
    ]);
  });

  test('a pause is as long as it was, and its parts stand together', () => {
    const rows = [
      liveRow(1, 0, 0),
      liveRow(1, 0, 0, 0.25),
      liveRow(0, 0, 0, 1),
      liveRow(1, 0, 0, 0.5),
      liveRow(1, 0, 0),
    ];
    const bands = pausedBands(course(rows, 5000, true).moments, 90);
    expect(bands.map(({ from, to }) => [from, to].map((at) => Number(at.toFixed(3))))).toEqual([
      [0.35, 0.4],
      [0.4, 0.6],
      [0.6, 0.7],
    ]);
  });

  test('latency is on a logarithmic axis within the plot, with a gap where nothing was answered', () => {
    const { paths, y } = latencyDrawing(course([liveRow(10, 0, 0), liveRow(0, 0, 0), liveRow(10, 9, 0)], 3000));
    expect(paths['p50']?.match(/M/g)).toHaveLength(2);
    expect(y.length).toBeGreaterThan(1);
    const heights = Array.from(`${paths['p50']}${paths['p99']}`.matchAll(/,([\d.-]+)/g), ([, height]) =>
      Number(height),
    );
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...heights)).toBeLessThanOrEqual(110);
  });
});

describe('paths', () => {
  test('bars without height are left out', () => {
    const bar = { from: 0, to: 0.5, bottom: 0, height: 10 };
    expect(barsPath([bar, { ...bar, height: 0 }], 100, 0)).toBe('M0,90h500v10h-500z');
  });

  test('steps join, and break at gaps', () => {
    const [a, b] = [
      { from: 0, to: 0.5, height: 10 },
      { from: 0.5, to: 1, height: 20 },
    ];
    expect(stepsPath([a, b], 100)).toBe('M0,90H500L500,80H1000');
    expect(brokenStepsPath([a, { ...b, height: null }, b], 100)).toBe('M0,90H500M500,80H1000');
    expect(brokenStepsPath([], 100)).toBe('');
  });

  test('a logarithmic scale has a label of its own even where no power of ten is in it', () => {
    const { at, ticks } = logScale(15, 80);
    expect(at(15)).toBe(0);
    expect(at(80)).toBe(1);
    expect(ticks.map(({ label, minor }) => [label, minor])).toEqual([
      ['20ms', undefined],
      ['50ms', undefined],
    ]);
  });
});
