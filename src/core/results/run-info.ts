/** What a run says about itself: the `run` and `summary` of a report, shared by every renderer. */

import type { EnrichmentResult } from '../case.js';
import type { SavedResult } from './shapes.js';

export type { LimitSummary, OpenWord, RunInfo, SavedFailure, SavedResult, SavedTry, Shard, Summary } from './shapes.js';
export { isStopReason, type StopReason } from './stop-reason.js';

/** A result of this run, or one read back. */
export type AnyResult = EnrichmentResult | SavedResult;
