/** Where a listing goes: standard output, or a file that is written whole or not at all. */

import type { Resolved } from '../../config/resolved.js';
import type { Host } from '../../host.js';
import type { TextOutput } from '../../io/files/atomic-file.js';
import { print } from '../../io/sinks/print.js';
import { DIALECTS, isSheetForm } from '../../text/csv.js';
import { formatByEnding } from '../../text/file-endings.js';
import type { Writable } from '../shared/output-form.js';

type ListValues = Resolved<'list'>['values'];

const WRITABLE: Writable<'json' | 'ndjson' | 'csv' | 'tsv'> = {
  noun: 'a list',
  byEnding: ['json', 'ndjson', 'csv', 'tsv'],
  formats: 'table, json, ndjson, csv, tsv or excel',
};

type ListForm = Exclude<ListValues['format'], 'auto'>;

/** Opens it before anything is read. Throws a UsageError for a file that is an input or whose name has the ending of another format. */
export async function openListing(values: ListValues, host: Host): Promise<TextOutput> {
  const { output: path, files } = values;
  if (path === undefined) return printed(formOf(values, host), host);
  const { formByEnding, refuseMisleading } = await import('../shared/output-form.js');
  refuseMisleading(path);
  if (values.format === 'auto') formByEnding(path, WRITABLE);
  const format = formOf(values, host);
  const [{ openTextOutput }, { refuseOtherForm }] = await Promise.all([
    import('../../io/sinks/open.js'),
    import('../shared/other-form.js'),
  ]);
  refuseOtherForm({ output: path, format, noun: 'list' }, host);
  const isSheet = isSheetForm(format);
  const encoding = isSheet ? DIALECTS[format].encoding : 'utf8';
  return await openTextOutput({ path, inputs: files, isJson: format !== 'table' && !isSheet, encoding }, { host });
}

/** The requested format; by default from the file's ending, else a table on a terminal, else JSON. */
export function formOf({ output, format }: ListValues, host: Host): ListForm {
  if (format !== 'auto') return format;
  if (output === undefined) return host.stdout.isTTY ? 'table' : 'json';
  const named = formatByEnding(output);
  return WRITABLE.byEnding.find((form) => form === named) ?? 'json';
}

function printed(form: ListForm, host: Host): TextOutput {
  const { encoding } = isSheetForm(form) ? DIALECTS[form] : DIALECTS.csv;
  return {
    write: (text) => print(encoding === 'utf8' ? text : Buffer.from(text, encoding), host),
    finish: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
