/** What a run says about itself: the `run` and `summary` of a report, shared by every renderer. */

import type { EnrichmentResult } from '../case.js';
import type { RunInfo, SavedResult, Summary } from './shapes.js';

export type { LimitSummary, OpenWord, RunInfo, SavedFailure, SavedResult, SavedTry, Shard, Summary } from './shapes.js';
export { isStopReason, type StopReason } from './stop-reason.js';

export interface ReportHead {
  readonly schemaVersion: 1;
  readonly run: RunInfo;
  readonly summary: Summary;
}

/** A result of this run, or one read back. */
export type AnyResult = EnrichmentResult | SavedResult;

/** Where results go. Closed by `finish`, or by `close` when the run could not end in order. */
export interface ResultSink {
  /** Resolves (or returns) when the results are written, in this order; rejects with an OutputError. */
  write(results: readonly EnrichmentResult[]): void | Promise<void>;
  /** Writes the end (closing line, summary, rename) and closes. */
  finish(run: RunInfo, summary: Summary): Promise<void>;
  /** Closes without an end: what is written stays. */
  close(): Promise<void>;
}

/** Takes results one by one, in bounded memory, and tells about all of them when the run's end is known. */
export interface Collector<View> {
  add(result: AnyResult): void;
  render(view: View): string;
}

/** One way to show results that are known: each call returns the text to write next. */
export interface Renderer {
  begin(): string;
  result(result: SavedResult): string;
  end(): string;
}
