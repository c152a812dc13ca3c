/** Results into a table of a real server: what is stored when something goes wrong. */

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EnrichmentResult } from '../../../src/core/case.js';
import { EnrichedCase } from '../../../src/core/case.js';
import { OutputError } from '../../../src/errors.js';
import { realClock } from '../../../src/host.js';
import { Connection } from '../../../src/io/postgres/connection.js';
import { loadDriver } from '../../../src/io/postgres/driver.js';
import { loginFor } from '../../../src/io/postgres/login.js';
import { batchesOf, idProblem, rowOf } from '../../../src/io/postgres/result-rows.js';
import { resultsSql } from '../../../src/io/postgres/results-sql.js';
import { type LinkWatcher, SteadyLink } from '../../../src/io/postgres/steady-link.js';
import { TableSink } from '../../../src/io/postgres/table-sink.js';
import { type Postgres, postgresBin, startPostgres } from '../../helpers/postgres-server.js';
import { enriched, runInfo, summary, unenriched } from '../../helpers/samples.js';
import { startProxy, type TcpProxy } from '../../helpers/tcp-proxy.js';
import { errorOf } from '../../ports/checks.js';

test('batches have at most 500 rows or 4 MiB, and a larger row is alone', () => {
  const rows = (count: number, length: number) =>
    Array.from({ length: count }, (_, at) => rowOf(unenriched('x'.repeat(length), 'failed'), at, 'run'));
  const sizes = (all: ReturnType<typeof rows>): number[] => [...batchesOf(all)].map((batch) => batch.length);
  expect(sizes(rows(1_200, 3))).toEqual([500, 500, 200]);
  expect(sizes(rows(9, 1_500_000))).toEqual([2, 2, 2, 2, 1]);
  expect(sizes(rows(2, 5_000_000))).toEqual([1, 1]);
  expect(sizes([])).toEqual([]);
});

test.each([
  ['a', true],
  ['x'.repeat(1_000_000), true],
  ['😀', true],
  ['a\0b', false],
  ['\ud83d', false],
  ['\ude00\ud83d', false],
])('the id %j can be stored: %s', (id, can) => {
  expect(idProblem(id) === undefined).toBe(can);
});

