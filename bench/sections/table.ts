/** Cases from a table of PostgreSQL and results into one, against files. */

import { existsSync } from 'node:fs';
import { writeCases } from '../lib/cases.js';
import { atEnd, measure } from '../lib/child.js';
import { callFlags, type Client, enrichArgv, type Job } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { argvOf, clientsOf, enrichClients, OURS, type Program } from '../lib/programs.js';
import { compare } from '../lib/rounds.js';
import { startFast } from '../lib/server.js';
import { note } from '../lib/table.js';

const PROGRAMS = '/usr/lib/postgresql';

export async function table({ cases, limit, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  if (!existsSync(PROGRAMS)) return note(`table: left out, there is no PostgreSQL server in ${PROGRAMS}`);
  const { startPostgres } = await import('../../test/helpers/postgres-server.js');
  const file = writeCases(folder, cases);
  const database = await startPostgres();
  atEnd(() => database.close());
  const endpoint = await startFast(folder);
  try {
    database.sql(tableOfCases(cases));
    const { stdout: results } = await measure(argvOf(OURS, 'schema', 'sql', '--table', 'results'));
    const prepare = (): void =>
      void database.sql(
        `set client_min_messages = error; drop table if exists results, results_runs cascade; ${results}`,
      );
    const [from, into] = [database.table('cases'), database.table('results')];
    const ways = [
      clientsOf(programs, 'enrich, table to a journal', (program, job) => enrichArgv(program, { ...job, file: from })),
      clientsOf(programs, 'enrich, file to a table', (program, job) => toTable(program, job, file, into)),
      clientsOf(programs, 'enrich, table to a table', (program, job) => toTable(program, job, from, into)),
    ];
    const clients: Client[] = [
      ...enrichClients(programs),
      ...ways.flat().map((one) => Object.assign(one, { prepare })),
    ];
    const title = `Table: ${cases} cases, ${limit} in flight, ${endpoint.name} (floor: from a file to a journal)`;
    await compare(title, clients, { port: endpoint.port, folder, file, cases, limit }, rounds);
  } finally {
    await endpoint.stop();
    database.close();
  }
}

function toTable(program: Program, job: Job, from: string, into: string): string[] {
  return argvOf(program, 'enrich', from, ...callFlags(job), '-o', into);
}

/** The cases of `writeCases`, made by the database. */
function tableOfCases(count: number): string {
  return `create table cases as select 'CASE-' || lpad(n::text, 7, '0') as id,
    'Customer ' || n || ' can''t open the invoice of order ' || n * 7 as title,
    (array['open','in_progress','resolved','closed'])[n % 4 + 1] as status,
    (array['low','medium','high','critical'])[n % 4 + 1] as priority,
    'agent-' || n % 97 as assignee, array['billing', 'region-' || n % 11] as tags,
    timestamptz '2026-10-01T09:30:00Z' + n % 28 * interval '1 day' as "openedAt",
    date '2026-12-01' + n % 28 as "dueAt",
    json_build_object('tier', n % 3, 'since', 2010 + n % 15) as customer
    from generate_series(0, ${count - 1}) as n; alter table cases add primary key (id); analyze cases;`;
}
