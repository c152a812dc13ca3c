/** What a rendered report is told besides the results, and the sentences that every format shares. */

import type { RunEnd, Threshold } from '../core/results/run-end.js';
import { isStopReason, type RunInfo, type StopReason, type Summary } from '../core/results/run-info.js';
import { formatCount, formatCounted } from '../text/format.js';
import { printable } from '../text/printable.js';

/** Everything about a run that is known before its results are read. No secrets: all of it is shown. */
export interface ReportView extends Omit<RunEnd, 'groups'> {
  readonly commandLine?: string;
  readonly settings?: readonly Setting[];
  /** The runs that were merged, when there were several. */
  readonly runs?: readonly RunInfo[];
  /** Names of shards without results, such as `3/4`. */
  readonly missingShards?: readonly string[];
}

/** An effective value and where it came from: `flag`, `environment`, a file, `default`. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly from: string;
}

/** The flag of the limit that a set of results is to be whole. */
export const EXPECT_FLAG = '--expect';

/** What is wrong with the set of results, whatever became of the single cases. */
export function unmetExpectations({ thresholds = [] }: Pick<ReportView, 'thresholds'>): readonly Threshold[] {
  return thresholds.filter(({ flag, ok }) => flag === EXPECT_FLAG && !ok);
}

export interface Verdict {
  readonly ok: boolean;
  readonly mark: '✓' | '✗';
  readonly text: string;
}

/** The one sentence about the run. */
export function verdictOf(view: ReportView): Verdict {
  const ok = view.exitCode === 0;
  return { ok, mark: ok ? '✓' : '✗', text: verdictText(view) };
}

function verdictText(view: ReportView): string {
  const { summary, exitCode } = view;
  const { total, enriched } = summary;
  const missing = total - enriched;
  if (missing > 0 && exitCode === 0)
    return `${formatCount(enriched)} of ${formatCounted(total, 'case')} enriched, within what is allowed`;
  if (missing > 0)
    return `${formatCount(missing)} of ${formatCounted(total, 'case')} ${missing === 1 ? 'was' : 'were'} not enriched`;
  if (unmetExpectations(view).length > 0) return `${formatCounted(total, 'case')} enriched, but not what was expected`;
  if (exitCode !== 0) return `${formatCounted(total, 'case')} enriched, but the run did not end well`;
  return total === 0 ? 'No case was selected' : `${formatCounted(total, 'case')} enriched`;
}

const STOPPED_BY: Readonly<Record<StopReason, string>> = {
  signal: 'stopped by a signal',
  'fail-fast': 'stopped at the first failure (fail-fast)',
  'max-failures': 'stopped by --max-failures',
  'all-failing': 'stopped because everything failed',
  'rate-limited': 'stopped because the endpoint is rate limited',
  'max-time': 'stopped by --max-time',
  input: 'stopped because the input could not be read',
  strict: 'stopped at an invalid record (--strict)',
  output: 'stopped because the output could not be written',
};

/** How the run ended: `complete`, what stopped it, or why the results are not those of every case. */
export function endOf({ run, runs = [run], missingShards = [] }: ReportView): string {
  const { stoppedBy } = run;
  if (stoppedBy !== null)
    return isStopReason(stoppedBy) ? STOPPED_BY[stoppedBy] : `stopped early (${printable(stoppedBy)})`;
  if (run.complete) return 'complete';
  if (missingShards.length > 0) return 'not every shard has run';
  // A run that nothing has stopped reads its input to the end, or as far as `--first` says.
  if (runs.some(({ complete }) => !complete)) return 'as asked, after the first cases (--first)';
  return 'unknown: the results of a run have no end';
}

/** Attempts per case that was called, or undefined when none was. */
export function amplification(summary: Summary): number | undefined {
  const called = summary.enriched - summary.resumed + summary.failed;
  return called > 0 && summary.attempts > 0 ? summary.attempts / called : undefined;
}
