/** A table as a source and as a sink, put through the conformance suites. */

import { afterAll, beforeAll, describe } from 'vitest';
import type { CaseSource } from '../../src/core/ports.js';
import { Connection } from '../../src/io/postgres/connection.js';
import { loadDriver } from '../../src/io/postgres/driver.js';
import { tableInputs } from '../../src/io/postgres/inputs.js';
import { loginFor } from '../../src/io/postgres/login.js';
import { resultsSql } from '../../src/io/postgres/results-sql.js';
import { SteadyLink } from '../../src/io/postgres/steady-link.js';
import { TableSink } from '../../src/io/postgres/table-sink.js';
import { openSource } from '../../src/io/sources/file/file-source.js';
import { realClock } from '../../src/host.js';
import { type Postgres, postgresBin, startPostgres } from '../helpers/postgres-server.js';
import { type SourceSubject, sourceChecks } from './case-source.js';
import { conforms } from './checks.js';
import { type SinkSubject, sinkChecks } from './result-sink.js';

describe.skipIf(postgresBin === undefined)('PostgreSQL', () => {
  let pg: Postgres;
  let tables = 0;

  beforeAll(async () => {
    pg = await startPostgres();
  });
  afterAll(() => pg.close());

  conforms('a query', sourceChecks, () => querySubject());
  conforms('a results table', sinkChecks, () => resultsSubject());

  /** A table has one set of columns, so records with the same members after one another are a table. */
  function querySubject(): SourceSubject {
    return {
      open: (records) => open(tablesFor(records)),
      openBroken: (records) => open([...tablesFor(records), 'not_there']),
      openIdle: (records) => open([...tablesFor(records), view('select pg_sleep(600)::text as id')]),
    };
  }

  function tablesFor(records: readonly string[]): string[] {
    if (records.length === 0) return [view("select 'x' as id where false")];
    const groups: string[][] = [];
    let members = '';
    for (const record of records.map((text) => JSON.parse(text) as object)) {
      const names = Object.keys(record).join();
      if (names !== members) groups.push([]);
      members = names;
      groups.at(-1)?.push(rowOf({ ...('id' in record ? {} : { id: null }), ...record }));
    }
    return groups.map((rows) => view(rows.join(' union all ')));
  }

  function rowOf(record: object): string {
    const columns = Object.entries(record).map(([name, value]: [string, unknown]) => {
      if (typeof value === 'object')
        return `${value === null ? 'null' : `'${JSON.stringify(value)}'::json`} as ${name}`;
      return `${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)} as ${name}`;
    });
    return `select ${columns.join(', ')}`;
  }

  function view(query: string): string {
    const name = `cases_${++tables}`;
    pg.sql(`create view ${name} as ${query}`);
    return name;
  }

  async function open(names: readonly string[]): Promise<CaseSource> {
    const files = names.map((name) => pg.table(name));
    const inputs = await tableInputs(files, { env: {}, cwd: '/', query: undefined, idField: 'id' });
    return openSource({ files, tables: inputs, seed: 1 });
  }

  async function resultsSubject(): Promise<SinkSubject> {
    const name = `results_${++tables}`;
    pg.sql(resultsSql(name));
    const login = loginFor(pg.table(name), { env: {}, cwd: '/' });
    const driver = await loadDriver();
    const connection = await Connection.open(login, driver, realClock);
    const link = new SteadyLink({ login, driver, clock: realClock, random: () => 0.5, waitMs: 0 }, connection);
    const sink = new TableSink({ link, login, table: [name], run: `run-${tables}` });
    return {
      sink,
      stored: () =>
        pg
          .sql(`select case_id from ${name} order by stored_at, index`)
          .split('\n')
          .filter((id) => id !== ''),
      breakDown: () =>
        void pg.sql(`alter table ${name} rename to gone_${name}; alter table ${name}_runs rename to gone_${name}_runs`),
      mend: () =>
        void pg.sql(`alter table gone_${name} rename to ${name}; alter table gone_${name}_runs rename to ${name}_runs`),
      held: () => link.held,
    };
  }
});
