/** `case-tracker validate`: checks case files and lists every problem with its place. */

import { print } from '../../io/sinks/print.js';
import type { Resolved } from '../../config/resolved.js';
import type { Entry } from '../../core/case.js';
import { EXIT, type ExitCode } from '../../errors.js';
import type { Host } from '../../host.js';
import { openSource } from '../../io/sources/file/file-source.js';
import { formatCount, formatCounted } from '../../text/format.js';
import { ProblemCounts } from '../../core/cases/problems.js';
import type { FileFault } from '../../io/sources/entry-batch.js';
import { printable } from '../../text/printable.js';
import { inputNotes } from '../../report/terminal/selection-notes.js';
import { FaultAbort } from '../shared/fault-abort.js';
import { readOptions } from '../shared/reading.js';
import { SignalAbort } from '../shared/signal-abort.js';
import { tablesOf } from '../shared/tables.js';
import { isTableUrl } from '../../text/table-url.js';
import { signalExitCode } from '../../verdict.js';
import { type Problem, problemFormat } from './formats.js';

/** Exit code 0, 1 when there are problems, 3 when a file can't be read; the other files are still checked. */
export async function run({ values }: Resolved<'validate'>, host: Host): Promise<number> {
  using abort = values.files.some(isTableUrl) ? new SignalAbort(host) : new FaultAbort(host);
  try {
    return await validate(values, abort.signal, host);
  } catch (error) {
    if (abort instanceof SignalAbort && abort.received !== undefined) return signalExitCode(abort.received);
    throw error;
  }
}

async function validate(values: Resolved<'validate'>['values'], signal: AbortSignal, host: Host): Promise<ExitCode> {
  const tables = await tablesOf(values.files, values, host);
  await using source = openSource({ ...readOptions(values, {}, host), ...tables, keepGoing: true, signal });
  const format = problemFormat(values.format);
  const found: Found = { records: 0, invalid: 0, files: 0, byProblem: new ProblemCounts() };
  await print(format.begin(), host);
  for await (const entries of source) {
    const problems = problemsOf(entries);
    count(found, problems);
    const text = problems.map((problem) => format.problem(problem)).join('');
    if (text !== '') await print(text, host);
  }
  await print(format.end(), host);
  const exitCode = exitCodeOf(found);
  found.records = source.counts.read;
  if (values.quiet && exitCode === EXIT.ok) return exitCode;
  const counts = values.format === 'text' ? countLines(found) : [];
  const hints = [...faultLines(source.facts.faults), ...inputNotes(source.facts)];
  const lines = [...counts, total(found, values.files.length), ...hints];
  await host.stderr.write(`${lines.join('\n')}\n`);
  return exitCode;
}

interface Found {
  records: number;
  /** Number of records that are no valid cases. */
  invalid: number;
  /** Number of files that can't be read. */
  files: number;
  readonly byProblem: ProblemCounts;
}

function problemsOf(entries: readonly Entry[]): Problem[] {
  return entries.flatMap((entry) =>
    entry.kind === 'case' ? [] : [{ place: entry.source, caseId: entry.caseId, message: entry.message }],
  );
}

function count(found: Found, problems: readonly Problem[]): void {
  for (const { place, message } of problems) {
    if (place.line === undefined && place.index === undefined) found.files++;
    else {
      found.invalid++;
      found.byProblem.add(message);
    }
  }
}

function exitCodeOf({ invalid, files }: Found): ExitCode {
  if (files > 0) return EXIT.input;
  return invalid > 0 ? EXIT.failures : EXIT.ok;
}

/** How many records have each problem; nothing for a single record. */
function countLines({ invalid, byProblem }: Found): string[] {
  if (invalid < 2) return [];
  const counts = byProblem.counts().map(([kind, times]) => [formatCount(times), printable(kind)] as const);
  const width = Math.max(...counts.map(([times]) => times.length));
  return counts.map(([times, kind]) => `  ${times.padStart(width)}  ${kind}`);
}

function total({ records, invalid, files }: Found, named: number): string {
  const where = `${formatCounted(records, 'record')} of ${formatCounted(named, 'file')}`;
  if (invalid === 0 && files === 0) return `✓ ${where}: no problem`;
  const bad =
    invalid === 0 ? [] : [`${formatCount(invalid)} ${invalid === 1 ? 'is no valid case' : 'are not valid cases'}`];
  const unread = files === 0 ? [] : [`${formatCount(files)} of the files cannot be read to the end`];
  return `✗ ${where}: ${[...bad, ...unread].join('; ')}`;
}

/** Messages about files that can't be read, in the words of the other commands. */
function faultLines(faults: readonly FileFault[]): string[] {
  return faults.flatMap(({ file, details, hint }) => {
    const [first, ...more] = (hint ?? '').split('\n');
    const hints = hint === undefined ? [] : [`  hint: ${first ?? ''}`, ...more.map((line) => `        ${line}`)];
    const lines = [...details.map((line) => `  ${line}`), ...hints].map(printable);
    return lines.length === 0 ? [] : [`${printable(file)}:`, ...lines];
  });
}
