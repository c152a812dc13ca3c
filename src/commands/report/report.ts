/** `case-tracker report`: merges saved results and renders them again; with `--expect` it checks that nothing is missing. */

import type { Resolved } from '../../config/resolved.js';
import { EXIT, type ExitCode, isStdoutClosed } from '../../errors.js';
import type { Host } from '../../host.js';
import type { TextOutput } from '../../io/files/atomic-file.js';
import { openTextOutput } from '../../io/sinks/open.js';
import { openSavedResults } from '../../io/saved/saved-results.js';
import type { SpooledTables } from '../../io/postgres/saved-table.js';
import { isTableUrl } from '../../text/table-url.js';
import { signalExitCode } from '../../verdict.js';
import { expectCases } from './expected.js';
import { printNotes } from './notes.js';
import { DIALECTS, isSheetForm } from '../../text/csv.js';
import { chooseFormat, openFormat, seenBy } from './chosen-format.js';
import { formatOf } from './formats.js';
import type { MergedReport } from './merging.js';
import { render } from './render.js';
import { refuseOtherForm } from '../shared/other-form.js';
import { SignalAbort } from '../shared/signal-abort.js';

type Values = Resolved<'report'>['values'];

/** Resolves with the exit code. A file given with `-o` is written whole or not at all. */
export async function run(settings: Resolved<'report'>, host: Host): Promise<number> {
  const { files, expect, output: path, format, queue } = settings.values;
  if (queue !== undefined) {
    const { run: runOnQueue } = await import('./queue-report.js');
    return runOnQueue({ ...settings, values: { ...settings.values, queue } }, host);
  }
  if (isTableUrl(path)) return (await import('./table-report.js')).run(settings, host);
  refuseOtherForm({ output: path, format, noun: 'report' }, host);
  const form = formatOf(settings.values, host);
  const isJson = form === 'json' || form === 'ndjson';
  const encoding = isSheetForm(form) ? DIALECTS[form].encoding : 'utf8';
  const output = await openTextOutput({ path, inputs: [...files, ...expect], isJson, encoding }, { host });
  using abort = new SignalAbort(host);
  try {
    return await report(settings, output, abort.signal, host);
  } catch (error) {
    await output.close();
    if (abort.received !== undefined) return signalExitCode(abort.received);
    if (isStdoutClosed(error)) return EXIT.ok;
    throw error;
  }
}

async function report(
  settings: Resolved<'report'>,
  output: TextOutput,
  signal: AbortSignal,
  host: Host,
): Promise<ExitCode> {
  const { values } = settings;
  const chosen = chooseFormat(values, host);
  using tables = await tablesAmong(values, signal, host);
  const reading = { cwd: host.cwd, random: host.random, signal, onResult: seenBy(chosen), ...tables };
  const saved = await openSavedResults(values.files, reading);
  const expected = values.expect.length === 0 ? undefined : await expectCases(saved.index, values, signal, host);
  const format = openFormat(chosen, saved, output, settings, host);
  try {
    const { merged, notices } = await render(saved, format, expected?.check, output, values);
    await output.finish();
    await printNotes({ saved, merged, notices: [...(expected?.notices ?? []), ...notices] }, values, host);
    return codeOf(merged, values);
  } finally {
    format.close?.();
  }
}

function codeOf({ completeness, exitCode }: MergedReport, values: Values): ExitCode {
  const findings = completeness === undefined || completeness.isComplete ? EXIT.ok : EXIT.failures;
  return values.exitCode && exitCode !== EXIT.ok ? exitCode : findings;
}

/** Results tables are read like journals. */
async function tablesAmong(
  { files, passwords }: Resolved<'report'>['values'],
  signal: AbortSignal,
  host: Host,
): Promise<SpooledTables | undefined> {
  if (!files.some(isTableUrl)) return undefined;
  const { spoolTables } = await import('../../io/postgres/saved-table.js');
  return spoolTables(files, passwords, signal, host);
}
