/** The input of a rendered report besides the results, and the sentences that every format shares. */

import type { RunEnd, CheckedThreshold } from '../core/results/run-end.js';
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
  /** The ids of cases that were submitted and have no answer yet, as a text. */
  readonly pending?: string;
}

/** An effective value and where it came from: `flag`, `environment`, a file, `default`. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly from: string;
}

/** The flag that requires a complete set of results. */
export const EXPECT_FLAG = '--expect';

/** What is wrong with the set of results, independent of single cases. */
export function unmetExpectations({ thresholds = [] }: Pick<ReportView, 'thresholds'>): readonly CheckedThreshold[] {
  return thresholds.filter(({ flag, ok }) => flag === EXPECT_FLAG && !ok);
}

export interface Verdict {
  readonly ok: boolean;
  readonly mark: '✓' | '✗';
  readonly text: string;
}

type Judged = Pick<ReportView, 'run' | 'summary' | 'exitCode' | 'thresholds'>;

/** The one sentence about the run, for every format. */
export function verdictOf(view: Judged): Verdict {
  const ok = view.exitCode === 0;
  return { ok, mark: ok ? '✓' : '✗', text: verdictText(view) };
}

function verdictText(view: Judged): string {
  const { summary, exitCode } = view;
  const { total, enriched, stale = 0 } = summary;
  const unfinished = unfinishedText(view);
  if (unfinished !== undefined) return unfinished;
  const missing = total - enriched;
  if (missing > 0 && exitCode === 0)
    return `${formatCount(enriched)} of ${formatCounted(total, 'case')} enriched, within what is allowed`;
  if (missing > 0)
    return `${formatCount(missing)} of ${formatCounted(total, 'case')} ${missing === 1 ? 'was' : 'were'} not enriched`;
  if (stale > 0) return staleText(view, stale);
  // Exit code 1 with every case enriched: the set of results is incomplete.
  if (exitCode === 1 || unmetExpectations(view).length > 0)
    return `${formatCounted(total, 'case')} enriched, but not what was expected`;
  if (exitCode !== 0) return `${formatCounted(total, 'case')} enriched, but the run did not end well`;
  return total === 0 ? 'No case was selected, nothing to do' : `${formatCounted(total, 'case')} enriched`;
}

/** Every case has an enrichment, some of them an older one than was asked for. */
function staleText({ summary, exitCode }: Judged, stale: number): string {
  const which = `${formatCount(stale)} of them stale`;
  const end = exitCode === 0 ? ', within what is allowed' : ': the last refresh failed';
  return `${formatCounted(summary.total, 'case')} enriched, ${which}${end}`;
}

const STOPPED_BY: Readonly<Record<StopReason, string>> = {
  signal: 'stopped by a signal',
  'fail-fast': 'stopped at the first failure (fail-fast)',
  'max-failures': 'stopped by --max-failures',
  'all-failing': 'stopped because everything failed',
  'rate-limited': 'stopped because the endpoint is rate limited',
  outage: 'stopped because the endpoint stayed down',
  auth: 'stopped for lack of a token that the endpoint takes',
  'max-time': 'stopped by --max-time',
  input: 'stopped because the input could not be read',
  strict: 'stopped at an invalid record (--strict)',
  request: 'stopped on request, from the live page',
  output: 'stopped because the output could not be written',
  unfinished: 'unknown: the results of a run have no end',
};

/** What is known of a run whose results have no end. */
export const NO_END = 'the results have no end: the run was killed or is still under way';

/** The verdict on results without an end, whatever they are; undefined for a run that has ended. */
export function unfinishedText({ run, summary }: Pick<ReportView, 'run' | 'summary'>): string | undefined {
  if (run.stoppedBy !== 'unfinished') return undefined;
  return `unfinished: ${formatCounted(summary.total, 'result')}; go on with --resume`;
}

/** How the run ended: `complete`, what stopped it, or why the results are not those of every case. */
export function endOf({ run, missingShards = [] }: ReportView): string {
  const { stoppedBy } = run;
  if (stoppedBy !== null)
    return isStopReason(stoppedBy) ? STOPPED_BY[stoppedBy] : `stopped early (${printable(stoppedBy)})`;
  if (run.complete) return 'complete';
  if (missingShards.length > 0) return 'not every shard has run';
  // A run that nothing has stopped reads its input to the end, or as far as `--first` says.
  return 'as asked, after the first cases (--first)';
}

/**
 * The amplification factor: calls made, relative to a run without retries and repeats after a pause; undefined when it
 * is 1.00. Every format shows this figure, and none where it is undefined.
 */
export function amplification(summary: Summary): number | undefined {
  const calls = summary.attempts - (summary.polls ?? 0);
  const factor = Math.round((calls / firstCalls(summary)) * 100) / 100;
  return factor > 1 && Number.isFinite(factor) ? factor : undefined;
}

/**
 * The number of first calls of cases, or an upper bound: a repeat after a pause is not counted as a retry, so without
 * the number of cases it would count as a first call. In batches there are fewer calls than cases.
 */
function firstCalls({ attempts, retries, polls = 0, total, invalid, resumed, skipped = 0 }: Summary): number {
  return Math.min(attempts - polls - retries, total - invalid - resumed - skipped);
}
