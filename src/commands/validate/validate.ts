/** `case-tracker validate`: checks case files and lists every problem with its place. */

import { print } from '../../io/sinks/print.js';
import type { Resolved } from '../../config/resolved.js';
import type { Entry } from '../../core/case.js';
import { EXIT, type ExitCode } from '../../errors.js';
import type { Host } from '../../host.js';
import { openSource } from '../../io/sources/file/file-source.js';
import { formatCount, formatCounted } from '../../text/format.js';
import { FaultAbort } from '../shared/fault-abort.js';
import { readOptions } from '../shared/reading.js';
import { type Problem, problemFormat } from './formats.js';

/** Exit code 0, 1 when there are problems, 3 when a file can't be read; the others are checked all the same. */
export async function run({ values }: Resolved<'validate'>, host: Host): Promise<number> {
  using fault = new FaultAbort(host);
  const source = openSource({ ...readOptions(values, {}, host), keepGoing: true, signal: fault.signal });
  const format = problemFormat(values.format);
  const found: Found = { records: 0, problems: 0, files: 0 };
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
  if (!values.quiet || exitCode !== EXIT.ok) await host.stderr.write(`${total(found, values.files.length)}\n`);
  return exitCode;
}

interface Found {
  records: number;
  problems: number;
  /** Those of the problems that are files which can't be read. */
  files: number;
}

function problemsOf(entries: readonly Entry[]): Problem[] {
  return entries.flatMap((entry) =>
    entry.kind === 'case' ? [] : [{ place: entry.source, caseId: entry.caseId, message: entry.message }],
  );
}

function count(found: Found, problems: readonly Problem[]): void {
  found.problems += problems.length;
  found.files += problems.filter(({ place }) => place.line === undefined && place.index === undefined).length;
}

function exitCodeOf({ problems, files }: Found): ExitCode {
  if (files > 0) return EXIT.input;
  return problems > 0 ? EXIT.failures : EXIT.ok;
}

function total({ records, problems, files }: Found, named: number): string {
  const where = `${formatCounted(records, 'record')} of ${formatCounted(named, 'file')}`;
  if (problems === 0) return `✓ ${where}: no problem`;
  const unread = files === 0 ? '' : `; ${formatCount(files)} of the files cannot be read to the end`;
  return `✗ ${where}: ${formatCounted(problems, 'problem')}${unread}`;
}
