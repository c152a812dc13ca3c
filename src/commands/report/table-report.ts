/** `case-tracker report run.ndjson -o postgres://…?table=…`: saved results are loaded into a results table. */

import type { Resolved } from '../../config/resolved.js';
import { EXIT, type ExitCode, OutputError, UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import { isSameTable, parseAddress } from '../../io/postgres/address.js';
import { type OpenTable, openTable } from '../../io/postgres/results-table.js';
import { RowWriter } from '../../io/postgres/row-writer.js';
import { savedRow, savedRunId, spoolTables } from '../../io/postgres/saved-table.js';
import { SteadyLink } from '../../io/postgres/steady-link.js';
import { cannotWrite, refusal, storeRun } from '../../io/postgres/table-sink.js';
import { openSavedResults, type SavedResults } from '../../io/saved/saved-results.js';
import type { CompletenessCheck } from '../../core/merge/completeness.js';
import { formatCount, formatCounted } from '../../text/format.js';
import { printable } from '../../text/printable.js';
import { isTableUrl } from '../../text/table-url.js';
import { signalExitCode } from '../../verdict.js';
import { SignalAbort } from '../shared/signal-abort.js';
import { expectCases } from './expected.js';
import { type MergedReport, Merging } from './merging.js';
import { printNotes } from './notes.js';

type Values = Resolved<'report'>['values'];

/** Resolves with the exit code. Loading the same results again adds nothing. */
export async function run({ values }: Resolved<'report'>, host: Host): Promise<number> {
  refuseForms(values);
  using abort = new SignalAbort(host);
  try {
    using tables = await spoolTables(values.files, values.passwords, abort.signal, host);
    const saved = await openSavedResults(values.files, {
      ...host,
      cwd: host.cwd,
      ops: tables.ops,
      signal: abort.signal,
    });
    const expected =
      values.expect.length === 0 ? undefined : await expectCases(saved.index, values, abort.signal, host);
    const merged = await load(saved, expected?.check, values, abort.signal, host);
    await printNotes({ saved, merged, notices: expected?.notices ?? [] }, values, host);
    return exitCodeOf(merged, values);
  } catch (error) {
    if (abort.received !== undefined) return signalExitCode(abort.received);
    throw error;
  }
}

function refuseForms({ format, files, output = '' }: Values): void {
  if (format !== 'auto')
    throw new UsageError(`-o names a table, which has no form ${format}`, { hint: 'leave --format out' });
  const target = parseAddress(output);
  const isInput = files.filter(isTableUrl).some((url) => isSameTable(parseAddress(url), target));
  if (isInput) throw new UsageError(`-o ${output} is an input`, { hint: 'name another table' });
}

function exitCodeOf({ completeness, exitCode }: MergedReport, values: Values): ExitCode {
  if (values.exitCode && exitCode !== EXIT.ok) return exitCode;
  return completeness?.isComplete === false ? EXIT.failures : EXIT.ok;
}

async function load(
  saved: SavedResults,
  check: CompletenessCheck | undefined,
  values: Values,
  signal: AbortSignal,
  host: Host,
): Promise<MergedReport> {
  const { output: url = '', passwords, outputWaitMs, quiet } = values;
  const table = await openTable({ url, passwords }, host);
  const link = new SteadyLink(
    { ...table, clock: host.clock, random: host.random, waitMs: outputWaitMs },
    table.connection,
  );
  signal.addEventListener('abort', () => link.hurry(0));
  link.watch({
    away: (problem) => void say(`${url}: ${problem}; waiting for it`),
    back: () => void say(`${url} is back`),
  });
  const say = async (text: string): Promise<void> => {
    if (!quiet) await host.stderr.write(`${printable(text)}\n`);
  };
  try {
    const loading = await loadAll(saved, check, table, link, values, signal);
    await say(
      `${formatCounted(loading.rows, 'result')}: ${formatCount(loading.added)} added, ${formatCount(loading.rows - loading.added)} there already`,
    );
    return loading.merged;
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof OutputError
      ? error
      : cannotWrite(error, table.login, { hint: 'run it again: it adds what is missing' });
  } finally {
    await link.close();
  }
}

async function loadAll(
  saved: SavedResults,
  check: CompletenessCheck | undefined,
  { login, names }: OpenTable,
  link: SteadyLink,
  { allowFailures }: Values,
  signal: AbortSignal,
): Promise<{ readonly merged: MergedReport; readonly rows: number; readonly added: number }> {
  const merging = new Merging(saved, allowFailures);
  const writer = new RowWriter(link, login, names.table);
  let rows = 0;
  for await (const records of saved.results()) {
    signal.throwIfAborted();
    for (const { result } of records) {
      merging.add(result);
      check?.check(result);
    }
    await writer.store(records.map(savedRow), () => {});
    rows += records.length;
  }
  for (const one of saved.runs) await storeRun(link, names.runs, savedRunId(one), one);
  if (writer.refused.length > 0) throw refusal(writer.refused, login);
  return { merged: merging.end(check?.end(saved.runs)), rows, added: writer.added };
}
