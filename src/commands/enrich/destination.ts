/** Where the results of a run go: standard output or a file, as JSON, NDJSON, a table or a spreadsheet; and the dead letter. */

import type { RunInfo } from '../../core/results/run-info.js';
import type { EnrichmentClient, ResultSink } from '../../core/ports.js';
import type { Pipeline } from '../../core/run/pipeline.js';
import type { Resumption } from '../../core/merge/resumption.js';
import type { Host } from '../../host.js';
import { type FileOps, realFileOps } from '../../io/files/file-ops.js';
import {
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
import { tableSink, TerminalTableSink } from '../../io/sinks/table.js';
import { DIALECTS, isSheetForm, type SheetForm } from '../../text/csv.js';
import { formByEnding, refuseMisleading, type Writable } from '../shared/output-form.js';
import { sheetOptions } from '../shared/sheet-options.js';

export type ResultFormat = 'json' | 'ndjson' | 'table' | 'cases' | SheetForm;

const WRITABLE: Writable<'json' | 'ndjson' | 'csv' | 'tsv'> = {
  noun: 'results',
  byEnding: ['json', 'ndjson', 'csv', 'tsv'],
  formats: 'json, ndjson, table, csv, tsv, excel or cases',
};

export interface Destination extends AsyncDisposable {
  readonly format: ResultFormat;
  /** The file as the user named it; undefined for standard output. */
  readonly file: string | undefined;
  /** True when a later run can resume from the file. */
  readonly isJournal: boolean;
  /** True for a results table. */
  readonly isTable?: boolean;
  /** Joins the outputs to the run that is about to begin. */
  attach?(run: Pick<Pipeline, 'pauseCalls'>, say: (text: string) => void): void;
  /** The client as these outputs need it. */
  clientOf?(client: EnrichmentClient): EnrichmentClient;
  readonly resumption: Resumption | undefined;
  /** The last run that wrote the journal. */
  readonly lastRun: RunInfo | undefined;
  readonly notices: readonly string[];
  readonly sink: ResultSink;
  /** Takes failed cases; undefined without `--dead-letter`. */
  readonly deadLetter: Outputs['deadLetter'];
  /** Notices at the end of the run. */
  endNotices?(): readonly string[];
}

/** Opens everything before the first call, so that a bad path costs nothing. */
export async function openDestination(
  { values }: Resolved<'enrich'>,
  host: Host,
  ops: FileOps = realFileOps,
): Promise<Destination> {
  const format = formatOf(values, host);
  const other = isOtherFormat(format) ? await otherSink(values, format, { host, ops }) : undefined;
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

/** The format of the results. Throws a UsageError for an output whose ending tells none. */
export function formatOf({ format, output }: Resolved<'enrich'>['values'], host: Host): ResultFormat {
  if (format !== 'auto') {
    refuseMisleading(output);
    return format;
  }
  if (output !== undefined) return formByEnding(output, WRITABLE);
  return host.stdout.isTTY ? 'table' : 'json';
}

/** A form that is no report and no journal. */
type OtherFormat = 'table' | 'cases' | SheetForm;

function isOtherFormat(format: ResultFormat): format is OtherFormat {
  return format === 'table' || format === 'cases' || isSheetForm(format);
}

function outputOptions(values: Resolved<'enrich'>['values'], format: ResultFormat): OutputOptions {
  const { resume, overwrite, only, refreshAfterMs, poll, deadLetter, files } = values;
  const place = isOtherFormat(format) ? {} : { path: values.output, format };
  return { ...place, resume, overwrite, only, refreshAfterMs, poll, deadLetter, inputs: files };
}

async function otherSink(
  values: Resolved<'enrich'>['values'],
  format: OtherFormat,
  world: OutputWorld & { host: Host },
): Promise<ResultSink> {
  if (values.resume)
    throw new UsageError(`--format ${format} is no journal`, { hint: '--resume needs -o FILE.ndjson' });
  if (isSheetForm(format)) return await sheetSink(values, format, world);
  if (format === 'cases') return new CasesSink(await openTextOutput({ ...textOptions(values), isJson: true }, world));
  if (values.output === undefined && world.host.stdout.isTTY) return new TerminalTableSink(values, world.host);
  return tableSink(values.into, await openTextOutput(textOptions(values), world));
}

async function sheetSink(
  values: Resolved<'enrich'>['values'],
  form: SheetForm,
  world: OutputWorld & { host: Host },
): Promise<ResultSink> {
  const { csvSink } = await import('../../io/sinks/csv.js');
  const options = sheetOptions(values, form, true, world.host);
  const { encoding } = DIALECTS[form];
  return csvSink(options, await openTextOutput({ ...textOptions(values), encoding }, world));
}

function textOptions({ output, files, overwrite, deadLetter }: Resolved<'enrich'>['values']): TextOptions {
  return { path: output, inputs: files, keepExisting: !overwrite, deadLetter };
}
