/** The course of the run as shapes: the rows of the series in, bars and steps out. Knows nothing of the document. */

import type { LiveSeries } from '../../../core/live/messages.js';
import type { Bar } from './chart-paths.js';

/** A chart of a run that has just begun is this long: what comes fills it from the left. */
const LEAST_ROWS = 20;

/** A part of the time (0 to 1) with its numbers. Rates are a second. */
export interface Moment {
  readonly from: number;
  readonly to: number;
  readonly fromMs: number;
  readonly ok: number;
  readonly failed: number;
  readonly retried: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly inFlight: number;
  readonly limit: number;
  /** The part of it that was a pause or an outage, 0 to 1. */
  readonly paused: number;
}

export interface Course {
  /** The time that the charts cover. */
  readonly spanMs: number;
  readonly moments: readonly Moment[];
}

/** The course until `elapsedMs`; the last row may still be under way. */
export function courseOf({ stepMs, columns, rows }: LiveSeries, elapsedMs: number, hasEnded: boolean): Course {
  const untilMs = Math.max(elapsedMs, (rows.length - 1) * stepMs + 1);
  const spanMs = hasEnded ? Math.max(1, untilMs) : Math.max(LEAST_ROWS, rows.length) * stepMs;
  const position = (ms: number): number => Math.min(1, ms / spanMs);
  const moments = rows.map((row, index): Moment => {
    const fromMs = index * stepMs;
    const coveredMs = Math.min(stepMs, untilMs - fromMs);
    const value = (name: string): number | null => row[columns.indexOf(name as never)] ?? null;
    // Of a row that has just begun a single call would make a tower.
    const rate = (name: string): number => ((value(name) ?? 0) * 1000) / Math.max(coveredMs, stepMs / 2);
    return {
      from: position(fromMs),
      to: position(fromMs + coveredMs),
      fromMs,
      ok: rate('ok'),
      failed: rate('failed'),
      retried: rate('retried'),
      p50: value('p50'),
      p99: value('p99'),
      inFlight: value('inFlight') ?? 0,
      limit: value('limit') ?? 0,
      paused: Math.min(1, value('paused') ?? 0),
    };
  });
  return { spanMs, moments };
}

export type Outcome = 'ok' | 'retried' | 'failed';

/** The bars of one outcome, upon those of the outcomes below it, where `top` is as high as the plot. */
export function stackedBars(
  moments: readonly Moment[],
  outcome: Outcome,
  below: readonly Outcome[],
  scale: number,
): Bar[] {
  return moments.map((moment) => ({
    from: moment.from,
    to: moment.to,
    bottom: below.reduce((sum, other) => sum + moment[other], 0) * scale,
    height: moment[outcome] * scale,
  }));
}

/** Where the run was paused, as long as it was: a part of a row stands beside the paused row before or after it. */
export function pausedBands(moments: readonly Moment[], height: number): Bar[] {
  return moments.flatMap(({ from, to, paused }, index) => {
    if (paused <= 0) return [];
    const width = (to - from) * paused;
    const goesOn = (moments[index + 1]?.paused ?? 0) > 0 && (moments[index - 1]?.paused ?? 0) === 0;
    const begin = goesOn ? to - width : from;
    return [{ from: begin, to: begin + width, bottom: 0, height }];
  });
}

/** The least and the greatest latency; undefined without any. */
export function latencyRange(moments: readonly Moment[]): { least: number; greatest: number } | undefined {
  const all = moments.flatMap(({ p50, p99 }) => [p50, p99]).filter((ms) => ms !== null);
  if (all.length === 0) return undefined;
  return { least: Math.min(...all), greatest: Math.max(...all) };
}
