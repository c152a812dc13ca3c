/** Reading rows from a real server: their text, and how the reading ends. */

import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { unescaped } from '../../../src/io/postgres/copy-text.js';
import { tableInputs } from '../../../src/io/postgres/inputs.js';
import { readRows, type RowsOptions, type TableInput } from '../../../src/io/postgres/rows.js';
import { type Postgres, postgresBin, startPostgres } from '../../helpers/postgres-server.js';
import { startProxy, type TcpProxy } from '../../helpers/tcp-proxy.js';

describe.skipIf(postgresBin === undefined)('rows of PostgreSQL', () => {
  let pg: Postgres;
  beforeAll(async () => {
    pg = await startPostgres();
    pg.sql('create table none (id int)');
  });
  afterAll(() => pg.close());

  async function input(query: string, url = pg.url, idField = 'id'): Promise<TableInput> {
    const inputs = await tableInputs([url], { env: {}, cwd: '/', query, idField });
    return inputs.get(url) as TableInput;
  }

  /** The rows as texts, and the error that the reading ended with. */
  async function read(
    query: string,
    options: RowsOptions & { url?: string } = {},
  ): Promise<{ rows: string[]; error: unknown }> {
    const pieces: Buffer[] = [];
    let error: unknown;
    try {
      for await (const piece of readRows(await input(query, options.url), options)) pieces.push(Buffer.from(piece));
    } catch (caught) {
      error = caught;
    }
    const lines = Buffer.concat(pieces).toString().split('\n').slice(0, -1);
    return { rows: lines.map(unescaped), error };
  }

  async function proxied(): Promise<{ proxy: TcpProxy; url: string }> {
    const proxy = await startProxy({ path: `${pg.folder}/.s.PGSQL.${pg.port}` });
    onTestFinished(() => proxy.close());
    return { proxy, url: `postgres://postgres@127.0.0.1:${proxy.port}/postgres` };
  }

  test.each([
    ['12345678901234567890.10::numeric', '12345678901234567890.10'],
    ["'NaN'::float8", '"NaN"'],
    ["'-Infinity'::float8", '"-Infinity"'],
    ["'NaN'::numeric", '"NaN"'],
    ['0.1::float8 + 0.2::float8', '0.30000000000000004'],
    ['9223372036854775807::int8', '9223372036854775807'],
    ["'1e400'::json", '1e400'],
    ['\'{"b": 1.0,"a":  1e3, "b":2}\'::json', '{"b": 1.0,"a":  1e3, "b":2}'],
    ['\'{"a":\n1}\'::json', '{"a":\n1}'],
    ['\'{"b":1,"a":2}\'::jsonb', '{"a": 2, "b": 1}'],
    ["'0044-03-15 BC'::date", '"0044-03-15 BC"'],
    ["'infinity'::timestamptz", '"infinity"'],
    ["'2026-01-02 03:04:05.678+09'::timestamptz", '"2026-01-01T18:04:05.678+00:00"'],
    ["'1 year 2 days 03:00'::interval", '"P1Y2DT3H"'],
    ['int4range(1, 10)', '"[1,10)"'],
    ["array['a', null, 'b\"c']", '["a",null,"b\\"c"]'],
    ["'\\xdeadbeef'::bytea", '"\\\\xdeadbeef"'],
    ["'12.34'::money", '"$12.34"'],
    ['true', 'true'],
    ['null::text', 'null'],
    ['\'back\\slash "quote" tab\t ü 😀\'::text', '"back\\\\slash \\"quote\\" tab\\t ü 😀"'],
  ])('%s is read as %s', async (expression, text) => {
    const { rows, error } = await read(`select 1 as id, ${expression} as v`);
    expect(error).toBeUndefined();
    expect(rows).toEqual([`{"id":1,"v":${text}}`]);
  });

  test('enums and domains, and columns with any name, also twice', async () => {
    pg.sql("create type color as enum ('red'); create domain posint as int check (value > 0)");
    const { rows } = await read(
      `select 1 as id, 'red'::color as "Row", 5::posint as t, 'q' as "say ""x""", 1 as a, 2 as a`,
    );
    expect(rows).toEqual(['{"id":1,"Row":"red","t":5,"say \\"x\\"":"q","a":1,"a":2}']);
  });

  test('the text does not depend on the settings of the session', async () => {
    pg.sql(
      'create role elsewhere superuser login; create table times (id int, at timestamptz, span interval, raw bytea)',
    );
    pg.sql(`alter role elsewhere set timezone='Asia/Tokyo'; alter role elsewhere set intervalstyle='postgres';
      alter role elsewhere set bytea_output='escape'; alter role elsewhere set datestyle='German'`);
    pg.sql(String.raw`insert into times values (1, '2026-01-02 03:04:05+00', '1 day', '\x00ff')`);
    const here = await read('select * from times');
    const there = await read('select * from times', { url: pg.url.replace('postgres@', 'elsewhere@') });
    expect(here.rows).toHaveLength(1);
    expect(there.rows).toEqual(here.rows);
  });

  test('a table of 1,600 columns, a view, an empty table, and 10 MB in one value', async () => {
    const columns = Array.from({ length: 1_600 }, (_, at) => `c${at} int`);
    pg.sql(`create table wide (id int, ${columns.slice(1).join(', ')}); insert into wide (id, c7) values (1, 7)`);
    expect(JSON.parse((await read('select * from wide')).rows[0] ?? '')).toMatchObject({ id: 1, c7: 7, c1599: null });
    pg.sql('create view one_row as select 1 as id');
    expect((await read('select * from one_row')).rows).toEqual(['{"id":1}']);
    expect(await read('select * from none')).toEqual({ rows: [], error: undefined });
    const big = await read("select 1 as id, convert_to(repeat('x', 10000000), 'UTF8') as raw");
    expect(big.rows[0]?.length).toBeGreaterThan(20_000_000);
  });

  test.each([
    ['select 1 as id, 2 as id2 -- the end', 1],
    ['select 1 as id;', 1],
    ['select 1 as id\r\nunion all\r\nselect 2\r\n;\r\n', 2],
    ['with a as (select generate_series(1, 3) as id) select * from a', 3],
    ['values (1)', 0],
  ])('%j has %i rows', async (query, count) => {
    const { rows, error } = await read(query);
    expect(rows).toHaveLength(count);
    if (count === 0) expect((error as InputError).details).toEqual(['its columns are column1']);
  });

  test.each([
    ['select id\nfrom nowhere', 'relation "nowhere" does not exist', 'line 2, column 6: from nowhere'],
    ["select 'ü😀' as id, oops", 'column "oops" does not exist', "line 1, column 20: select 'ü😀' as id, oops"],
    ['delete from none returning *', 'syntax error at or near "from"', 'line 1, column 8'],
    ['select 1 as id; select 2', 'syntax error at or near ";"', 'line 1, column 15'],
    ['with gone as (delete from none returning *) select * from gone', 'must be at the top level', ''],
  ])('%j is refused with its place', async (query, message, place) => {
    const { rows, error } = await read(query);
    expect(rows).toEqual([]);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toContain(message);
    expect((error as InputError).details.join()).toContain(place);
  });

  test('a query can change nothing', async () => {
    pg.sql(
      "create table changed (id int); create function change() returns int language sql as 'insert into changed values (1) returning id'",
    );
    const { error } = await read('select change() as id');
    expect((error as InputError).message).toContain('read-only transaction');
    expect(pg.sql('select count(*) from changed')).toBe('0');
  });

  test('the transaction is over while the rows are still being read', async () => {
    pg.sql("create table long as select g as id, repeat('x', 200) as x from generate_series(1, 20000) g");
    const pieces = readRows(await input('select * from long'));
    await pieces.next();
    await until(() => pg.sql("select count(*) from pg_stat_activity where application_name = 'case-tracker'") === '0');
    let bytes = 0;
    for await (const piece of pieces) bytes += piece.length;
    expect(bytes).toBeGreaterThan(4_000_000);
  });

  test('the spool file has no name, and is gone when the reading has ended', async () => {
    const spools = (): string[] =>
      readdirSync('/proc/self/fd').flatMap((fd) => {
        try {
          const path = readlinkSync(`/proc/self/fd/${fd}`);
          return path.includes('case-tracker-spool-') ? [path] : [];
        } catch {
          return [];
        }
      });
    const pieces = readRows(await input("select g as id, repeat('x', 1000) from generate_series(1, 2000) g"));
    await pieces.next();
    expect(spools()).toEqual([expect.stringMatching(/\(deleted\)$/)]);
    await pieces.return();
    expect(spools()).toEqual([]);
  });

  test('whoever wants no more ends the query on the server too', async () => {
    const pieces = readRows(
      await input(
        "select g as id, repeat('x', 9000) || pg_sleep(case when g > 3 then 600 else 0 end) from generate_series(1, 9) g",
      ),
    );
    await pieces.next();
    await pieces.return();
    await until(() => pg.sql("select count(*) from pg_stat_activity where query like 'copy%'") === '0');
  });

  test('a signal ends a query that has sent nothing yet', async () => {
    const stop = new AbortController();
    const reading = read('select pg_sleep(600)::text as id', { signal: stop.signal });
    await until(() => pg.sql("select count(*) from pg_stat_activity where query like 'copy%'") === '1');
    stop.abort();
    expect((await reading).error).toBeInstanceOf(InputError);
    await until(() => pg.sql("select count(*) from pg_stat_activity where query like 'copy%'") === '0');
  });

  test.each(['pg_terminate_backend', 'pg_cancel_backend'])(
    '%s in the middle: the rows that came, then an error',
    async (end) => {
      const reading = read(
        "select g as id, repeat('x', 9000), pg_sleep(case when g > 20 then 600 else 0 end) from generate_series(1, 50) g",
      );
      await until(
        () =>
          pg.sql("select count(*) from pg_stat_activity where query like 'copy%' and wait_event = 'PgSleep'") === '1',
      );
      pg.sql(`select ${end}(pid) from pg_stat_activity where query like 'copy%'`);
      const { rows, error } = await reading;
      expect(error).toBeInstanceOf(InputError);
      expect(rows.length).toBeGreaterThan(5);
      expect(rows.length).toBeLessThanOrEqual(20);
      for (const [at, row] of rows.entries()) expect((JSON.parse(row) as { id: number }).id).toBe(at + 1);
    },
  );

  test('a connection on which nothing comes any more is told from a query that takes long', async () => {
    const { proxy, url } = await proxied();
    const slow = await read('select 1 as id, pg_sleep(0.5)', { url, silenceMs: 100 });
    expect(slow).toMatchObject({ rows: [expect.stringContaining('"id":1')], error: undefined });
    expect(proxy.connections).toBeGreaterThan(2);
    const reading = read('select pg_sleep(600)::text as id', { url: `${url}?connect_timeout=1`, silenceMs: 200 });
    await until(() => pg.sql("select count(*) from pg_stat_activity where query like 'copy%'") === '1');
    proxy.freeze();
    expect((await reading).error).toBeInstanceOf(InputError);
    pg.sql("select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy%'");
  });

  test('the end counts only when the server has sent as many rows', async () => {
    const { proxy, url } = await proxied();
    proxy.rewrite((bytes) => Buffer.from(bytes.toString('latin1').replace('COPY 3\0', 'COPY 4\0'), 'latin1'));
    const { rows, error } = await read('select g as id from generate_series(1, 3) g', { url });
    expect(rows).toHaveLength(3);
    expect((error as InputError).message).toMatch(/3 rows came, and the server has sent 4/);
  });

  test('many rows arrive unchanged', async () => {
    const { rows } = await read('select g as id, md5(g::text) as m from generate_series(1, 50000) g');
    const expected = Array.from({ length: 50_000 }, (_, at) => `{"id":${at + 1},"m":"${md5(String(at + 1))}"}`);
    expect(md5(rows.join('\n'))).toBe(md5(expected.join('\n')));
  });
});

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** Asks until it is so; a test that waits in vain runs into its timeout. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
