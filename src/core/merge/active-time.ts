import type { RunInfo, SavedResult } from '../results/run-info.js';

/** A stretch of time, in milliseconds since 1970. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * When several runs were going on: their own times, overlaps counted once and gaps not at all; and the time of results
 * that no known run covers, as a run leaves them that was killed.
 */
export class ActiveTime {
  /** Apart from each other, in ascending order. */
  readonly #spans: readonly TimeSpan[];
  /** Around all results that no known run covers. */
  #uncovered: TimeSpan | undefined;

  constructor(runs: readonly RunInfo[]) {
    this.#spans = union(runs.map(spanOf));
  }

  /** Takes note of a result. */
  add({ at, durationMs }: Pick<SavedResult, 'at' | 'durationMs'>): void {
    const endMs = Date.parse(at);
    const span = this.#lastBegunBy(endMs);
    if (span !== undefined && endMs <= span.endMs) return;
    this.#uncovered = around(this.#uncovered, { startMs: endMs - durationMs, endMs });
  }

  /** By bisection: a journal can hold very many runs. */
  #lastBegunBy(ms: number): TimeSpan | undefined {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#spans[middle]?.startMs ?? Infinity) <= ms) low = middle + 1;
      else high = middle;
    }
    return this.#spans[low - 1];
  }

  get hasUncovered(): boolean {
    return this.#uncovered !== undefined;
  }

  get durationMs(): number {
    const all = this.#uncovered === undefined ? this.#spans : [...this.#spans, this.#uncovered];
    return union(all).reduce((sum, { startMs, endMs }) => sum + (endMs - startMs), 0);
  }
}

/** The time of a run. */
export function spanOf(run: RunInfo): TimeSpan {
  return { startMs: Date.parse(run.startedAt), endMs: Date.parse(run.finishedAt) };
}

function union(spans: readonly TimeSpan[]): TimeSpan[] {
  const merged: TimeSpan[] = [];
  for (const span of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = merged.at(-1);
    if (last !== undefined && span.startMs <= last.endMs) merged[merged.length - 1] = around(last, span);
    else merged.push(span);
  }
  return merged;
}

/** The shortest stretch that holds both. */
export function around(a: TimeSpan | undefined, b: TimeSpan): TimeSpan {
  if (a === undefined) return b;
  return { startMs: Math.min(a.startMs, b.startMs), endMs: Math.max(a.endMs, b.endMs) };
}
