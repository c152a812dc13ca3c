/** The SQL that reads rows as JSON text, the same whatever the session's settings are. */

import { placeInText } from './place-in-text.js';
import { quoted } from './names.js';

const BEFORE = 'select row_to_json("case-tracker row")::text from (';
// The line break ends a comment in the last line of the query. The odd alias: row_to_json(t) fails where a column is t.
const AFTER = '\n) "case-tracker row"';

/** In the transaction: what changes the text of a value, and what would end the reading early or too late. */
export const READ_SETTINGS = [
  `set local timezone='UTC'`,
  `set local intervalstyle='iso_8601'`,
  `set local datestyle='ISO, MDY'`,
  `set local bytea_output='hex'`,
  'set local extra_float_digits=1',
  `set local lc_monetary='C'`,
  'set local statement_timeout=0',
  'set local idle_in_transaction_session_timeout=0',
  // PostgreSQL 14 and newer: a query ends by itself when nobody is there any more.
  `select set_config(name, '1s', true) from pg_catalog.pg_settings where name = 'client_connection_check_interval'`,
].join('; ');

/** The query that reads a whole table. */
export function wholeTable(names: readonly string[]): string {
  return `select * from ${quoted(names)}`;
}

/** The query as it may stand inside of another one: a semicolon at its end goes. */
export function withoutSemicolon(query: string): string {
  return query.replace(/[\s;]+$/, '');
}

export function copyRows(query: string): string {
  return `copy (${BEFORE}${query}${AFTER}) to stdout`;
}

/** Answers with no row, and the names of all columns. */
export function describeRows(query: string): string {
  return `${DESCRIBE}${query}${AFTER} limit 0`;
}

const DESCRIBE = 'select * from (';

/** Where in the query the server has found an error: `line 2, column 7: …`; undefined where it names no place in it. */
export function placeOfError(error: unknown, query: string): string | undefined {
  const position = Number((error as { readonly position?: string }).position ?? 0);
  const at = Array.from(query)
    .slice(0, Math.max(0, position - 1 - DESCRIBE.length))
    .join('').length;
  return position <= DESCRIBE.length || at > query.length ? undefined : placeInText(query, at);
}
