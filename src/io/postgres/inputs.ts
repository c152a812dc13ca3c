/** Tables among the inputs of a command, brought to what the reading thread needs. */

import { UsageError } from '../../errors.js';
import { isTableUrl } from '../../text/table-url.js';
import { isSameTable, parseAddress } from './address.js';
import { loadDriver } from './driver.js';
import { loginFor, type LoginWorld } from './login.js';
import { wholeTable, withoutSemicolon } from './query-text.js';
import type { TableInput } from './rows.js';

export interface TableOptions extends LoginWorld {
  readonly query: string | undefined;
  readonly idField: string;
  /** Where the results go. */
  readonly output?: string | undefined;
}

/** By URL, what is read for each. Throws a UsageError for what can't be right, and where the driver is missing. */
export async function tableInputs(
  files: readonly string[],
  options: TableOptions,
): Promise<ReadonlyMap<string, TableInput>> {
  await loadDriver();
  const { output } = options;
  const target = isTableUrl(output) ? parseAddress(output) : undefined;
  const inputs = new Map<string, TableInput>();
  for (const url of files.filter(isTableUrl)) {
    const login = loginFor(url, options);
    if (target !== undefined && isSameTable(login, target)) throw new UsageError(`-o ${target.shown} is an input`);
    if (inputs.has(url)) throw new UsageError(`${url} is named twice`, { hint: 'name it once' });
    inputs.set(url, { login, idField: options.idField, query: queryFor(login.table, options.query) });
  }
  return inputs;
}

function queryFor(table: readonly string[] | undefined, query: string | undefined): string {
  if (table !== undefined) return wholeTable(table);
  const text = withoutSemicolon(query ?? '');
  if (text.trim() === '') throw new UsageError('--query is empty', { hint: "--query 'select id, title from cases'" });
  return text;
}
