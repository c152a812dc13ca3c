/** Names of tables: as they are written in a URL or flag, and as SQL identifiers. */

import { UsageError } from '../../errors.js';

// PostgreSQL cuts longer identifiers off.
const MOST_BYTES = 63;
const LONGEST_SUFFIX = '_latest';

/** `public.cases` as its parts; a part in double quotes may have dots in it. Case counts. */
export function identifiersOf(text: string): readonly string[] {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"(?:\.|$)|([^".]+)(?:\.|$)/gy)];
  const read = parts.reduce((length, match) => length + match[0].length, 0);
  const names = parts.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
  const isBad = read !== text.length || text.endsWith('.') || names.length === 0 || names.length > 2;
  if (isBad || names.some((name) => name === '' || name.includes('\0'))) {
    throw new UsageError(`${text} is no name of a table`, { hint: 'results, or with its schema public.results' });
  }
  return names;
}

/** As one SQL identifier, every part in quotes. */
export function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.');
}

/** The results table and what belongs to it, as SQL identifiers. */
export interface ResultNames {
  readonly table: string;
  readonly runs: string;
  readonly latest: string;
}

/** Throws a UsageError for a name that leaves no room for those derived from it. */
export function resultNames(names: readonly string[]): ResultNames {
  const last = names.at(-1) ?? '';
  if (new TextEncoder().encode(last + LONGEST_SUFFIX).length > MOST_BYTES) {
    throw new UsageError(`the name of the results table is longer than ${MOST_BYTES - LONGEST_SUFFIX.length} bytes`, {
      hint: 'a shorter name: --table results',
    });
  }
  const derived = (suffix: string): string => quoted([...names.slice(0, -1), `${last}${suffix}`]);
  return { table: quoted(names), runs: derived('_runs'), latest: derived(LONGEST_SUFFIX) };
}
