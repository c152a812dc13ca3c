/** Merged results as the views of the summary, HTML, Markdown and JUnit reports. */

import type { RunInfo } from '../../core/results/run-info.js';
import { configFlags, inputFlags } from '../../config/provenance.js';
import type { Host } from '../../host.js';
import { isJournalName, withEnding } from '../../text/file-endings.js';
import { isTableUrl } from '../../text/table-url.js';
import { fileArgument, isReadOnce } from '../../text/file-arguments.js';
import { durationFlag, formatRate, sampleText } from '../../text/format.js';
import { commandLine } from '../../text/shell.js';
import { colorEnabled, createStyle } from '../../text/style.js';
import { reportViewOf, type SummaryView } from '../../report/terminal/summary.js';
import type { NextCommand, CheckedThreshold } from '../../core/results/run-end.js';
import { EXPECT_FLAG, type ReportView, type Setting } from '../../report/view.js';
import type { Resolved } from '../../config/resolved.js';
import { shownAddress } from '../../core/queue-address.js';
import { shareText, thresholdsOf } from '../shared/allowance.js';
import type { FormatName } from '../shared/format-name.js';
import type { MergedReport } from './merging.js';
import { findings } from './notes.js';

type Values = Resolved<'report'>['values'];

// With more files a command to copy would be longer than the summary above it.
const MOST_NAMED = 8;

/** True when the report is shown on a terminal rather than written somewhere. */
export function isOnTerminal({ output }: Values, host: Host): boolean {
  return host.stdout.isTTY && (output === undefined || output === '-');
}

export function isColored(values: Values, host: Host): boolean {
  return colorEnabled(values.color, isOnTerminal(values, host), host.env);
}

export function summaryView(
  merged: MergedReport,
  format: FormatName,
  settings: Resolved<'report'>,
  host: Host,
): SummaryView {
  const { values } = settings;
  const thresholds = [...(thresholdsOf(settings, merged.summary) ?? []), ...expectation(merged, format)];
  const { files } = values;
  return {
    ...merged,
    command: {
      argv: [],
      files: values.expect,
      output: placeOf(values),
      journal: files.length === 1 && isJournalName(files[0]),
      allowFailures: shareText(values.allowFailures),
      inputFlags: inputFlags(settings.sources),
    },
    outputLabel: 'Results',
    style: createStyle(isColored(values, host)),
    width: isOnTerminal(values, host) ? host.stdout.columns : undefined,
    hints: merged.runs.length > 0,
    next: format === 'html' ? [] : nextCommands(merged, settings),
    ...(thresholds.length === 0 ? {} : { thresholds }),
  };
}

/** The findings of `--expect`, unless the notes on stderr appear right below the report. */
function expectation({ completeness }: MergedReport, format: FormatName): CheckedThreshold[] {
  if (completeness === undefined || format === 'summary') return [];
  const complaints = findings(completeness).map((measured) => ({ flag: EXPECT_FLAG, measured, ok: false }));
  const praise = { flag: EXPECT_FLAG, measured: 'every expected case has exactly one result', ok: true };
  return complaints.length === 0 ? [praise] : complaints;
}

export function reportView(
  merged: MergedReport,
  format: FormatName,
  settings: Resolved<'report'>,
  host: Host,
): ReportView {
  const { run, runs, missingShards, pending } = merged;
  return {
    ...reportViewOf(summaryView(merged, format, settings, host)),
    runs,
    missingShards: missingShards.examples,
    ...(pending.count === 0 ? {} : { pending: sampleText(pending) }),
    ...(runs.length === 0 ? {} : { settings: limitsOf(run) }),
  };
}

/** Where the results are, as the summary names it. */
function placeOf({ files, queue }: Resolved<'report'>['values']): string {
  if (queue !== undefined) return shownAddress(queue);
  return files.length === 1 && files[0] !== undefined ? files[0] : `${files.length} files`;
}

function nextCommands({ summary }: MergedReport, { values, sources }: Resolved<'report'>): NextCommand[] {
  const { files, expect, queue } = values;
  if (queue !== undefined || summary.enriched === summary.total || files.length > MOST_NAMED || files.some(isReadOnce))
    return [];
  const [only = ''] = files;
  const page = files.length === 1 && !isTableUrl(only) ? withEnding(only, 'html') : 'report.html';
  const expected = sources['expect']?.from === 'flag' ? expect.filter((file) => !isReadOnce(file)) : [];
  const flags = expected.length === 0 ? configFlags(sources) : inputFlags(sources);
  const again = [...files.map(fileArgument), ...expected.flatMap((file) => ['--expect', file]), ...flags];
  return [{ command: commandLine(['report', ...again, '--format', 'html', '-o', page]), what: 'see it in a browser' }];
}

/** The limits recorded in a run. */
function limitsOf({ limits, settings }: RunInfo): Setting[] {
  const { limit, timeoutMs, deadlineMs, retries, maxTimeMs, maxOutageMs, ratePerSecond, adaptive } = limits;
  const values: readonly (readonly [string, string])[] = [
    ['--limit', String(limit)],
    ['--timeout', durationFlag(timeoutMs)],
    ['--deadline', durationFlag(deadlineMs)],
    ['--retries', String(retries)],
    ...(maxTimeMs === null ? [] : [['--max-time', durationFlag(maxTimeMs)] as const]),
    ...(maxOutageMs === undefined
      ? []
      : [['--max-outage', maxOutageMs === null ? 'none' : durationFlag(maxOutageMs)] as const]),
    ...(ratePerSecond === null ? [] : [['--rate', `${formatRate(ratePerSecond)}/s`] as const]),
    ...(adaptive ? [['--adaptive', 'on'] as const] : []),
    ['hash of the settings', settings],
  ];
  return values.map(([name, value]) => ({ name, value, from: 'the run' }));
}
