/** Where a listing goes: standard output, or a file that is written whole or not at all. */

import type { Resolved } from '../../config/resolved.js';
import { UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { TextOutput } from '../../io/files/atomic-file.js';
import { print } from '../../io/sinks/print.js';

type ListValues = Resolved<'list'>['values'];

/** Opens it before anything is read. Throws a UsageError for a file that is an input or whose name has the ending of another format. */
export async function openListing(values: ListValues, host: Host): Promise<TextOutput> {
  const { output: path, files } = values;
  if (path === undefined) return printed(host);
  const format = formOf(values, host);
  const [{ openTextOutput }, { refuseOtherForm }] = await Promise.all([
    import('../../io/sinks/open.js'),
    import('../shared/other-form.js'),
  ]);
  refuseOtherForm({ output: path, format, noun: 'list' }, host);
  return await openTextOutput({ path, inputs: files, isJson: format !== 'table' }, { host });
}

/** The requested format; by default from the file's ending, else a table on a terminal, else JSON. */
export function formOf({ output, format }: ListValues, host: Host): Exclude<ListValues['format'], 'auto'> {
  if (format !== 'auto') return format;
  if (output === undefined) return host.stdout.isTTY ? 'table' : 'json';
  const ending = /\.(\w+)$/.exec(output)?.[1]?.toLowerCase() ?? 'json';
  if (ending === 'json') return 'json';
  if (ending === 'ndjson' || ending === 'jsonl') return 'ndjson';
  throw new UsageError(`-o ${output}: its ending tells no form of a list`, { hint: '--format table, json or ndjson' });
}

function printed(host: Host): TextOutput {
  return {
    write: (text) => print(text, host),
    finish: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
