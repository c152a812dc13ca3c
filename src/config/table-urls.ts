/** `postgres://` URLs among the settings: their passwords are taken out, and what can't go together is refused. */

import { UsageError } from '../errors.js';
import { isTableUrl, namesTable, spellings, splitPassword } from '../text/table-url.js';
import type { MergedSettings } from './merged.js';

type Values = Record<string, unknown>;

const INPUTS = ['files', 'expect'] as const;
const SOURCE_HINT = "postgres://host/db?table=cases, or postgres://host/db with --query 'select …'";

/**
 * Replaces each URL by the one without password; `passwords` then has them by URL. Everything behind this, reports and
 * messages too, never sees a password in a name.
 */
export function separateLogins(command: string, values: Values, merged: MergedSettings): void {
  const passwords: Record<string, string> = {};
  for (const key of [...INPUTS, 'output', 'deadLetter']) {
    const value = values[key];
    if (typeof value === 'string') values[key] = separated(value, passwords);
    else if (Array.isArray(value)) values[key] = value.map((name: string) => separated(name, passwords));
  }
  checkOutputs(command, values, merged);
  checkQuery(command, values, merged);
  if (Object.keys(passwords).length > 0) values['passwords'] = passwords;
}

/** The secrets of the tables that are named: passwords of URLs, and that of the environment. */
export function tableSecrets(values: Readonly<Values>, env: Readonly<Record<string, string | undefined>>): string[] {
  if (!namesOf(values).some(isTableUrl)) return [];
  const passwords = Object.values((values['passwords'] ?? {}) as Readonly<Record<string, string>>);
  return [...passwords.flatMap(spellings), ...(env['PGPASSWORD'] ? [env['PGPASSWORD']] : [])];
}

function separated(name: string, passwords: Record<string, string>): string {
  if (!isTableUrl(name)) return name;
  const split = splitPassword(name);
  if (split === undefined) {
    throw new UsageError('a postgres:// URL has an @ or / in user or password that is not escaped', {
      hint: 'write @ as %40, / as %2F, : as %3A; or leave the password out and set PGPASSWORD',
    });
  }
  if (split.password !== undefined) passwords[split.shown] = split.password;
  return split.shown;
}

function namesOf(values: Readonly<Values>): readonly (string | undefined)[] {
  const inputs = INPUTS.flatMap((key) => (values[key] ?? []) as readonly string[]);
  return [...inputs, values['output'] as string | undefined];
}

function checkOutputs(command: string, values: Readonly<Values>, merged: MergedSettings): void {
  if (isTableUrl(values['deadLetter'] as string | undefined)) {
    throw new UsageError('--dead-letter is a case file, not a table', {
      hint: "the failed cases are in the results table: select … where status = 'failed'",
    });
  }
  const output = values['output'] as string | undefined;
  if (!isTableUrl(output)) {
    if (merged.get('outputWait')?.given[0]?.origin.from !== 'flag') return;
    throw new UsageError('--output-wait is for a results table', { hint: "-o 'postgres://host/db?table=results'" });
  }
  if (command === 'list') throw new UsageError('list writes files, not tables', { hint: '-o list.ndjson' });
  if (!namesTable(output)) {
    throw new UsageError(`-o ${output} names no table`, { hint: 'postgres://host/db?table=results' });
  }
}

/** Each source has either a table or the query; a query of the configuration file counts only where it is needed. */
function checkQuery(command: string, values: Values, merged: MergedSettings): void {
  const sources = INPUTS.flatMap((key) => (values[key] ?? []) as readonly string[]).filter(isTableUrl);
  const bare = sources.find((url) => !namesTable(url));
  const isSaved = command === 'report' && bare !== undefined && (values['files'] as string[]).includes(bare);
  if (bare !== undefined && (isSaved || values['query'] === undefined)) {
    throw new UsageError(`${bare} names no table`, {
      hint: isSaved ? 'postgres://host/db?table=results' : SOURCE_HINT,
    });
  }
  if (bare !== undefined || values['query'] === undefined) return;
  if (merged.get('query')?.given[0]?.origin.from !== 'flag') return;
  const [named] = sources;
  if (named !== undefined) {
    throw new UsageError(`both a table and --query: ${named}`, { hint: 'leave one of them out' });
  }
  throw new UsageError('--query needs a database', { hint: SOURCE_HINT });
}
