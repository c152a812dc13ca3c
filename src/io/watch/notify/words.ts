/** The sentences of notifications: numbers and words of our own, nothing that an endpoint or a case has said. */

import type { RunEnd, StartedRun } from '../../../core/results/run-end.js';
import type { RunInfo, Summary } from '../../../core/results/run-info.js';
import type { RunState } from '../../../core/results/run-state.js';
import { EXIT } from '../../../errors.js';
import { originOf } from '../../../report/terminal/hints.js';
import { endOf } from '../../../report/view.js';
import { formatCount, formatCounted, formatDuration } from '../../../text/format.js';
import type { Stall } from './stalls.js';

/**
 * `✗ case-tracker: 37 of 2,963 failed (exit 1), api.example.com, 12m 03s`.
 * @param left how many cases have no result; said of a run that ended early.
 */
export function endText({ run, summary, exitCode }: RunEnd, left: number): string {
  const isEarly = exitCode !== EXIT.ok && exitCode !== EXIT.failures;
  const counts = countsText(summary, exitCode) + (isEarly && left > 0 ? `, ${formatCount(left)} left` : '');
  const why = whyStopped(run, exitCode);
  const what = why === undefined ? counts : `${why}, ${counts}`;
  return `${markOf(exitCode)} case-tracker: ${what} (exit ${exitCode}), ${whereText(run)}, ${formatDuration(run.durationMs)}`;
}

/** `✗ case-tracker: the input could not be read (exit 3), api.example.com`. */
export function lostText(run: StartedRun | undefined, exitCode: number): string {
  const where = run === undefined ? '' : `, ${whereText(run)}`;
  return `${markOf(exitCode)} case-tracker: ${EXIT_WORDS.get(exitCode) ?? 'ended early'} (exit ${exitCode})${where}`;
}

/** `⏸ case-tracker: paused for 45s after 429, 120 of 2,963 done, 3 failed, api.example.com, 12m 03s`. */
export function stallText(run: StartedRun, stall: Stall, state: RunState): string {
  const { done, total, failed, elapsedMs } = state;
  const far = total === null ? `${formatCount(done)} done` : `${formatCount(done)} of ${formatCount(total)} done`;
  const bad = failed === 0 ? '' : `, ${formatCount(failed)} failed`;
  return `⏸ case-tracker: ${whyStalled(stall)}, ${far}${bad}, ${whereText(run)}, ${formatDuration(elapsedMs)}`;
}

const EXIT_WORDS: ReadonlyMap<number, string> = new Map([
  [EXIT.input, 'the input could not be read'],
  [EXIT.output, 'the output could not be written'],
  [EXIT.hangup, 'hung up'],
  [EXIT.interrupted, 'interrupted'],
  [EXIT.terminated, 'terminated'],
]);

function markOf(exitCode: number): '✓' | '✗' {
  return exitCode === EXIT.ok ? '✓' : '✗';
}

/** `37 of 2,963 failed, 2 invalid`; `2,963 cases enriched`. */
function countsText(summary: Summary, exitCode: number): string {
  const { total, failed, invalid, cancelled, stale = 0 } = summary;
  const kinds = [
    [failed, 'failed'],
    [invalid, 'invalid'],
    [cancelled, 'cancelled'],
    [stale, 'stale'],
  ] as const;
  const bad = kinds.filter(([count]) => count > 0).map(([count, word]) => [formatCount(count), word] as const);
  const [first, ...others] = bad;
  if (first === undefined)
    return total === 0 && exitCode === EXIT.ok ? 'no case' : `${formatCounted(total, 'case')} enriched`;
  const rest = others.map(([count, word]) => `, ${count} ${word}`).join('');
  const allowed = exitCode === EXIT.ok ? ', within what is allowed' : '';
  return `${first[0]} of ${formatCount(total)} ${first[1]}${rest}${allowed}`;
}

/** The input error of a run that read something; a signal may come when the rest is done already. */
function whyStopped(run: RunInfo, exitCode: number): string | undefined {
  if (run.stoppedBy !== null) return endOf({ run } as Parameters<typeof endOf>[0]);
  return exitCode === EXIT.ok || exitCode === EXIT.failures ? undefined : EXIT_WORDS.get(exitCode);
}

function whyStalled({ kind, httpStatus, leftMs, forMs, asked }: Stall): string {
  const since = `for ${formatDuration(forMs)}`;
  if (kind === 'outage') return `the endpoint has been down ${since}, calls wait`;
  const status = httpStatus === null ? '' : ` after ${httpStatus}`;
  const left = `for ${formatDuration(leftMs ?? 0)}`;
  if (forMs < 1000) return `paused ${left}${status}${asked ? ', as the endpoint asked' : ''}`;
  return `paused ${since} and ${formatDuration(leftMs ?? 0)} more${status}`;
}

/** `api.example.com`, `api.example.com, shard 3/4`. */
function whereText({ endpoint, shard }: StartedRun): string {
  const host = originOf(endpoint).replace(/^https?:\/\//i, '');
  return shard === null ? host : `${host}, shard ${shard.index}/${shard.count}`;
}
