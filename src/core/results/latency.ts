/**
 * Percentiles in constant memory: a histogram whose buckets grow by 2^(1/32), so a percentile is within 2.2 % of the
 * true value (log-linear buckets, as in HdrHistogram); the maximum is exact.
 */
export class LatencyHistogram {
  static readonly #PER_OCTAVE = 32;
  /** 0.01 ms to about 4.9 days. */
  static readonly #SMALLEST_MS = 0.01;
  readonly #counts = new Uint32Array(35 * LatencyHistogram.#PER_OCTAVE);
  #total = 0;
  #max = 0;

  get count(): number {
    return this.#total;
  }

  record(ms: number): void {
    const octaves = Math.log2(Math.max(1, ms / LatencyHistogram.#SMALLEST_MS));
    const bucket = Math.min(this.#counts.length - 1, Math.floor(octaves * LatencyHistogram.#PER_OCTAVE));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    if (ms > this.#max) this.#max = ms;
  }

  /** Counts what another one has counted as well. */
  add(other: LatencyHistogram): void {
    other.#counts.forEach((count, bucket) => (this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count));
    this.#total += other.#total;
    this.#max = Math.max(this.#max, other.#max);
  }

  /** The value that `share` (0 to 1) of the recorded ones do not exceed, in milliseconds; 0 when there is none. */
  percentile(share: number): number {
    let rest = Math.max(1, Math.ceil(share * this.#total));
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      rest -= this.#counts[bucket] ?? 0;
      if (rest <= 0) return Math.min(this.#max, LatencyHistogram.startMs(bucket + 1));
    }
    return this.#max;
  }

  /** The count of a histogram bucket; buckets are numbered from 0, shorter times first. */
  countAt(bucket: number): number {
    return this.#counts[bucket] ?? 0;
  }

  /** The first and the last bucket that has counted something; undefined without a value. */
  range(): readonly [first: number, last: number] | undefined {
    const first = this.#counts.findIndex((count) => count > 0);
    return first === -1 ? undefined : [first, this.#counts.findLastIndex((count) => count > 0)];
  }

  /** The lower bound of a bucket, in milliseconds; its upper bound is the lower bound of the next one. */
  static startMs(bucket: number): number {
    return LatencyHistogram.#SMALLEST_MS * 2 ** (bucket / LatencyHistogram.#PER_OCTAVE);
  }

  /** The percentiles of the summary, rounded to a tenth of a millisecond; null without a value. */
  summary(): { p50: number; p90: number; p99: number; max: number } | null {
    if (this.#total === 0) return null;
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => tenth(this.percentile(share)));
    return { p50: p50 ?? 0, p90: p90 ?? 0, p99: p99 ?? 0, max: tenth(this.#max) };
  }
}

/** Rounded to a tenth of a millisecond. */
export function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}
