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
