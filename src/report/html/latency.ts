/** Latencies in logarithmic buckets: 40 to a decade, so that a value is known to within 6%. */

const PER_DECADE = 40;
const LOWEST = -2;
const DECADES = 11;
const MAX_BARS = 60;

/** Counts of latencies from 10 µs to 10^9 ms; memory does not grow with their number. */
export class LogHistogram {
  total = 0;
  readonly #counts = new Float64Array(DECADES * PER_DECADE);

  add(ms: number): void {
    const position = Math.floor((Math.log10(Math.max(ms, 1e-2)) - LOWEST) * PER_DECADE);
    const index = Math.min(this.#counts.length - 1, Math.max(0, position));
    this.#counts[index] = this.countAt(index) + 1;
    this.total++;
  }

  countAt(index: number): number {
    return this.#counts[index] ?? 0;
  }

  /** The value below which the part `q` (0 to 1) of all lies, interpolated within its bucket. */
  quantile(q: number): number {
    let rest = q * this.total;
    for (let index = 0; index < this.#counts.length; index++) {
      const here = this.countAt(index);
      if (here > 0 && rest <= here) return valueAt(index + rest / here);
      rest -= here;
    }
    return valueAt(this.#counts.length);
  }

  /** First and last bucket that counted something, or undefined. */
  range(): readonly [number, number] | undefined {
    const first = this.#counts.findIndex((amount) => amount > 0);
    return first === -1 ? undefined : [first, this.#counts.findLastIndex((amount) => amount > 0)];
  }
}

export interface LatencyBar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly enriched: number;
  readonly failed: number;
}

/** Both histograms in the same bars of equal width on a logarithmic axis: at most 60, fewer for few values. */
export function latencyBars(enriched: LogHistogram, failed: LogHistogram): LatencyBar[] {
  const ranges = [enriched.range(), failed.range()].filter((range) => range !== undefined);
  if (ranges.length === 0) return [];
  const low = Math.min(...ranges.map(([first]) => first));
  const high = Math.max(...ranges.map(([, last]) => last));
  const most = Math.min(MAX_BARS - 1, 8 + 2 * Math.sqrt(enriched.total + failed.total));
  const width = [1, 2, 4, 5, 8, 10].find((step) => (high - low + 1) / step <= most) ?? 20;
  const start = Math.floor(low / width) * width;
  const bars: LatencyBar[] = [];
  for (let index = start; index <= high; index += width) {
    bars.push({
      fromMs: valueAt(index),
      toMs: valueAt(index + width),
      enriched: sumFrom(enriched, index, width),
      failed: sumFrom(failed, index, width),
    });
  }
  return bars;
}

function sumFrom(histogram: LogHistogram, index: number, width: number): number {
  let sum = 0;
  for (let offset = 0; offset < width; offset++) sum += histogram.countAt(index + offset);
  return sum;
}

function valueAt(position: number): number {
  return 10 ** (position / PER_DECADE + LOWEST);
}
