import { LatencyHistogram } from '../../core/results/latency.js';
import type { Summary } from '../../core/results/run-info.js';
import { formatCount, formatDuration } from '../../text/format.js';
import { bars, type ChartTable, legend, type Marker, numbers, plot, shape } from './chart.js';
import { type LatencyBar, latencyBars } from './latency-bars.js';
import { html, type Markup } from './markup.js';
import { WIDTH, xy } from './page/chart-paths.js';
import { linearTicks, type LogScale, logScale } from './page/chart-ticks.js';

const HEIGHT = 200;
// The axis counts nines, as HdrHistogram's plots do: 90%, 99% and 99.9% are equally far apart.
const QUANTILES = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999];

/** What the calls of enriched and of failed cases took: histogram, and the percentile curve as the other view. */
export class Latencies {
  readonly enriched = new LatencyHistogram();
  readonly failed = new LatencyHistogram();

  chart(summary: Summary): Markup {
    const all = latencyBars(this.enriched, this.failed);
    if (all.length === 0) return html`<p class="empty">No case was called.</p>`;
    return html`<div class="views">
        <input type="radio" name="latency" id="view-histogram" checked /><label for="view-histogram">Histogram</label>
        <input type="radio" name="latency" id="view-percentiles" /><label for="view-percentiles">Percentiles</label>
        ${legend(this.#legend())}
        <div class="view view-histogram">${histogram(all, summary)}</div>
        <div class="view view-percentiles">${this.#percentiles(all)}</div>
      </div>
      <p class="note">Time of a case's calls, waits between them left out. The axis is logarithmic.</p>`;
  }

  #legend(): { className: string; label: string }[] {
    const some = [
      { className: 'ok', label: 'enriched', count: this.enriched.count },
      { className: 'failed', label: 'failed', count: this.failed.count },
    ];
    return some.filter(({ count }) => count > 0);
  }

  #percentiles(all: readonly LatencyBar[]): Markup {
    const scale = scaleOf(all);
    const nines = Math.min(5, Math.max(1, Math.ceil(Math.log10(Math.max(this.enriched.count, this.failed.count)))));
    const quantiles = QUANTILES.filter((q) => ninesOf(q) <= nines);
    const curve = (latencies: LatencyHistogram): string =>
      latencies.count === 0 ? '' : curvePath(latencies, nines, (ms) => scale.at(ms) * HEIGHT);
    const table: ChartTable = {
      head: ['Percentile', 'Enriched', 'Failed'],
      rows: quantiles.map((q) => ({
        at: ninesOf(q) / nines,
        cells: [percentile(q), quantileText(this.enriched, q), quantileText(this.failed, q)],
      })),
    };
    return html`<figure class="chart" aria-label="Latency by percentile">
        ${plot({
          height: HEIGHT,
          unit: 'at most this long',
          y: scale.ticks,
          x: quantiles
            .filter((q) => [0, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 0.99999].includes(q))
            .map((q) => ({ at: ninesOf(q) / nines, label: percentile(q), minor: q === 0.75 || q === 0 })),
          shapes: [shape('curve-failed', curve(this.failed)), shape('curve-ok', curve(this.enriched))],
        })}
      </figure>
      ${numbers(table)}`;
  }
}

function histogram(all: readonly LatencyBar[], summary: Summary): Markup {
  const scale = scaleOf(all);
  const { top, ticks } = linearTicks(Math.max(...all.map((bar) => bar.enriched + bar.failed)), formatCount, 1);
  const rectangle = (bar: LatencyBar, below: number, height: number): Parameters<typeof bars>[1][number] => ({
    from: scale.at(bar.fromMs),
    to: scale.at(bar.toMs),
    bottom: (below / top) * HEIGHT,
    height: (height / top) * HEIGHT,
  });
  const ok = all.map((bar) => rectangle(bar, 0, bar.enriched));
  const failed = all.map((bar) => rectangle(bar, bar.enriched, bar.failed));
  return html`<figure class="chart" aria-label="Latency histogram">
      ${plot({
        height: HEIGHT,
        unit: 'cases',
        y: ticks,
        x: scale.ticks,
        markers: percentileMarkers(summary, scale.at),
        shapes: [bars('ok', ok, HEIGHT, 1.5), bars('failed', failed, HEIGHT, 1.5)],
      })}
    </figure>
    ${numbers(histogramTable(all, scale.at))}`;
}

function histogramTable(all: readonly LatencyBar[], at: (ms: number) => number): ChartTable {
  return {
    head: ['From', 'To', 'Enriched', 'Failed'],
    rows: all.map((bar) => ({
      at: (at(bar.fromMs) + at(bar.toMs)) / 2,
      cells: [formatDuration(bar.fromMs), formatDuration(bar.toMs), formatCount(bar.enriched), formatCount(bar.failed)],
    })),
  };
}

function percentileMarkers({ latencyMs }: Summary, at: (ms: number) => number): Marker[] {
  if (latencyMs === null) return [];
  return (['p50', 'p90', 'p99'] as const)
    .map((name, row) => ({ at: at(latencyMs[name]), label: `${name} ${formatDuration(latencyMs[name])}`, row }))
    .filter((marker) => marker.at >= 0 && marker.at <= 1);
}

/** The scale of the times from the first bar to the last. */
function scaleOf(all: readonly LatencyBar[]): LogScale {
  return logScale(all[0]?.fromMs ?? 1, all.at(-1)?.toMs ?? 10);
}

function curvePath(latencies: LatencyHistogram, nines: number, height: (ms: number) => number): string {
  const reach = Math.min(nines, Math.log10(Math.max(10, latencies.count)));
  const points = Array.from({ length: 101 }, (_, index) => {
    const x = (index / 100) * reach;
    return xy((x / nines) * WIDTH, HEIGHT - height(latencies.percentile(1 - 10 ** -x)));
  });
  return `M${points.join('L')}`;
}

function ninesOf(q: number): number {
  return -Math.log10(1 - q);
}

function percentile(q: number): string {
  return q === 0 ? 'min' : `p${Number((q * 100).toFixed(3))}`;
}

function quantileText(latencies: LatencyHistogram, q: number): string {
  return latencies.count === 0 ? '–' : formatDuration(latencies.percentile(q));
}
