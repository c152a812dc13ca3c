/** The bars of the latency histogram, from the buckets that the latencies were counted in. */

import { LatencyHistogram } from '../../core/results/latency.js';

const MOST_BARS = 60;

export interface LatencyBar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly enriched: number;
  readonly failed: number;
}

/** Both histograms in the same bars of equal width on a logarithmic axis: at most 60, fewer for few values. */
export function latencyBars(enriched: LatencyHistogram, failed: LatencyHistogram): LatencyBar[] {
  const ranges = [enriched.range(), failed.range()].filter((range) => range !== undefined);
  if (ranges.length === 0) return [];
  const first = Math.min(...ranges.map(([low]) => low));
  const last = Math.max(...ranges.map(([, high]) => high));
  const width = bucketsInBar(last - first + 1, enriched.count + failed.count);
  const start = Math.floor(first / width) * width;
  return Array.from({ length: Math.ceil((last + 1 - start) / width) }, (_, index) => {
    const bucket = start + index * width;
    return {
      fromMs: LatencyHistogram.startMs(bucket),
      toMs: LatencyHistogram.startMs(bucket + width),
      enriched: sumFrom(enriched, bucket, width),
      failed: sumFrom(failed, bucket, width),
    };
  });
}

/** The least number that makes no more bars than that many values are worth. */
function bucketsInBar(buckets: number, values: number): number {
  const most = Math.min(MOST_BARS - 1, 8 + 2 * Math.sqrt(values));
  return Math.ceil(buckets / most);
}

function sumFrom(histogram: LatencyHistogram, bucket: number, width: number): number {
  let sum = 0;
  for (let offset = 0; offset < width; offset++) sum += histogram.countAt(bucket + offset);
  return sum;
}
