/** The results table: how it is made, and what is asked of one that is there. */

import { identifiersOf, quoted, resultNames } from './names.js';

/** The columns that results are written to, with the type of each as `format_type` names it. */
export const RESULT_COLUMNS = {
  run: 'text',
  index: 'bigint',
  case_id: 'text',
  status: 'text',
  key: 'text',
  at: 'timestamp with time zone',
  attempts: 'integer',
  duration_ms: 'double precision',
  result: 'json',
} as const;

/** The same for the table of runs. */
export const RUN_COLUMNS = { run: 'text', info: 'json', summary: 'json' } as const;

/** What makes the table, that of its runs, and the view; for psql. Throws a UsageError for a name that is none. */
export function resultsSql(name: string): string {
  const names = identifiersOf(name);
  const { table, runs, latest } = resultNames(names);
  return `-- Results of case-tracker enrich -o 'postgres://host/db?table=${encodeURIComponent(name)}'.
-- Who runs it needs: grant insert, select on ${table}, ${runs} (and usage on their schema).
begin;
create table ${table} (
  run text, -- a UUID for each run
  index bigint, -- counts the selected cases of the run from 0
  case_id text, -- null where a record has no id, or one that text can't hold
  status text not null, -- enriched, failed, invalid or cancelled
  key text, -- a hash of what was asked
  at timestamptz not null, -- when the result was known
  attempts int not null,
  duration_ms float8 not null,
  result json not null, -- the whole line, as in a journal; json, as jsonb would refuse some texts
  stored_at timestamptz not null default now(),
  primary key (run, index)
);
-- A hash index: a btree would refuse ids of more than 2,704 bytes.
create index on ${table} using hash (case_id);
create table ${runs} (run text primary key, info json not null, summary json not null);
-- The newest result of each case; that of an invalid record only where there is nothing else.
create view ${latest} as
  select distinct on (case_id) * from ${table}
  where case_id is not null
  order by case_id, status = 'invalid', at desc, stored_at desc;
commit;
`;
}

/** Asks for the columns of the table, its runs and its view: relation, name and type of each. \`$1\` is an SQL name. */
export const DESCRIBE = `select t.part, a.attname as name, format_type(a.atttypid, a.atttypmod) as type
  from unnest(array['table', 'runs', 'latest'], array[to_regclass($1), to_regclass($2), to_regclass($3)]) t(part, id)
  join pg_catalog.pg_attribute a on a.attrelid = t.id and a.attnum > 0 and not a.attisdropped`;

/** Whether repeats are recognised: (run, index) must be unique. */
export const HAS_KEY = `select 1 from pg_catalog.pg_index i where i.indrelid = to_regclass($1) and i.indisunique
  and i.indpred is null and (select array_agg(a.attname::text order by a.attname) from pg_catalog.pg_attribute a
    where a.attrelid = i.indrelid and a.attnum = any(i.indkey)) = array['index', 'run']`;

/** The hint for a table that is not there or has another shape. */
export function makeHint(names: readonly string[], shown: string): string {
  const plain = names.every((name) => /^\w+$/.test(name)) ? names.join('.') : quoted(names);
  return `case-tracker schema sql --table '${plain}' | psql '${shown.replace(/\?.*/, '')}'`;
}
