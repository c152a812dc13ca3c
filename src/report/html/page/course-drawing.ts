/** The three plots of the run's course: what is drawn in each. Knows nothing of the document. */

import { formatCount, formatDecimal } from '../../../text/format.js';
import { barsPath, brokenStepsPath, type PlotDrawing, stepsPath } from './chart-paths.js';
import { linearTicks, logScale, type Tick, timeTicks } from './chart-ticks.js';
import { type Course, latencyRange, type Moment, type Outcome, pausedBands, stackedBars } from './course.js';

export const RATE_HEIGHT = 130;
export const LATENCY_HEIGHT = 110;
export const FLIGHT_HEIGHT = 90;

/** Attempts a second, by outcome. */
export function rateDrawing({ moments }: Course): PlotDrawing {
  const highest = Math.max(0, ...moments.map(({ ok, failed, retried }) => ok + failed + retried));
  const { top, ticks } = linearTicks(
    highest,
    (value) => (value < 10 ? formatDecimal(value, 2) : formatCount(value)),
    0.1,
  );
  const gap = moments.length > 100 ? 0.6 : 1.5;
  const bars = (outcome: Outcome, ...below: Outcome[]): string =>
    barsPath(stackedBars(moments, outcome, below, RATE_HEIGHT / top), RATE_HEIGHT, gap);
  return {
    paths: {
      paused: bandsPath(moments, RATE_HEIGHT),
      ok: bars('ok'),
      retried: bars('retried', 'ok'),
      failed: bars('failed', 'ok', 'retried'),
    },
    y: ticks,
    x: [],
  };
}

/** Latency of the attempts, on a logarithmic axis: p99 may be a hundred times p50. */
export function latencyDrawing({ moments }: Course): PlotDrawing {
  const range = latencyRange(moments);
  if (range === undefined) return { paths: { paused: bandsPath(moments, LATENCY_HEIGHT) }, y: [], x: [] };
  const from = Math.max(0.01, range.least) / 1.3;
  const scale = logScale(from, Math.max(range.greatest * 1.3, from * 4));
  const line = (name: 'p50' | 'p99'): string => {
    const steps = moments.map((moment) => ({
      from: moment.from,
      to: moment.to,
      height: heightOf(moment[name], scale.at),
    }));
    return brokenStepsPath(steps, LATENCY_HEIGHT);
  };
  return {
    paths: { paused: bandsPath(moments, LATENCY_HEIGHT), p50: line('p50'), p99: line('p99') },
    y: fewTicks(scale.ticks),
    x: [],
  };
}

/** Calls in flight under their limit. The lowest plot: it has the labels of the time. */
export function flightDrawing({ moments, spanMs }: Course): PlotDrawing {
  const highest = Math.max(1, ...moments.map(({ inFlight, limit }) => Math.max(inFlight, limit)));
  const { top, ticks } = linearTicks(highest * 1.04, (value) => formatDecimal(value, 1), 1);
  const line = (name: 'inFlight' | 'limit'): string => {
    const steps = moments.map((moment) => ({ ...moment, height: (moment[name] / top) * FLIGHT_HEIGHT }));
    return stepsPath(steps, FLIGHT_HEIGHT);
  };
  const course = line('inFlight');
  return {
    paths: {
      paused: bandsPath(moments, FLIGHT_HEIGHT),
      'flight-area': course === '' ? '' : `${course}V${FLIGHT_HEIGHT}H0z`,
      flight: course,
      limit: line('limit'),
    },
    y: ticks,
    x: timeTicks(spanMs),
  };
}

function bandsPath(moments: readonly Moment[], height: number): string {
  return barsPath(pausedBands(moments, height), height, 0);
}

function heightOf(ms: number | null, at: (ms: number) => number): number | null {
  return ms === null ? null : Math.min(1, Math.max(0, at(ms))) * LATENCY_HEIGHT;
}

/** Labels need 16 pixels each: the least important go where there are too many. */
function fewTicks(ticks: readonly Tick[]): readonly Tick[] {
  const most = Math.floor(LATENCY_HEIGHT / 18);
  if (ticks.length <= most) return ticks;
  const major = ticks.filter(({ minor }) => minor !== true);
  const step = Math.ceil(major.length / most);
  return major.filter((_, index) => index % step === 0);
}
