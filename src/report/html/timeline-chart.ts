import type { Summary } from '../../core/results/run-info.js';
import { formatCount, formatCounted, formatDecimal, formatDuration } from '../../text/format.js';
import { bars, type ChartTable, legend, numbers, plot, shape } from './chart.js';
import { html, type Markup } from './markup.js';
import { type Bar, stepsPath } from './page/chart-paths.js';
import { linearTicks, type Tick, timeTicks } from './page/chart-ticks.js';
import type { Band } from './pauses.js';
import type { Timeline, TimelineBucket } from './timeline.js';

const UPPER = 170;
const LOWER = 110;

/** Calls in flight under their limit, and below it the attempts by outcome, over the time of the run. */
export function timelineChart(timeline: Timeline, summary: Summary): Markup {
  if (timeline.attempts === 0) return html`<p class="empty">No call was made in the time of this run.</p>`;
  const buckets = timeline.buckets(summary.limit);
  const shaded = { paused: timeline.pauses(), down: timeline.outages() };
  const x = timeTicks(timeline.durationMs);
  return html`${legend(legendEntries(buckets, summary))}
    <figure class="chart" aria-label="Calls in flight and attempts by outcome over the time of the run">
      ${plot({ height: UPPER, unit: 'calls in flight', ...upperPlot(buckets, shaded) })}
      ${plot({ height: LOWER, unit: 'attempts a second', x, ...lowerPlot(buckets, shaded) })}
    </figure>
    ${numbers(tableOf(buckets))}
    <p class="note">${notes(timeline, summary)}</p>`;
}

function legendEntries(buckets: readonly TimelineBucket[], summary: Summary): { className: string; label: string }[] {
  const has = (name: 'ok' | 'retried' | 'failed'): boolean => buckets.some((bucket) => bucket[name] > 0);
  return [
    { className: 'flight', label: 'in flight (mean)' },
    { className: 'limit', label: summary.limit.course ? 'limit (adaptive)' : 'limit' },
    { className: 'ok', label: 'answered well' },
    ...(has('retried') ? [{ className: 'retried', label: 'failed, tried again' }] : []),
    ...(has('failed') ? [{ className: 'failed', label: 'failed for good' }] : []),
    ...(buckets.some(({ paused }) => paused)
      ? [{ className: 'paused', label: 'pause asked for by the endpoint' }]
      : []),
    ...(buckets.some(({ down }) => down) ? [{ className: 'down', label: 'endpoint down' }] : []),
  ];
}

/** Parts of the run's time that are shaded. */
interface Shaded {
  readonly paused: readonly Band[];
  readonly down: readonly Band[];
}

interface Drawing {
  readonly shapes: readonly Markup[];
  readonly y: readonly Tick[];
}

function upperPlot(buckets: readonly TimelineBucket[], shaded: Shaded): Drawing {
  const highest = Math.max(...buckets.map(({ inFlight, limit }) => Math.max(inFlight, limit)));
  const { top, ticks } = linearTicks(highest * 1.04, (value) => formatDecimal(value, 1), 1);
  const heights = (name: 'inFlight' | 'limit'): Omit<Bar, 'bottom'>[] =>
    buckets.map((bucket) => ({ from: bucket.from, to: bucket.to, height: (bucket[name] / top) * UPPER }));
  const course = stepsPath(heights('inFlight'), UPPER);
  return {
    y: ticks,
    shapes: [
      ...bands(shaded, UPPER),
      shape('flight-area', `${course}V${UPPER}H0z`),
      shape('flight', course),
      shape('limit', stepsPath(heights('limit'), UPPER)),
    ],
  };
}

function lowerPlot(buckets: readonly TimelineBucket[], shaded: Shaded): Drawing {
  const perSecond = ({ fromMs, toMs }: TimelineBucket): number => 1000 / (toMs - fromMs);
  const highest = Math.max(
    ...buckets.map((bucket) => (bucket.ok + bucket.retried + bucket.failed) * perSecond(bucket)),
  );
  const { top, ticks } = linearTicks(highest, (value) => (value < 10 ? formatDecimal(value, 2) : formatCount(value)));
  const stacked = (name: 'ok' | 'retried' | 'failed', below: readonly ('ok' | 'retried')[]): Bar[] =>
    buckets.map((bucket) => ({
      from: bucket.from,
      to: bucket.to,
      bottom: (below.reduce((sum, other) => sum + bucket[other], 0) * perSecond(bucket) * LOWER) / top,
      height: (bucket[name] * perSecond(bucket) * LOWER) / top,
    }));
  const gap = buckets.length > 100 ? 0.6 : 1.5;
  return {
    y: ticks,
    shapes: [
      ...bands(shaded, LOWER),
      bars('ok', stacked('ok', []), LOWER, gap),
      bars('retried', stacked('retried', ['ok']), LOWER, gap),
      bars('failed', stacked('failed', ['ok', 'retried']), LOWER, gap),
    ],
  };
}

function bands(shaded: Shaded, height: number): Markup[] {
  return Object.entries(shaded).map(([name, parts]) => {
    const full = parts.map(({ from, to }: Band) => ({ from, to, bottom: 0, height }));
    return bars(name, full, height, 0);
  });
}

function tableOf(buckets: readonly TimelineBucket[]): ChartTable {
  return {
    head: ['From', 'In flight', 'Limit', 'Answered well', 'Tried again', 'Failed', 'Pause'],
    rows: buckets.map((bucket) => ({
      at: (bucket.from + bucket.to) / 2,
      cells: [
        formatDuration(bucket.fromMs),
        formatDecimal(bucket.inFlight, 1),
        bucket.limit,
        formatCount(bucket.ok),
        formatCount(bucket.retried),
        formatCount(bucket.failed),
        bucket.down ? 'down' : bucket.paused ? 'yes' : '–',
      ],
    })),
  };
}

function notes(timeline: Timeline, { maxInFlight, limit, waitedMs, outages }: Summary): Markup {
  const asked = (waitedMs['pause'] ?? 0) + (waitedMs['retry-after'] ?? 0);
  const parts = [
    `Most in flight: ${formatCount(maxInFlight)} of ${formatCount(limit.configured)}.`,
    limit.course === undefined ? '' : `The adaptive limit settled at ${formatCount(limit.settled)}.`,
    asked > 0 ? `Cases waited ${formatDuration(asked)} in all because the endpoint asked for it.` : '',
    outages?.count
      ? `The endpoint was down ${formatCounted(outages.count, 'time')}, ${formatDuration(outages.ms)}.`
      : '',
    timeline.earlier > 0 ? `${formatCounted(timeline.earlier, 'result')} of earlier runs not drawn.` : '',
  ];
  return html`${parts.filter((part) => part !== '').join(' ')}`;
}
