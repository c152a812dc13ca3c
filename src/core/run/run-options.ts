/** What a run of cases through a client is told. */

import type { EnrichmentResult } from '../case.js';
import type { ThrottleOptions } from '../flow/throttle.js';
import type { RunWatcher } from '../ports.js';
import type { CaseRules } from './case-run.js';
import type { IntakeRules } from './intake.js';
import { DEFAULT_POLL_LIMIT } from './polling.js';
import type { ResultStreamOptions } from './result-stream.js';
import type { StopRuleOptions } from './stop-rules.js';

export interface PipelineOptions extends ResultStreamOptions, IntakeRules {
  readonly rules: Omit<CaseRules, 'safeToRepeat'>;
  readonly throttle: ThrottleOptions;
  readonly stop?: StopRuleOptions & { readonly strict?: boolean };
  /** The most time the whole run may take, in milliseconds. */
  readonly maxTimeMs?: number | null;
  /** At most so many cases may wait for an answer that comes later; default 1,000. */
  readonly pollLimit?: number;
  /** `places` are stored before the results that come after them, and before the first poll of their cases. */
  readonly keepsPlaces?: boolean;
  /** True when an earlier run has seen the case fail in the same way: then it tells nothing about the endpoint. */
  readonly isKnownFailure?: (result: EnrichmentResult) => boolean;
  readonly watcher?: RunWatcher;
  /** Names the attempts: `x-request-id` is this, a hyphen and a number. */
  readonly runId: string;
  /** Make equal requests once and give every such case the answer. */
  readonly shareRequests?: boolean;
  /** False while no further case may begin; `lookAgain` once that has changed. */
  readonly mayBegin?: () => boolean;
}

/** Cases that have begun and have no result, those of them whose answer comes later, and results that wait. */
interface Backlog {
  readonly begun: number;
  readonly pending: number;
  readonly ready: number;
}

/** Whether one more case may begin. */
export function mayBeginMore({ begun, pending, ready }: Backlog, pollLimit: number | undefined, most: number): boolean {
  // Each of them may turn out to be one whose answer comes later.
  if (pollLimit === undefined ? pending >= DEFAULT_POLL_LIMIT : begun >= pollLimit) return false;
  return begun - pending + ready < most;
}
