/** `case-tracker list`: shows the selected cases. */

import type { Resolved } from '../../config/resolved.js';
import type { Case, Entry, InvalidEntry } from '../../core/case.js';
import { RecordShape } from '../../core/cases/record.js';
import { isFiltering, isOverdue, type Selection } from '../../core/cases/select.js';
import { EXIT, UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import { assertReadable } from '../../io/files/file-problem.js';
import { type FileSource, openSource } from '../../io/sources/file/file-source.js';
import { type CaseRenderer, casesAsJson, casesAsNdjson } from '../../report/case-text.js';
import { isSheetForm, type SheetForm } from '../../text/csv.js';
import { formatCount, formatCounted } from '../../text/format.js';
import { placeText } from '../../core/case.js';
import { hiddenNotes, inputNotes, selectionNotes } from '../../report/terminal/selection-notes.js';
import { jsonShownOn, printable } from '../../text/printable.js';
import { formOf, openListing } from './output.js';
import { isTableUrl } from '../../text/table-url.js';
import { tablesOf } from '../shared/tables.js';
import { FaultAbort } from '../shared/fault-abort.js';
import { SignalAbort } from '../shared/signal-abort.js';
import type { UnseenFields } from '../shared/unseen-fields.js';
import { signalExitCode } from '../../verdict.js';
import type { TextOutput } from '../../io/files/atomic-file.js';
import { judgedFiles, readOptions, selectionOf } from '../shared/reading.js';

type ListValues = Resolved<'list'>['values'];

/**
 * Exit code 0 when the valid cases could be shown, 1 with `--strict` when a record is invalid. Throws an InputError after
 * writing the cases before the fault.
 */
export async function run(settings: Resolved<'list'>, host: Host): Promise<number> {
  const { values } = settings;
  assertReadable(values.files, host.cwd);
  const selection = selectionOf(values);
  // With --sort, the first cases are only known once all have been read.
  const read = values.sort === undefined || values.count ? selection : withoutFirst(selection);
  // A signal must discard a half-written file and end a query; a listing of files on stdout can just end.
  const isTable = values.files.some(isTableUrl);
  using abort = values.output === undefined && !isTable ? new FaultAbort(host) : new SignalAbort(host);
  const output = await openListing(values, host);
  const tables = await tablesOf(values.files, values, host);
  const source = openSource({
    ...readOptions(values, read, host),
    ...tables,
    countOnly: values.count,
    signal: abort.signal,
  });
  const invalid = new InvalidList(values, host);
  const notes: string[] = [];
  try {
    if (values.count) await printCount(source, values, output, host);
    else await printCases(casesOf(source, invalid), values, output, host, notes);
    await output.finish();
  } catch (error) {
    await output.close();
    if (abort instanceof SignalAbort && abort.received !== undefined) return signalExitCode(abort.received);
    throw error;
  } finally {
    await source.close();
    await invalid.flush();
  }
  await printNotes(source, selection, settings, notes, host);
  return values.strict && (await hasInvalid(source, host)) ? EXIT.failures : EXIT.ok;
}

function withoutFirst(selection: Selection): Selection {
  const { first: _, ...rest } = selection;
  return rest;
}

/** Whether a record is invalid. One hidden by a filter counts, and gets a notice; one of another shard does not count. */
async function hasInvalid({ counts }: FileSource, host: Host): Promise<boolean> {
  const hidden = counts.invalidHidden;
  const records = formatCounted(hidden, 'record');
  if (hidden > 0) await host.stderr.write(`${records} invalid, hidden by the filters (--strict; exit 1)\n`);
  return counts.invalid + hidden > 0;
}

async function printCount(
  source: FileSource,
  { quiet, strict }: ListValues,
  output: TextOutput,
  host: Host,
): Promise<void> {
  for await (const _ of source);
  await output.write(`${source.counts.selected}\n`);
  if (source.counts.invalid === 0 || (quiet && !strict)) return;
  const records = formatCounted(source.counts.invalid, 'record');
  await host.stderr.write(`${records} not counted: no valid case (case-tracker validate lists them)\n`);
}

async function* casesOf(source: AsyncIterable<readonly Entry[]>, invalid: InvalidList): AsyncGenerator<Case[], void> {
  for await (const entries of source) {
    const cases: Case[] = [];
    for (const entry of entries) {
      if (entry.kind === 'case') cases.push(entry.case);
      else invalid.add(entry);
    }
    yield cases;
  }
}

async function printCases(
  cases: AsyncIterable<readonly Case[]>,
  values: ListValues,
  output: TextOutput,
  host: Host,
  notes: string[],
): Promise<void> {
  const renderer = await rendererFor(values, host);
  const sorted = values.sort === undefined ? cases : inOrder(cases, values.sort, values, notes);
  const unseen = values.fields === undefined ? undefined : await unseenFields('--fields', values.fields, values);
  const isSheet = isSheetForm(formOf(values, host));
  await output.write(renderer.begin());
  try {
    for await (const batch of sorted) {
      unseen?.look(batch);
      // A sheet writes nothing before it has seen as many.
      if (isSheet && unseen?.isSettled) unseen.refuse();
      const text = batch.map((aCase) => renderer.case(aCase)).join('');
      if (text !== '') await output.write(text);
    }
    if (isSheet) unseen?.refuse();
  } catch (error) {
    // A started document is completed also when the input fails: the part that is there stays readable.
    if (!(error instanceof UsageError)) await output.write(renderer.end());
    throw error;
  }
  await output.write(renderer.end());
  notes.push(...(isSheet ? lateColumns(renderer) : (unseen?.notes() ?? [])));
}

async function unseenFields(
  flag: string,
  fields: readonly string[],
  { fieldNames }: Pick<ListValues, 'fieldNames'>,
): Promise<UnseenFields> {
  const shared = await import('../shared/unseen-fields.js');
  return new shared.UnseenFields(flag, fields, fieldNames);
}

/** Says that a sheet has values without a column of their own. */
function lateColumns({ rowsWithOther = 0 }: CaseRenderer): string[] {
  if (rowsWithOther === 0) return [];
  return [
    `${formatCounted(rowsWithOther, 'case')} with fields that the first ones lack: they stand in the column other`,
  ];
}

async function* inOrder(
  cases: AsyncIterable<readonly Case[]>,
  order: NonNullable<ListValues['sort']>,
  { fieldNames, first }: Pick<ListValues, 'fieldNames' | 'first'>,
  notes: string[],
): AsyncGenerator<readonly Case[], void> {
  const all: Case[] = [];
  try {
    for await (const batch of cases) all.push(...batch);
  } finally {
    const { sortCases } = await import('../../core/cases/sort.js');
    const unseen = await unseenFields('--sort', [order.field], { fieldNames });
    unseen.look(all);
    notes.push(...unseen.notes());
    yield sortCases(all, order, fieldNames).slice(0, first);
  }
}

const FILE: { readonly isTTY: boolean; readonly columns?: number } = { isTTY: false };

async function rendererFor(values: ListValues, host: Host): Promise<CaseRenderer> {
  const { fields, fieldNames } = values;
  const place = values.output === undefined ? host.stdout : FILE;
  const shown = jsonShownOn(place);
  const form = formOf(values, host);
  if (form === 'ndjson') return casesAsNdjson({ fields, fieldNames, shown });
  if (form === 'json') return casesAsJson({ fields, fieldNames, shown });
  if (isSheetForm(form)) return await sheetRenderer(values, form, host);
  const [{ casesAsTable }, { colorEnabled, createStyle }] = await Promise.all([
    import('../../report/terminal/case-table.js'),
    import('../../text/style.js'),
  ]);
  const now = host.clock.wallNow();
  const shape = new RecordShape({ fieldNames });
  return casesAsTable({
    ...(fields === undefined ? {} : { fields }),
    fieldNames,
    now,
    isOverdue: (aCase) => isOverdue(shape, aCase.value, now),
    width: place.columns ?? Number.POSITIVE_INFINITY,
    style: createStyle(colorEnabled(values.color, place.isTTY, host.env)),
  });
}

async function sheetRenderer(values: ListValues, form: SheetForm, host: Host): Promise<CaseRenderer> {
  const [{ casesAsSheet }, { sheetOptions }] = await Promise.all([
    import('../../report/sheet/case-sheet.js'),
    import('../shared/sheet-options.js'),
  ]);
  return casesAsSheet(sheetOptions(values, form, true, host));
}

/** Notices on stderr: why nothing was selected, and on a terminal how many cases there are. */
async function printNotes(
  source: FileSource,
  selection: Selection,
  settings: Resolved<'list'>,
  sortNotes: readonly string[],
  host: Host,
): Promise<void> {
  const { values } = settings;
  if (values.quiet) return;
  const { counts, facts } = source;
  // With --strict they are reported anyway.
  const hidden = values.strict ? [] : hiddenNotes(counts, judgedFiles(settings));
  const notes = [...selectionNotes(selection, counts, facts), ...hidden, ...inputNotes(facts), ...sortNotes];
  if (counts.selected > 0 && host.stdout.isTTY && host.stderr.isTTY && !values.count && values.output === undefined) {
    notes.push(footer(source, selection, values, host.stderr.columns ?? Number.POSITIVE_INFINITY));
  }
  if (notes.length > 0) await host.stderr.write(`${notes.join('\n')}\n`);
}

/** The last line; parts that do not fit into the terminal are left out, from the end. */
function footer(source: FileSource, selection: Selection, values: ListValues, columns: number): string {
  const { counts, facts, complete } = source;
  const shown = Math.min(counts.selected, values.first ?? Number.POSITIVE_INFINITY);
  const of = complete && isFiltering(selection) ? `${formatCount(shown)} of ${formatCount(counts.read)}` : '';
  const parts = [of === '' ? formatCounted(shown, 'case') : `${of} cases`];
  if (facts.overdue > 0 && !selection.overdue) parts.push(`   (${formatCount(facts.overdue)} overdue: add --overdue)`);
  if (values.fields === undefined) parts.push('   --fields chooses columns', ', --format json has all of them');
  while (parts.length > 1 && parts.join('').length > columns) parts.pop();
  return `\n${parts.join('')}`;
}

const MOST_NAMED = 20;

/** The invalid records of a listing: the first ones are named on stderr, the rest counted. */
class InvalidList {
  readonly #values: Pick<ListValues, 'quiet' | 'strict'>;
  readonly #host: Host;
  readonly #lines: string[] = [];
  #count = 0;

  constructor(values: Pick<ListValues, 'quiet' | 'strict'>, host: Host) {
    this.#values = values;
    this.#host = host;
  }

  add(entry: InvalidEntry): void {
    if (this.#count++ < MOST_NAMED)
      this.#lines.push(`invalid: ${printable(`${placeText(entry.source)}: ${entry.message}`)}`);
  }

  /** Writes what was collected, after the cases. */
  async flush(): Promise<void> {
    const { quiet, strict } = this.#values;
    if (this.#count === 0 || (quiet && !strict)) return;
    if (this.#count > MOST_NAMED)
      this.#lines.push(`… and ${formatCount(this.#count - MOST_NAMED)} more: case-tracker validate lists them`);
    const lines = quiet ? [`${formatCounted(this.#count, 'record')} invalid (exit 1)`] : this.#lines;
    await this.#host.stderr.write(`${lines.join('\n')}\n`);
  }
}
