/** A run's start and end, as passed to its watchers. No secrets: all of it may be shown. */

import type { FailureGroup } from './failure-groups.js';
import type { RunInfo, Summary } from './run-info.js';

/** What is known of a run before its first call. */
export type StartedRun = Omit<RunInfo, 'finishedAt' | 'durationMs' | 'complete' | 'stoppedBy'>;

/** How a run ended. */
export interface RunEnd {
  readonly run: RunInfo;
  readonly summary: Summary;
  readonly exitCode: number;
  /** The failures by cause, the most frequent first. */
  readonly groups: readonly FailureGroup[];
  readonly thresholds?: readonly CheckedThreshold[];
  /** Commands to go on with. */
  readonly next?: readonly NextCommand[];
  /** What to do about a group of failures, if its data tells. */
  readonly hint?: (group: FailureGroup) => string | undefined;
}

/** A limit that the user set, what it was measured against, and whether it held. */
export interface CheckedThreshold {
  /** `--allow-failures 1%`. */
  readonly flag: string;
  /** `16 of 2,963 (0.5%)`. */
  readonly measured: string;
  readonly ok: boolean;
}

/** A command to go on with. */
export interface NextCommand {
  readonly command: string;
  /** What it does, in a few words. */
  readonly what: string;
}
