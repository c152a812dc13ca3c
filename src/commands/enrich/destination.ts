/** Where the results of a run go: standard output or a file, as JSON, NDJSON or a table; and the dead letter. */

import type { EnrichmentResult } from '../../core/case.js';
import type { RunInfo } from '../../core/results/run-info.js';
import type { ResultSink } from '../../core/ports.js';
import type { Resumption } from '../../core/merge/resumption.js';
import type { Host } from '../../host.js';
import { type FileOps, realFileOps } from '../../io/files/file-ops.js';
import {
  resultFormatOf,
  openOutputs,
  openTextOutput,
  type OutputOptions,
  type Outputs,
  type OutputWorld,
  type TextOptions,
} from '../../io/sinks/open.js';
import { UsageError } from '../../errors.js';
import type { Resolved } from '../../config/resolved.js';
import { CasesSink } from '../../io/sinks/cases.js';
import { TableSink, TerminalTableSink } from '../../io/sinks/table.js';

export type ResultFormat = 'json' | 'ndjson' | 'table' | 'cases';

export interface Destination extends AsyncDisposable {
  readonly format: ResultFormat;
  /** The file as the user named it; undefined for standard output. */
  readonly file: string | undefined;
  /** True when a later run can resume from the file. */
  readonly isJournal: boolean;
  readonly resumption: Resumption | undefined;
  /** The last run that wrote the journal. */
  readonly lastRun: RunInfo | undefined;
  readonly notices: readonly string[];
  readonly sink: ResultSink;
  /** Takes failed cases; undefined without `--dead-letter`. */
  readonly deadLetter: Outputs['deadLetter'];
}

/** Opens everything before the first call, so that a bad path costs nothing. */
export async function openDestination(
  { values }: Resolved<'enrich'>,
  host: Host,
  ops: FileOps = realFileOps,
): Promise<Destination> {
  const format = formatOf(values, host);
  const other = await otherSink(format, values, { host, ops });
  const outputs = await openOutputs(outputOptions(values, format), { host, ops }).catch(async (error: unknown) => {
    await other?.close();
    throw error;
  });
  const sink = other ?? outputs.sink;
  return {
    format,
    file: values.output,
    isJournal: outputs.kind === 'journal',
    resumption: outputs.resumed?.resumption,
    lastRun: outputs.resumed?.lastRun,
    notices: outputs.notices,
    sink,
    deadLetter: outputs.deadLetter,
    async [Symbol.asyncDispose]() {
      try {
        await sink.close();
      } finally {
        await outputs.deadLetter?.close();
      }
    },
  };
}

function outputOptions(values: Resolved<'enrich'>['values'], format: ResultFormat): OutputOptions {
  const { resume, overwrite, only, refreshAfterMs, deadLetter, files } = values;
  const place = format === 'table' || format === 'cases' ? {} : { path: values.output, format };
  return { ...place, resume, overwrite, only, refreshAfterMs, deadLetter, inputs: files };
}

function formatOf({ format, output }: Resolved<'enrich'>['values'], host: Host): ResultFormat {
  if (format !== 'auto') return format;
  if (output !== undefined) return resultFormatOf(output);
  return host.stdout.isTTY ? 'table' : 'json';
}

/** The sink of a form that is no report and no journal. */
async function otherSink(
  format: ResultFormat,
  values: Resolved<'enrich'>['values'],
  world: OutputWorld & { host: Host },
): Promise<ResultSink | undefined> {
  if (format === 'table') return tableSink(values, world);
  return format === 'cases'
    ? new CasesSink(await openTextOutput({ ...textOptions(values), isJson: true }, world))
    : undefined;
}

async function tableSink(
  values: Resolved<'enrich'>['values'],
  world: OutputWorld & { host: Host },
): Promise<ResultSink> {
  if (values.resume) throw new UsageError('--format table is no journal', { hint: '--resume needs -o FILE.ndjson' });
  if (values.output === undefined && world.host.stdout.isTTY) return new TerminalTableSink(values, world.host);
  return new TableSink(values.into, await openTextOutput(textOptions(values), world));
}

function textOptions({ output, files, overwrite, deadLetter }: Resolved<'enrich'>['values']): TextOptions {
  return { path: output, inputs: files, keepExisting: !overwrite, deadLetter };
}

/** The results that are written; `--on-failure skip` leaves the failed ones out. */
export function shownResults(results: readonly EnrichmentResult[], skipFailed: boolean): readonly EnrichmentResult[] {
  return skipFailed ? results.filter((result) => result.status !== 'failed') : results;
}
