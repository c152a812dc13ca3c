/** Tables among the inputs of a command; loaded only where there are any. */

import type { ReadingValues, Resolved } from '../../config/resolved.js';
import type { Host } from '../../host.js';
import type { ReadOptions } from '../../io/sources/file/file-source.js';
import { isTableUrl } from '../../text/table-url.js';

type Values = Pick<ReadingValues, 'query' | 'idField'> &
  Pick<Resolved['values'], 'passwords'> & { readonly output?: string };

/** What the source needs to read the tables among these inputs. */
export async function tablesOf(
  files: readonly string[],
  { query, idField = 'id', passwords, output }: Values,
  { env, cwd }: Host,
): Promise<Pick<ReadOptions, 'tables'>> {
  if (!files.some(isTableUrl)) return {};
  const { tableInputs } = await import('../../io/postgres/inputs.js');
  return { tables: await tableInputs(files, { env, cwd, passwords, query, idField, output }) };
}
