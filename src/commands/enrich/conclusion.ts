/** The end of a run: closing the outputs, the summary on stderr, the exit code. */

import type { Pipeline } from '../../core/run/pipeline.js';
import type { RunInfo, Summary } from '../../core/results/run-info.js';
import { CaseTrackerError, exitCodeOfError, isStdoutClosed, UsageError } from '../../errors.js';
import { redactTexts } from '../../io/secrets/redact.js';
import { renderSummary, reportViewOf, summaryLogLine, type SummaryView } from '../../report/terminal/summary.js';
import { type ExitCode, EXIT } from '../../errors.js';
import { exitCodeOf } from '../../verdict.js';
import { thresholdsOf } from '../shared/allowance.js';
import { commandFacts } from './command-facts.js';
import type { EndedRun } from './ended-run.js';
import type { Delivery } from './delivery.js';
import { finishedRun } from './run-info.js';
import { inputCause, outputCause, runNotices } from './run-notes.js';

/** Resolves with the exit code. */
export async function conclude(ended: EndedRun): Promise<ExitCode> {
  const { host, begun, delivery, pipeline, source, destination, watchers } = ended;
  const leftOut = destination.resumption?.counts;
  const complete = pipeline.complete && source.complete;
  const run = finishedRun(begun, { complete, stoppedBy: pipeline.stoppedBy, leftOut }, host);
  const summary = delivery.tally.summary(pipeline.figures, run.durationMs);
  const outputError = await delivery.finish(run, summary);
  checkAccounts(pipeline, delivery);
  throwBugs(pipeline.inputError, outputError);
  const viewOf = (exitCode: ExitCode): SummaryView => summaryView(ended, run, summary, exitCode, outputError);
  if (isStdoutClosed(outputError)) {
    await watchers.all.lost?.(reportViewOf(viewOf(EXIT.output)));
    return EXIT.output;
  }
  // Where nothing could be read there is nothing to summarize.
  if (summary.total === 0 && outputError === undefined && pipeline.inputError !== undefined) {
    await watchers.all.lost?.(reportViewOf(viewOf(exitCodeOfError(pipeline.inputError))));
    throw pipeline.inputError;
  }
  const exitCode = exitCodeFor(ended, summary, outputError);
  const view = viewOf(exitCode);
  await writeSummary(ended, view);
  await watchers.all.ended?.(reportViewOf(view));
  return exitCode;
}

/** Every entry that was read has exactly one result or was left out; anything else is a bug and throws. */
function checkAccounts(pipeline: Pipeline, delivery: Delivery): void {
  if (delivery.done === pipeline.pulled) return;
  throw new Error(`${pipeline.pulled} cases were read and ${delivery.done} have a result or are left out`);
}

function throwBugs(...errors: readonly unknown[]): void {
  for (const error of errors) {
    if (error !== undefined && !(error instanceof CaseTrackerError) && !isStdoutClosed(error)) throw error;
  }
}

function exitCodeFor(ended: EndedRun, summary: Summary, outputError: unknown): ExitCode {
  const { pipeline, interruption, settings } = ended;
  const ending = {
    stoppedBy: pipeline.stoppedBy,
    complete: pipeline.complete,
    signal: interruption.signal,
    outputFailed: outputError !== undefined,
    inputFailed: pipeline.inputError !== undefined,
  };
  const code = exitCodeOf(ending, summary, settings.values.allowFailures);
  // A source can find out late that the settings are wrong.
  return code === EXIT.input && pipeline.inputError instanceof UsageError ? EXIT.usage : code;
}

function summaryView(
  ended: EndedRun,
  run: RunInfo,
  summary: Summary,
  exitCode: ExitCode,
  outputError: unknown,
): SummaryView {
  const { settings, host, delivery, watchers, client } = ended;
  const hidden = <T>(value: T): T => redactTexts(value, (text) => client.redact(text));
  const cause = hidden(outputError === undefined ? inputCause(ended, summary) : outputCause(outputError));
  const thresholds = thresholdsOf(settings, summary);
  return {
    run: outputError === undefined ? run : { ...run, stoppedBy: 'output' },
    summary,
    groups: delivery.groups.groups(),
    exitCode,
    command: commandFacts(ended),
    style: watchers.style,
    width: host.stderr.columns,
    quiet: settings.values.quiet,
    slowestSuccessMs: delivery.groups.slowestSuccessMs,
    notices: hidden(runNotices(ended)),
    outage: ended.pipeline.lastingOutage ?? undefined,
    tokenProblem: hidden(ended.pipeline.tokens?.problem ?? undefined),
    refusal: ended.pipeline.refusal ?? undefined,
    ...(thresholds === undefined ? {} : { thresholds }),
    ...(cause === undefined ? {} : { cause }),
  };
}

async function writeSummary(ended: EndedRun, view: SummaryView): Promise<void> {
  const text = ended.settings.values.logFormat === 'json' ? jsonLine(view) : renderSummary(view);
  if (text === '') return;
  const gap = showsResultsAbove(ended) && !view.quiet ? '\n' : '';
  // The client has redacted the endpoint's texts already; redacting the summary could also replace counts and field names.
  await ended.host.stderr.write(gap + text);
}

/** Results and summary stand on the same terminal. */
function showsResultsAbove({ destination, host }: EndedRun): boolean {
  return destination.file === undefined && host.stdout.isTTY && host.stderr.isTTY;
}

function jsonLine(view: SummaryView): string {
  return view.quiet && view.exitCode === 0 ? '' : `${summaryLogLine(view)}\n`;
}