describe.skipIf(postgresBin === undefined)('a results table', () => {
  let pg: Postgres;
  let tables = 0;
  beforeAll(async () => {
    pg = await startPostgres();
  });
  afterAll(() => pg.close());

  interface Opened {
    readonly sink: TableSink;
    readonly link: SteadyLink;
    readonly name: string;
    readonly events: string[];
    readonly ids: () => string[];
  }

  async function open(options: { url?: string; waitMs?: number; silenceMs?: number } = {}): Promise<Opened> {
    const name = `results_${++tables}`;
    pg.sql(resultsSql(name));
    const { url = pg.url, waitMs = 20_000, silenceMs = 10_000 } = options;
    const login = loginFor(`${url}?table=${name}`, { env: {}, cwd: '/' });
    const driver = await loadDriver();
    const connection = await Connection.open(login, driver, realClock);
    const link = new SteadyLink({ login, driver, clock: realClock, random: () => 0.5, waitMs, silenceMs }, connection);
    const events: string[] = [];
    link.watch({ away: (problem) => events.push(problem), back: () => events.push('back') } satisfies LinkWatcher);
    const sink = new TableSink({ link, login, table: [name], run: '5e2ad6a0-0000-4000-8000-000000000001' });
    onTestFinished(() => sink.close());
    return { sink, link, name, events, ids: () => lines(pg.sql(`select case_id from ${name} order by index`)) };
  }

  async function proxied(): Promise<{ proxy: TcpProxy; url: string }> {
    const proxy = await startProxy({ path: `${pg.folder}/.s.PGSQL.${pg.port}` });
    onTestFinished(() => proxy.close());
    return { proxy, url: `postgres://postgres@127.0.0.1:${proxy.port}/postgres` };
  }

  test('a row has the result in its columns, and as a whole, to the last character', async () => {
    const { sink, name } = await open();
    const text =
      '{"id":"a","n":1.0,"big":12345678901234567890,"nul":"\\u0000","half":"\\ud800","far":1e999999,"dup":1,"dup":2}';
    await sink.write([{ ...enriched('a', { index: 7, key: 'k' }), enrichedCase: new EnrichedCase(text) }]);
    await sink.finish(runInfo(), summary({ total: 1 }));
    expect(
      pg.sql(
        `select run, index, case_id, status, key, attempts, substring(result::text from '"enrichedCase":(.*),"error"') from ${name}`,
      ),
    ).toBe(`5e2ad6a0-0000-4000-8000-000000000001|7|a|enriched|k|1|${text}`);
    expect(pg.sql(`select run, info->>'id' from ${name}_runs`)).toBe(
      `5e2ad6a0-0000-4000-8000-000000000001|${runInfo().id}`,
    );
  });

  test('ids of a megabyte are stored and found again', async () => {
    const { sink, name } = await open();
    await sink.write([enriched('é'.repeat(500_000), { index: 0 }), enriched('b', { index: 1 })]);
    expect(pg.sql(`select count(*) from ${name} where case_id = repeat('é', 500000)`)).toBe('1');
  });

  test('the view has the newest result of each case; an invalid one only where there is nothing else', async () => {
    const { sink, name } = await open();
    const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
    await sink.write([
      unenriched('a', 'failed', { index: 0, at: at(1) }),
      enriched('a', { index: 1, at: at(2) }),
      unenriched('a', 'invalid', { index: 2, at: at(3) }),
      unenriched('b', 'invalid', { index: 3, at: at(1) }),
    ]);
    expect(lines(pg.sql(`select case_id, status from ${name}_latest order by 1`))).toEqual(['a|enriched', 'b|invalid']);
  });

  test('a row that the table refuses is named; all others are stored, those of later writes too', async () => {
    const { sink, name, ids } = await open();
    pg.sql(`alter table ${name} add check (case_id <> 'poison')`);
    const results = (from: number): EnrichmentResult[] =>
      Array.from({ length: 600 }, (_, at) =>
        enriched(from + at === 77 ? 'poison' : `c${from + at}`, { index: from + at }),
      );
    const error = (await errorOf(() => sink.write(results(0)))) as OutputError;
    expect(error).toBeInstanceOf(OutputError);
    expect(error.stored).toBe(77);
    expect(error.details.join('\n')).toMatch(/poison: new row .* violates check constraint/);
    const later = (await errorOf(() => sink.write(results(600)))) as OutputError;
    expect(later.stored).toBe(600);
    expect(later.details).toContain('1 answered and not saved: poison');
    expect(ids()).toHaveLength(1_199);
    expect(await errorOf(() => sink.finish(runInfo(), summary()))).toBeInstanceOf(OutputError);
  });

  test('an answer that is lost after the commit: the rows are sent again and are there once', async () => {
    const { proxy, url } = await proxied();
    const { sink, events, ids } = await open({ url });
    proxy.loseAnswers(/insert into/, 2);
    await sink.write([enriched('a', { index: 0 }), enriched('b', { index: 1 })]);
    expect(ids()).toEqual(['a', 'b']);
    expect(events).toEqual([expect.stringMatching(/connection was lost/), 'back']);
  });

  test('a connection that is frozen is given up, and another one takes over', async () => {
    const { proxy, url } = await proxied();
    const { sink, link, ids } = await open({ url: `${url}`, silenceMs: 300 });
    await sink.write([enriched('a', { index: 0 })]);
    proxy.freeze();
    const thaw = { away: () => proxy.thaw(), back: () => {} };
    link.watch(thaw);
    await sink.write([enriched('b', { index: 1 })]);
    expect(ids()).toEqual(['a', 'b']);
  });

  test.each(['terminated', 'terminated while idle', 'stopped at once', 'read-only'] as const)(
    'a server that is %s: said once, waited for, nothing twice and nothing lost',
    async (how) => {
      const { sink, link, events, ids } = await open();
      await sink.write([enriched('a', { index: 0 })]);
      const backAgain = await bringDown(how);
      link.watch({
        away(problem) {
          events.push(problem);
          void backAgain();
        },
        back: () => events.push('back'),
      });
      await sink.write([enriched('b', { index: 1 }), enriched('c', { index: 2 })]);
      await sink.finish(runInfo(), summary());
      expect(ids()).toEqual(['a', 'b', 'c']);
      expect(events.length).toBe(how === 'terminated while idle' ? 0 : 2);
    },
  );

  /** Returns what makes it work again. */
  async function bringDown(
    how: 'terminated' | 'terminated while idle' | 'stopped at once' | 'read-only',
  ): Promise<() => Promise<void>> {
    const nothing = (): Promise<void> => Promise.resolve();
    if (how === 'read-only') {
      // As after a failover, when the old primary is a standby now.
      pg.sql('alter system set default_transaction_read_only = on; select pg_reload_conf()');
      pg.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'case-tracker'");
      return async () =>
        void pg.sql(
          'begin read write; select 1; commit; set default_transaction_read_only = off; alter system reset default_transaction_read_only; select pg_reload_conf()',
        );
    }
    if (how === 'stopped at once') {
      pg.stop('immediate');
      return () => pg.start();
    }
    pg.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'case-tracker'");
    if (how === 'terminated while idle') await new Promise((resolve) => setTimeout(resolve, 50));
    return nothing;
  }

  test('when the wait is over each answered case that is not stored is named', async () => {
    const { sink, ids } = await open({ waitMs: 300 });
    await sink.write([enriched('a', { index: 0 })]);
    pg.stop('immediate');
    const error = (await errorOf(() =>
      sink.write([enriched('b', { index: 1 }), enriched('c', { index: 2 })]),
    )) as OutputError;
    expect(error).toMatchObject({ exitCode: 5, stored: 0 });
    expect(error.message).toContain('nothing listens at the socket');
    expect(error.details).toEqual(['2 answered and not saved: b, c']);
    await pg.start();
    expect(await errorOf(() => sink.write([enriched('d', { index: 3 })]))).toBeInstanceOf(OutputError);
    expect(ids()).toEqual(['a']);
  });

  test('a table that is dropped, or taken away, is said at once', async () => {
    for (const sql of ['drop table NAME cascade', 'alter table NAME add column more int not null']) {
      const { sink, name, events } = await open();
      pg.sql(sql.replace('NAME', name));
      const error = await errorOf(() => sink.write([enriched('a')]));
      expect(error).toBeInstanceOf(OutputError);
      expect(events).toEqual([]);
    }
  });

  test('a hurry ends the wait', async () => {
    const { sink, link } = await open({ waitMs: 600_000 });
    pg.stop('immediate');
    link.watch({ away: () => link.hurry(0), back: () => {} });
    expect(await errorOf(() => sink.write([enriched('a')]))).toBeInstanceOf(OutputError);
    await pg.start();
  });
});

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
