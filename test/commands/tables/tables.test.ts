/** Tables on the command line, in this process: sources, results, resume, reports, and what is refused. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { resultsSql } from '../../../src/io/postgres/results-sql.js';
import { CaseEndpoint } from '../../helpers/case-endpoint.js';
import { folderWith } from '../../helpers/folder.js';
import { type Postgres, postgresBin, startPostgres } from '../../helpers/postgres-server.js';
import { type MainOptions, type Outcome, runMain, startMain } from '../../helpers/run-main.js';

describe.skipIf(postgresBin === undefined)('tables', () => {
  let pg: Postgres;
  let server: CaseEndpoint;
  const outcomes: Outcome[] = [];

  beforeAll(async () => {
    pg = await startPostgres({
      tcp: true,
      access: ['host all locked 127.0.0.1/32 scram-sha-256', 'host all banned 127.0.0.1/32 reject'],
    });
    server = await CaseEndpoint.start();
    pg.sql(`create role locked login password 'ge@he:im%"1'; create role banned login; create role poor login;
      create schema hidden; create table hidden.cases (id text); grant select on hidden.cases to poor;
      create table cases (id text, title text, n numeric);
      insert into cases select 'C-' || g, 'title ' || g, g from generate_series(1, 20) g; grant select on cases to locked`);
  });
  afterAll(async () => {
    await server.close();
    pg.close();
  });
  afterEach(() => {
    server.reset();
    // Whatever a test did: no output has the password in it.
    for (const { stdout, stderr } of outcomes.splice(0)) expect(stdout + stderr).not.toMatch(/ge@he|ge%40he|he:im/);
  });

  async function ct(args: readonly string[], options: MainOptions = {}): Promise<Outcome> {
    const outcome = await runMain(args, { random: Math.random, ...options });
    outcomes.push(outcome);
    return outcome;
  }

  function results(name: string): string {
    pg.sql(`drop table if exists ${name}, ${name}_runs cascade; ${resultsSql(name)}`);
    return pg.table(name);
  }

  const enrich = (source: readonly string[], output: string, ...more: readonly string[]): Promise<Outcome> =>
    ct(['enrich', ...source, '--endpoint', server.url, '-o', output, ...more]);

  test('list, count, filters, --first, shards, validate', async () => {
    const cases = pg.table('cases');
    expect((await ct(['list', cases, '--count'])).stdout).toBe('20\n');
    expect((await ct(['list', cases, '--first', '1', '--format', 'ndjson'])).stdout).toBe(
      '{"id":"C-1","title":"title 1","n":1}\n',
    );
    expect((await ct(['list', cases, '--where', 'title=title 7', '--format', 'ndjson'])).stdout).toContain('"C-7"');
    const shards = await Promise.all(
      ['1/3', '2/3', '3/3'].map((shard) => ct(['list', cases, '--shard', shard, '--count'])),
    );
    expect(shards.reduce((sum, { stdout }) => sum + Number(stdout), 0)).toBe(20);
    expect((await ct(['validate', cases])).code).toBe(0);
    const query = ['--query', 'select case when n = 2 then null else id end as id from cases where n < 4'];
    const judged = await ct(['validate', pg.url, ...query]);
    expect(judged.code).toBe(1);
    expect(judged.stdout).toMatch(/postgres:\/\/.*:2: .*id/);
  });

  test('a query comes from a file too, and a column by another name is the id', async () => {
    const cwd = folderWith({ 'q.sql': 'select n as number\r\nfrom cases\r\nwhere n > 18;\r\n' });
    const { stdout } = await ct(['list', pg.url, '--query', '@q.sql', '--id-field', 'number', '--format', 'ndjson'], {
      cwd,
    });
    expect(stdout).toBe('{"number":19}\n{"number":20}\n');
  });

  test('from table to table: every case once, then nothing more; what changed or failed is called again', async () => {
    const output = results('run_1');
    server.fail('C-3', 404, 1);
    const first = await enrich([pg.table('cases')], output);
    expect(first).toMatchObject({ code: 1, stdout: '' });
    expect(server.calls()).toBe(20);
    expect(pg.sql('select status, count(*), count(distinct run) from run_1 group by 1 order by 1')).toBe(
      'enriched|19|1\nfailed|1|1',
    );
    expect(pg.sql("select info->>'complete', summary->>'total' from run_1_runs")).toBe('true|20');

    const refused = await enrich([pg.table('cases')], output);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toMatch(/already holds results[\s\S]*--resume[\s\S]*truncate/);

    pg.sql("update cases set title = 'other' where id = 'C-5'");
    server.reset();
    const again = await enrich([pg.table('cases')], output, '--resume');
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/resumed: 18 enriched before, 1 not yet enriched, 0 new, 1 changed/);
    expect(server.ids()).toEqual(['C-3', 'C-5']);
    expect(pg.sql('select count(*), count(distinct case_id), count(distinct run) from run_1')).toBe('22|20|2');
    expect(pg.sql("select count(*) from run_1_latest where status = 'enriched'")).toBe('20');
    pg.sql("update cases set title = 'title 5' where id = 'C-5'");
  });

  test('--only, cases that are gone, and invalid records with ids that no column can hold', async () => {
    const output = results('run_2');
    const cwd = folderWith({
      'a.ndjson': '{"id":"a\\u0000b"}\n{"id":"\\ud800"}\n{"id":"good"}\n{"id":"gone"}\n{"no":"id"}\n',
    });
    const first = await runMain(['enrich', 'a.ndjson', '--endpoint', server.url, '-o', output], { cwd });
    expect(first.code).toBe(1);
    expect(first.stderr).toContain('the id has a NUL character');
    expect(server.ids()).toEqual(['gone', 'good']);
    expect(pg.sql('select count(*), count(case_id) from run_2')).toBe('5|2');
    writeFileSync(join(cwd, 'a.ndjson'), '{"id":"good"}\n{"id":"new"}\n');
    server.reset();
    const only = await runMain(
      ['enrich', 'a.ndjson', '--endpoint', server.url, '-o', output, '--resume', '--only', 'missing'],
      { cwd },
    );
    expect(only.stderr).toMatch(/1 enriched before, 0 not yet enriched, 1 new, 1 no longer in the input/);
    expect(server.ids()).toEqual(['new']);
  });

  test('four shards into one table, and the report of it is that of the journals', async () => {
    const output = results('run_3');
    const cwd = folderWith();
    server.fail('C-7', 404);
    const shards = ['1/4', '2/4', '3/4', '4/4'];
    await Promise.all(shards.map((shard) => enrich([pg.table('cases')], output, '--resume', '--shard', shard)));
    expect(pg.sql('select count(*), count(distinct case_id), count(distinct run) from run_3')).toBe('20|20|4');
    const table = await ct(['report', output, '--expect', pg.table('cases'), '--format', 'json']);
    expect(table.code).toBe(0);
    expect(JSON.parse(table.stdout)).toMatchObject({ summary: { total: 20, enriched: 19, failed: 1 } });
    const saved = await ct(['report', output, '-o', 'out.ndjson'], { cwd });
    expect(saved.code).toBe(0);
    const read = (text: string): unknown => (JSON.parse(text) as { summary: unknown }).summary;
    const journal = await ct(['report', 'out.ndjson', '--format', 'json'], { cwd });
    expect(read(journal.stdout)).toEqual(read(table.stdout));
  });

  test('a journal is loaded once, however often; what it has more is added', async () => {
    const output = results('run_4');
    const cwd = folderWith();
    server.fail('C-3', 404, 1);
    const journal = ['enrich', pg.table('cases'), '--endpoint', server.url, '-o', 'run.ndjson'];
    await ct(journal, { cwd });
    const load = (): Promise<Outcome> => ct(['report', 'run.ndjson', '-o', output], { cwd });
    expect(await load()).toMatchObject({ code: 0, stdout: '', stderr: '20 results: 20 added, 0 there already\n' });
    expect((await load()).stderr).toBe('20 results: 0 added, 20 there already\n');
    await ct([...journal, '--resume'], { cwd });
    expect((await load()).stderr).toBe('20 results: 1 added, 19 there already\n');
    expect(pg.sql('select count(*) from run_4_runs')).toBe('2');
    const inTable = await ct(['report', output, '--format', 'ndjson']);
    const inFile = readFileSync(join(cwd, 'run.ndjson'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"enriched"'));
    expect(
      inTable.stdout
        .split('\n')
        .filter((line) => line.includes('"caseId"'))
        .toSorted(),
    ).toEqual(inFile.filter((line) => line.startsWith('{"caseId"')).toSorted());
    server.reset();
    await enrich([pg.table('cases')], output, '--resume');
    expect(server.calls()).toBe(0);
  });

  test('report --expect tells from tables what is missing', async () => {
    const output = results('run_5');
    await enrich([pg.url], output, '--query', 'select id from cases where n < 11');
    const judged = await ct(['report', output, '--expect', pg.table('cases'), '--format', 'json']);
    expect(judged.code).toBe(1);
    expect(judged.stderr).toMatch(/missing: 10 expected cases/);
    const query = await ct([
      'report',
      output,
      '--expect',
      pg.url,
      '--query',
      'select id from cases where n < 11',
      '--format',
      'json',
    ]);
    expect(query.code).toBe(0);
  });

  test('a value that the database refuses: exit 5 names the case, and what is counted is stored', async () => {
    const output = results('run_6');
    pg.sql("alter table run_6 add check (case_id <> 'C-9')");
    const { code, stderr } = await enrich([pg.table('cases')], output, '--limit', '1');
    expect(code).toBe(5);
    expect(stderr).toMatch(/refuses a\s+result[\s\S]*C-9: new row/);
    const counted = Number(/Cases +(\d+)/.exec(stderr)?.[1]);
    expect(counted).toBeLessThanOrEqual(Number(pg.sql('select count(*) from run_6')));
  });

  test('while the database is away no call is made; it is said once, and once that it is back', async () => {
    const output = results('run_7');
    const source = folderWith({ 'a.ndjson': Array.from({ length: 300 }, (_, at) => `{"id":"D-${at}"}\n`).join('') });
    const away = startMain(['enrich', 'a.ndjson', '--endpoint', server.url, '-o', output], {
      cwd: source,
      random: Math.random,
    });
    await until(() => server.calls() > 40);
    pg.stop('immediate');
    await until(() => away.stderr().includes('no new call meanwhile'));
    await settle();
    const begun = server.calls();
    await settle();
    expect(server.calls()).toBe(begun);
    await pg.start();
    const { code, stderr } = await away.ended;
    expect(code).toBe(0);
    expect(stderr.match(/no new call meanwhile/g)).toHaveLength(1);
    expect(stderr).toMatch(/is back after/);
    expect(pg.sql('select count(*), count(distinct case_id) from run_7')).toBe('300|300');
    expect(server.calls()).toBe(300);
  });

  test('a database that stays away: exit 5 after --output-wait, each unsaved case named, none of them counted', async () => {
    const output = results('run_8');
    const cwd = folderWith({ 'a.ndjson': Array.from({ length: 300 }, (_, at) => `{"id":"E-${at}"}\n`).join('') });
    const run = startMain(['enrich', 'a.ndjson', '--endpoint', server.url, '-o', output, '--output-wait', '200ms'], {
      cwd,
      random: Math.random,
    });
    await until(() => server.calls() > 40);
    pg.stop('immediate');
    const { code, stderr } = await run.ended;
    await pg.start();
    expect(code).toBe(5);
    expect(stderr).toMatch(/cannot write postgres:.*answered and not saved: E-/s);
    const counted = Number(/Cases +(\d+)/.exec(stderr)?.[1]);
    const unsaved = Number(/(\d+) answered and not saved/.exec(stderr)?.[1]);
    const stored = Number(pg.sql('select count(*) from run_8'));
    expect(counted).toBeLessThanOrEqual(stored);
    expect(server.calls() - stored).toBeLessThanOrEqual(unsaved);
    expect(unsaved).toBeLessThanOrEqual(20);
  });

  const at = (user: string, more = ''): string => `postgres://${user}@127.0.0.1:${pg.port}/postgres?table=cases${more}`;
  test.each<[string, () => string[], number, RegExp, Record<string, string>?]>([
    ['no server', () => ['postgres://u@127.0.0.1:1/d?table=a'], 3, /nothing listens at 127\.0\.0\.1:1/],
    ['no socket', () => ['postgres://u@%2Fnowhere/d?table=a'], 3, /nothing listens at the socket in \/nowhere/],
    ['no host', () => ['postgres://u@host.invalid/d?table=a&sslmode=disable'], 3, /there is no host host\.invalid/],
    [
      'no database',
      () => [pg.table('cases').replace('/postgres?', '/nope?')],
      3,
      /database "nope" does not exist[\s\S]*createdb/,
    ],
    ['no user', () => [pg.table('cases').replace('postgres@', 'nobody@')], 3, /role "nobody" does not exist/],
    ['no password', () => [at('locked')], 3, /asks for a password[\s\S]*PGPASSWORD/, { HOME: '/nowhere' }],
    ['a wrong password', () => [at('locked:wrong-geheim')], 3, /password authentication failed[\s\S]*PGPASSWORD/],
    ['a wrong PGPASSWORD', () => [at('locked')], 3, /password authentication failed/, { PGPASSWORD: 'wrong ge@heim' }],
    ['a log-in that is forbidden', () => [at('banned')], 3, /pg_hba\.conf rejects/],
    [
      'no right to the table',
      () => [pg.table('cases').replace('postgres@', 'poor@')],
      3,
      /permission denied for table cases[\s\S]*grant select/,
    ],
    [
      'no right to the schema',
      () => [pg.table('hidden.cases').replace('postgres@', 'poor@')],
      3,
      /permission denied for schema hidden[\s\S]*grant usage on schema hidden to poor/,
    ],
    ['no table', () => [pg.table('Cases')], 3, /relation "Cases" does not exist[\s\S]*upper and lower case/],
    ['TLS that is not there', () => [at('locked:x', '&sslmode=verify-full')], 3, /has no TLS/],
    ['several hosts', () => ['postgres://a,b/d?table=a'], 2, /several hosts/],
    ['a parameter', () => ['postgres://h/d?tabel=a&table=b'], 2, /tabel that is not known[\s\S]*table\?/],
    ['a weak sslmode', () => ['postgres://h/d?table=a&sslmode=require'], 2, /does not check who answers/],
    ['neither table nor query', () => ['postgres://h/d'], 2, /names no table/],
    ['table and query', () => ['postgres://h/d?table=a', '--query', 'select 1'], 2, /both a table and --query/],
    ['a query and no database', () => ['cases.json', '--query', 'select 1'], 2, /--query needs a database/],
    ['an empty query', () => [pg.url, '--query', ' ; '], 2, /--query is empty/],
    ['a password that is cut', () => ['postgres://u:ge@he:im/d@h/d?table=a'], 2, /not escaped/],
    ['a table named twice', () => [pg.table('cases'), pg.table('cases')], 2, /named twice/],
  ])('%s', async (_, args, code, message, env = {}) => {
    const outcome = await ct(['list', ...args()], { env });
    expect(outcome.stderr).toMatch(message);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).not.toContain('wrong-geheim');
  });

  test.each<[string, () => string[], number, RegExp]>([
    [
      'no such table',
      () => ['-o', pg.table('nope')],
      2,
      /there is no table "nope"[\s\S]*schema sql --table 'nope' \| psql/,
    ],
    [
      'another shape',
      () => ['-o', pg.table('cases'), '--query', 'select 1 as id', pg.url],
      2,
      /is an input|is no results table/,
    ],
    [
      'no view',
      () => ['-o', (results('bare'), pg.sql('drop view bare_latest'), pg.table('bare'))],
      2,
      /no view "bare_latest"/,
    ],
    [
      'no runs',
      () => ['-o', (results('bare'), pg.sql('drop table bare_runs'), pg.table('bare'))],
      2,
      /"bare_runs" is not there/,
    ],
    [
      'no key',
      () => ['-o', (results('bare'), pg.sql('alter table bare drop constraint bare_pkey'), pg.table('bare'))],
      2,
      /is not its key/,
    ],
    [
      'a column less',
      () => ['-o', (results('bare'), pg.sql('alter table bare drop column key cascade'), pg.table('bare'))],
      2,
      /no column key text/,
    ],
    [
      'jsonb',
      () => [
        '-o',
        (results('bare'), pg.sql('drop view bare_latest; alter table bare alter result type jsonb'), pg.table('bare')),
      ],
      2,
      /no column result json/,
    ],
    ['no server', () => ['-o', 'postgres://u@127.0.0.1:1/d?table=a'], 3, /nothing listens/],
    ['no table named', () => ['-o', pg.url], 2, /names no table/],
    ['--overwrite', () => ['-o', pg.table('results'), '--overwrite'], 2, /does not empty a table[\s\S]*truncate/],
    ['--order input', () => ['-o', pg.table('results'), '--order', 'input'], 2, /a table has no order/],
    ['--format json', () => ['-o', pg.table('results'), '--format', 'json'], 2, /has no form json/],
    ['a dead letter', () => ['--dead-letter', pg.table('dead')], 2, /--dead-letter is a case file/],
  ])('as an output: %s', async (_, args, code, message) => {
    const cwd = folderWith({ 'a.ndjson': '{"id":"a"}\n' });
    const outcome = await ct(['enrich', 'a.ndjson', '--endpoint', server.url, ...args()], { cwd });
    expect(outcome.stderr).toMatch(message);
    expect(outcome.code).toBe(code);
    expect(server.calls()).toBe(0);
  });

  test('no right to insert: said with the first result, nothing counted', async () => {
    results('kept');
    pg.sql('grant select on kept, kept_runs to poor');
    const outcome = await enrich([pg.table('cases')], pg.table('kept').replace('postgres@', 'poor@'));
    expect(outcome.code).toBe(5);
    expect(outcome.stderr).toMatch(/permission denied for table kept[\s\S]*grant/);
    expect(outcome.stderr).toMatch(/Cases +0 /);
  });

  test('what list and report can not write is refused', async () => {
    expect((await ct(['list', pg.table('cases'), '-o', pg.table('x')])).stderr).toContain('list writes files');
    const cwd = folderWith();
    await ct(['enrich', pg.table('cases'), '--endpoint', server.url, '-o', 'run.ndjson'], { cwd });
    const html = await ct(['report', 'run.ndjson', '-o', pg.table('x'), '--format', 'html'], { cwd });
    expect(html).toMatchObject({ code: 2, stderr: expect.stringContaining('no form html') as string });
    const same = await ct(['report', results('same'), '-o', pg.table('same')]);
    expect(same).toMatchObject({ code: 2, stderr: expect.stringContaining('is an input') as string });
    expect((await ct(['report', pg.table('cases')])).stderr).toContain('is no results table');
  });

  test('a password works from the URL, from PGPASSWORD and from .pgpass, and stands in no output, journal or report', async () => {
    const url = at('locked:ge%40he%3Aim%25%221');
    expect((await ct(['list', url, '--count'])).stdout).toBe('20\n');
    expect((await ct(['list', at('locked'), '--count'], { env: { PGPASSWORD: 'ge@he:im%"1' } })).stdout).toBe('20\n');
    const cwd = folderWith({ pass: `127.0.0.1:*:*:locked:ge@he\\:im%"1\n` });
    const { chmodSync } = await import('node:fs');
    chmodSync(join(cwd, 'pass'), 0o600);
    const env = { PGPASSFILE: join(cwd, 'pass') };
    expect((await ct(['list', at('locked'), '--count'], { env })).stdout).toBe('20\n');
    chmodSync(join(cwd, 'pass'), 0o644);
    const open = await ct(['list', at('locked'), '--count'], { env });
    expect(open).toMatchObject({ code: 3, stderr: expect.stringContaining('chmod 600') as string });

    const run = await ct(
      ['enrich', url, '--endpoint', `${server.url}/{id}`, '-o', 'run.ndjson', '--log-level', 'debug'],
      { cwd },
    );
    expect(run.code).toBe(0);
    const dry = await ct(['enrich', url, '--endpoint', `${server.url}/{id}`, '--dry-run'], { cwd });
    expect(dry.stderr).toContain('postgres://locked@127.0.0.1');
    for (const format of ['html', 'markdown', 'json', 'summary'])
      await ct(['report', 'run.ndjson', '--format', format], { cwd });
    const typo = await ct(['enrich', url, '--endpoint', server.url, '--limmit', '3'], { cwd });
    expect(typo.code).toBe(2);
    const schema = await ct(['schema', url]);
    expect(schema.code).toBe(2);
    const env2 = { CASE_TRACKER_OUTPUT: at('locked:ge%40he%3Aim%25%221').replace('cases', 'nope') };
    expect((await ct(['enrich', url, '--endpoint', server.url], { env: env2 })).code).toBe(2);
    expect(readFileSync(join(cwd, 'run.ndjson'), 'utf8')).not.toMatch(/ge@he|ge%40he|he:im/);
  });

  test('a configuration that was found names no database; one that is named may', async () => {
    const config = JSON.stringify({ files: [pg.table('cases')] });
    const cwd = folderWith({ 'case-tracker.config.json': config, 'package.json': '{}' });
    expect(await ct(['list', '--count'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is a URL') as string,
    });
    expect((await ct(['list', '--count', '--config', 'case-tracker.config.json'], { cwd })).stdout).toBe('20\n');
    const query = folderWith({ 'case-tracker.config.json': JSON.stringify({ query: 'select 1 as id' }) });
    expect(await ct(['list', pg.url], { cwd: query })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"query"') as string,
    });
  });

  test('schema sql prints what makes the table, whatever its name', async () => {
    const { stdout } = await ct(['schema', 'sql', '--table', 'public."Odd ""Name"]'.slice(0, -1)]);
    pg.sql(stdout);
    const output = pg.table('public."Odd ""Name"');
    expect((await enrich([pg.table('cases')], output)).code).toBe(0);
    expect(pg.sql('select count(*) from "Odd ""Name_latest"')).toBe('20');
    expect((await ct(['schema', 'sql', '--table', 'a.b.c'])).code).toBe(2);
    expect((await ct(['schema', 'case', '--table', 'a'])).stderr).toContain('--table is for schema sql');
    const wait = ['enrich', 'x.json', '--endpoint', 'demo', '-o', 'run.ndjson', '--output-wait', '5s'];
    expect((await ct(wait)).stderr).toContain('--output-wait is for a results table');
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

/** What is under way comes to rest. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) await new Promise((resolve) => setImmediate(resolve));
}
