/** The end of a run on stderr: what stopped it, failures by cause, totals, commands to go on with, the verdict last. */

import type { FailureGroup } from '../../core/results/failure-groups.js';
import type { RunInfo, Summary } from '../../core/results/run-info.js';
import { failureLines, invalidLines, type TableOptions } from './failure-table.js';
import { formatCount, formatCounted, formatDecimal, formatDuration, formatRate } from '../../text/format.js';
import { type CommandFacts, hintFor } from './hints.js';
import { hang, joinWithin, wrap } from '../../text/wrap.js';
import { nextCommands } from './next-commands.js';
import { commandLine } from '../../text/shell.js';
import { type StopContext, stopMessage } from './stop-message.js';
import type { Style } from '../../text/style.js';
import { displayWidth, fit, pad, printable, printableJson } from '../../text/printable.js';
import type { CheckedThreshold, NextCommand, RunEnd } from '../../core/results/run-end.js';
import { amplification, type ReportView, verdictOf } from '../view.js';

const WIDEST = 100;
const NARROWEST = 40;

/** Everything that the summary is made of. */
export interface SummaryView {
  readonly run: RunInfo;
  readonly summary: Summary;
  readonly groups: readonly FailureGroup[];
  readonly exitCode: number;
  readonly command: CommandFacts;
  readonly style: Style;
  /** Columns of the terminal; 100 at most are used, and when absent. */
  readonly width?: number | undefined;
  /** Nothing when the exit code is 0; else all of it but the notices. */
  readonly quiet?: boolean;
  readonly slowestSuccessMs?: number | undefined;
  readonly thresholds?: readonly CheckedThreshold[];
  /** The error that ended the run, for `input` and `output`. */
  readonly cause?: NonNullable<StopContext['cause']>;
  readonly outage?: StopContext['outage'];
  readonly tokenProblem?: StopContext['tokenProblem'];
  readonly refusal?: StopContext['refusal'];
  /** Other things to know, one line each. */
  readonly notices?: readonly string[];
  /** Commands to go on with; when absent, those that follow from `command`. */
  readonly next?: readonly NextCommand[];
  /** What the file of the results is to this command; `Output` when absent. */
  readonly outputLabel?: string;
  /** False when too little is known of the run to give advice. */
  readonly hints?: boolean;
}

