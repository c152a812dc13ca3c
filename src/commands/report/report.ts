/** `case-tracker report`: merges saved results and renders them again; with `--expect` it checks that nothing is missing. */

import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Resolved } from '../../config/resolved.js';
import { EXIT, type ExitCode, isStdoutClosed, UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { TextOutput } from '../../io/files/atomic-file.js';
import { openTextOutput } from '../../io/sinks/open.js';
import { openSavedResults } from '../../io/saved/saved-results.js';
import { signalExitCode } from '../../verdict.js';
import { expectCases } from './expected.js';
import { formatByEnding } from './format-name.js';
import { printNotes } from './notes.js';
import { render } from './render.js';
import { SignalAbort } from '../shared/signal-abort.js';

/** Resolves with the exit code. A file given with `-o` is written whole or not at all. */
export async function run(settings: Resolved<'report'>, host: Host): Promise<number> {
  const { files, expect, output: path, format } = settings.values;
  refuseOther(settings, host);
  const isJson = format === 'json' || format === 'ndjson';
  const output = await openTextOutput({ path, inputs: [...files, ...expect], isJson }, { host });
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

/** A report may be made again over the last one; a file that is there and by its name something else is not replaced. */
function refuseOther({ values: { output, format } }: Resolved<'report'>, host: Host): void {
  const named = formatByEnding(output);
  if (output === undefined || format === 'auto' || named === undefined || named === format) return;
  const stats = statSync(resolve(host.cwd, output), { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size === 0) return;
  throw new UsageError(`${output} is there already, and by its name it is no ${format} report`, {
    hint: `-o another name, or remove it first`,
  });
}

async function report(
  settings: Resolved<'report'>,
  output: TextOutput,
  signal: AbortSignal,
  host: Host,
): Promise<ExitCode> {
  const { values } = settings;
  const saved = await openSavedResults(values.files, { cwd: host.cwd, random: host.random, signal });
  const expected = values.expect.length === 0 ? undefined : await expectCases(saved.index, values, signal, host);
  const merged = await render(saved, expected?.check, output, settings, host);
  await output.finish();
  await printNotes({ saved, merged, notices: expected?.notices ?? [] }, values, host);
  const { completeness } = merged;
  const findings = completeness === undefined || completeness.isComplete ? EXIT.ok : EXIT.failures;
  return values.exitCode && merged.exitCode !== EXIT.ok ? merged.exitCode : findings;
}