/** The summary as text that ends with a line break; empty when quiet and all is well. */
export function renderSummary(view: SummaryView): string {
  if (view.quiet && view.exitCode === 0) return '';
  return fullLines(view)
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** The summary on one line of JSON, without a line break at its end, for `--log-format json`. */
export function summaryLogLine(view: SummaryView): string {
  const { run, summary, groups, exitCode } = view;
  const stopped = stopMessage(view);
  return printableJson(
    JSON.stringify({
      level: exitCode === 0 ? 'info' : 'error',
      time: run.finishedAt,
      msg: verdict(view),
      exitCode,
      ...(stopped === undefined ? {} : { stopped }),
      run,
      summary,
      amplification: amplification(summary),
      failures: groups.map((group) => Object.assign({ hint: hintOf(group, view) }, group)),
      ...(view.thresholds === undefined ? {} : { thresholds: view.thresholds }),
      next: nextOf(view).map((next) => next.command),
    }),
  );
}

/** The same run as its watchers and the other reports tell it. */
export function reportViewOf(view: SummaryView): ReportView & RunEnd {
  const { run, summary, groups, exitCode, command, thresholds } = view;
  return {
    run,
    summary,
    groups,
    exitCode,
    next: nextOf(view),
    hint: (group) => hintOf(group, view),
    ...(command.argv.length === 0 ? {} : { commandLine: commandLine(command.argv) }),
    ...(thresholds === undefined ? {} : { thresholds }),
  };
}

function nextOf({ next, run, summary, groups, command }: SummaryView): readonly NextCommand[] {
  return next ?? nextCommands(run, summary, groups, command);
}

function hintOf(group: FailureGroup, view: SummaryView): string | undefined {
  return view.hints === false ? undefined : hintFor(group, view);
}

/** The last line: the sentence about the run that every format has, and the exit code if it is not 0, with the reason. */
export function verdict(view: SummaryView): string {
  const { summary, exitCode, command } = view;
  const { mark, text } = verdictOf(view);
  const sentence = `${mark} ${withLeftOut(text, view)}`;
  if (exitCode !== 0) return `${sentence} (exit ${exitCode}; ${whyNotZero(view)})`;
  return isWhole(summary) ? sentence : `${sentence} (${allowance(command)})`;
}

/** True when every case is enriched, and none by an older answer than was asked for. */
function isWhole({ enriched, total, stale = 0 }: Summary): boolean {
  return enriched === total && stale === 0;
}

function withLeftOut(text: string, { summary, exitCode, command }: SummaryView): string {
  const leftOut = leftOutText(command.leftOutMissing);
  if (leftOut === undefined || exitCode !== 0) return text;
  return summary.total === 0 ? leftOut : `${text}; ${leftOut}`;
}

/** Cases that `--only` has left out and that nothing is known of; undefined when there are none. */
function leftOutText(count = 0): string | undefined {
  return count === 0 ? undefined : `${formatCount(count)} left out, without a result (missing)`;
}

function allowance({ allowFailures }: CommandFacts): string {
  return `--allow-failures ${printable(allowFailures)}`;
}

function whyNotZero({ run, summary, exitCode, command }: SummaryView): string {
  // All of them are enriched: it is the set that is wrong.
  if (exitCode === 1 && isWhole(summary)) return '--expect';
  if (exitCode === 1) return allowance(command);
  if (exitCode > 128) return 'interrupted';
  if (exitCode === 3) return 'the input could not be read to its end';
  if (exitCode === 5) return 'the results could not be written';
  if (run.stoppedBy === 'unfinished') return 'no end';
  return run.stoppedBy === null ? 'see above' : `stopped by ${printable(run.stoppedBy)}`;
}

function fullLines(view: SummaryView): string[] {
  const { notices = [], quiet = false } = view;
  const sections = [
    (quiet ? [] : notices).map((notice) => `${view.style.yellow('!')} ${printable(notice)}`),
    stopLines(view),
    groupSections(view),
    totalLines(view),
    nextLines(view),
  ].filter((lines) => lines.length > 0);
  const onlyTotals = sections.length === 1;
  return [...(onlyTotals ? sections.flat() : sections.flatMap((lines) => lines.concat(''))), ...verdictLines(view)];
}

function verdictLines(view: SummaryView): string[] {
  return wrap(verdict(view), widthOf(view)).map(view.exitCode === 0 ? view.style.green : view.style.red);
}

function widthOf({ width = WIDEST }: SummaryView): number {
  return Math.max(NARROWEST, Math.min(WIDEST, width));
}

function stopLines(view: SummaryView): string[] {
  const stopped = stopMessage(view);
  if (stopped === undefined) return [];
  const width = widthOf(view);
  const [first = '', ...more] = hang(
    `${stopped.label}: `,
    wrap(printable(stopped.message), width - stopped.label.length - 2),
  );
  return [
    view.style.red(first),
    ...more,
    ...(stopped.details ?? []).map((line) => `  ${printable(line)}`),
    ...(stopped.hint?.split('\n') ?? []).flatMap((line, index) =>
      hang(index === 0 ? '  hint: ' : '        ', wrap(printable(line), width - 8)),
    ),
  ];
}

/** Failures and invalid input, one below the other. A hint that stands with the stop message is not repeated. */
function groupSections(view: SummaryView): string[] {
  const failed = view.groups.filter(({ status }) => status === 'failed');
  const invalid = view.groups.filter(({ status }) => status === 'invalid');
  const saidAbove = view.run.stoppedBy === 'all-failing' && view.cause === undefined;
  const options: TableOptions = {
    width: widthOf(view),
    style: view.style,
    hint: (group) => (saidAbove && group.status === 'failed' ? undefined : hintOf(group, view)),
  };
  return [
    ...(failed.length > 0 ? failureLines(failed, options) : []),
    ...(invalid.length > 0 ? invalidLines(invalid, options) : []),
  ];
}

type Row = readonly [label: string, value: string, parts: readonly string[]];

function totalLines(view: SummaryView): string[] {
  const rows = [casesRow(view), callsRow(view), timeRow(view)];
  const valueWidth = Math.max(...rows.map(([, value]) => displayWidth(value)));
  const lines = rows.flatMap(([label, value, parts]) => {
    const start = `  ${pad(label, 10)} ${pad(value, valueWidth)}   `;
    return hang(start, joinWithin(parts, ' · ', widthOf(view) - displayWidth(start)));
  });
  return [...lines, `  ${pad(view.outputLabel ?? 'Output', 10)} ${outputText(view)}`, ...thresholdLines(view)];
}

function casesRow(view: SummaryView): Row {
  const { summary, run } = view;
  const { total, enriched, failed, invalid, cancelled } = summary;
  const parts = [
    `${formatCount(enriched)} enriched${enrichedHow(summary)}`,
    `${formatCount(failed)} failed`,
    `${formatCount(invalid)} invalid${besideFirst(view)}`,
    `${formatCount(cancelled)} cancelled`,
  ];
  if (summary.pending !== undefined) parts.push(`${formatCount(summary.pending)} still pending`);
  parts.push(...[leftOutText(view.command.leftOutMissing)].filter((text) => text !== undefined));
  if (!run.complete && run.stoppedBy !== null && run.stoppedBy !== 'unfinished')
    parts.push('the input was not read to its end');
  return ['Cases', formatCount(total), parts];
}

/** ` (5 by an earlier run, 2 skipped, 1 stale)`: those of the enriched cases that this run has not called. */
function enrichedHow({ resumed, skipped = 0, stale = 0 }: Summary): string {
  const parts = [
    ...(resumed > 0 ? [`${formatCount(resumed)} by an earlier run`] : []),
    ...(skipped > 0 ? [`${formatCount(skipped)} skipped`] : []),
    ...(stale > 0 ? [`${formatCount(stale)} stale`] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/**
 * `--first 70` is 70 valid cases: the invalid records before the last of them come on top. A valid case whose request can't
 * be made is one of the 70.
 */
function besideFirst({ summary, groups, command }: SummaryView): string {
  if (command.first === undefined) return '';
  const unsendable = groups.reduce((sum, group) => sum + (group.unsendable ? group.count : 0), 0);
  const onTop = summary.invalid - unsendable;
  if (onTop <= 0) return '';
  const which = unsendable === 0 ? '' : `${formatCount(onTop)} of them `;
  return ` (${which}on top of the valid cases of --first ${command.first})`;
}

function callsRow({ summary, run }: SummaryView): Row {
  const { attempts, retries, retriesDenied, maxInFlight, limit, pauses, outages } = summary;
  const factor = amplification(summary);
  const amplified = factor === undefined ? '' : ` (${formatDecimal(factor, 2)}×)`;
  const parts = [`${formatCounted(retries, 'retry', 'retries')}${amplified}`];
  if (summary.polls !== undefined) parts.push(formatCounted(summary.polls, 'poll'));
  if (retriesDenied > 0) parts.push(`${formatCount(retriesDenied)} more refused by the retry budget`);
  parts.push(`most in flight ${formatCount(maxInFlight)}`);
  if (run.limits.adaptive)
    parts.push(`limit settled at ${formatCount(limit.settled)} of ${formatCount(limit.configured)}`);
  if (pauses.count > 0) parts.push(`${formatCounted(pauses.count, 'pause')}, ${formatDuration(pauses.ms)}`);
  if (outages !== undefined && outages.count > 0)
    parts.push(`${formatCounted(outages.count, 'outage')}, ${formatDuration(outages.ms)}`);
  return ['Calls', formatCount(attempts), parts];
}

function timeRow({ summary, run }: SummaryView): Row {
  const { latencyMs: latency } = summary;
  const parts = [`${formatRate(summary.casesPerSecond)} cases/s`];
  if (latency !== null) {
    const names = ['p50', 'p90', 'p99', 'max'] as const;
    parts.push(...names.map((name) => `${name} ${formatDuration(latency[name])}`));
  }
  return ['Time', formatDuration(run.durationMs), parts];
}

function outputText({ run, command: { output, deadLetter, journal } }: SummaryView): string {
  const isBroken = run.stoppedBy === 'output' && !journal;
  const results = `${output === undefined ? 'standard output' : printable(output)}${isBroken ? ' (not written whole)' : ''}`;
  return deadLetter === undefined ? results : `${results} · failed cases in ${printable(deadLetter)}`;
}

function thresholdLines({ thresholds = [], style }: SummaryView): string[] {
  return thresholds.map(({ flag, measured, ok }, index) => {
    const mark = ok ? style.green('✓') : style.red('✗');
    return `  ${pad(index === 0 ? 'Thresholds' : '', 10)} ${mark} ${printable(flag)}: ${printable(measured)}`;
  });
}

/** Commands are never cut or broken: what one does goes below it where both don't fit on a line. */
function nextLines(view: SummaryView): string[] {
  const next = nextOf(view);
  const room = widthOf(view) - 7;
  const commandWidth = Math.max(0, ...next.map(({ command }) => displayWidth(command)));
  const beside = next.every(({ what }) => commandWidth + 6 + displayWidth(what) <= room);
  const lines = next.flatMap(({ command, what }) =>
    beside ? [`${pad(command, commandWidth)}    # ${what}`] : [command, view.style.dim(fit(`  # ${what}`, room))],
  );
  return lines.length === 0 ? [] : hang('Next   ', lines);
}
