/** The real binary with a real server: signals, kill -9, pgbouncer, TLS, and the packages that are not there. */

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { resultsSql } from '../../src/io/postgres/results-sql.js';
import { ndjsonCases, runBinary, startBinary, startCommand } from '../helpers/binary.js';
import { CaseEndpoint } from '../helpers/case-endpoint.js';
import { folderWith } from '../helpers/folder.js';
import { bouncerPath, startBouncer } from '../helpers/pgbouncer.js';
import { type Postgres, postgresBin, startPostgres } from '../helpers/postgres-server.js';
import { ownAuthority } from '../helpers/own-authority.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const QUERIES = "select count(*) from pg_stat_activity where query like 'copy%' and state = 'active'";

describe.skipIf(postgresBin === undefined)('PostgreSQL and the binary', () => {
  let pg: Postgres;
  let endpoint: CaseEndpoint;
  const authority = ownAuthority('localhost');

  beforeAll(async () => {
    const tls = ['ssl=on', "ssl_cert_file='server.crt'", "ssl_key_file='server.key'"];
    pg = await startPostgres({
      tcp: true,
      config: tls,
      files: { 'server.crt': authority.certificate, 'server.key': authority.key },
    });
    endpoint = await CaseEndpoint.start();
    pg.sql("create table cases as select 'C-' || g as id, repeat('x', 200) as title from generate_series(1, 800) g");
  });
  afterAll(async () => {
    await endpoint.close();
    pg.close();
  });

  function results(name: string): string {
    pg.sql(resultsSql(name));
    return pg.table(name);
  }

  test.each(['list', 'validate', 'enrich'])(
    'Ctrl-C ends %s while the query runs, on the server too',
    async (command) => {
      const more = command === 'enrich' ? ['--endpoint', endpoint.url] : [];
      const run = startBinary([command, pg.url, '--query', 'select pg_sleep(600)::text as id', ...more]);
      await until(() => pg.sql(QUERIES) === '1');
      run.child.kill('SIGINT');
      expect((await run.ended).code).toBe(130);
      await until(() => pg.sql(QUERIES) === '0');
    },
  );

  test('after kill -9 the query ends on the server, no spool file is left, and no result is counted that is not stored', async () => {
    const cwd = folderWith();
    const output = results('killed');
    const args = ['enrich', pg.table('cases'), '--endpoint', endpoint.url, '-o', output];
    const run = startBinary(args, { cwd, env: { TMPDIR: cwd } });
    await until(() => Number(pg.sql('select count(*) from killed')) > 100);
    run.child.kill('SIGKILL');
    await run.ended;
    const called = endpoint.calls();
    await until(() => pg.sql("select count(*) from pg_stat_activity where application_name = 'case-tracker'") === '0');
    expect(readdirSync(cwd)).toEqual([]);
    const stored = Number(pg.sql('select count(*) from killed'));
    expect(called - stored).toBeLessThanOrEqual(20);
    const again = await runBinary([...args, '--resume'], { cwd });
    expect(again.code).toBe(0);
    expect(pg.sql('select count(*), count(distinct case_id) from killed')).toBe('800|800');
    expect(endpoint.calls()).toBeLessThanOrEqual(800 + 20);
  });

  test('a password is in no output of a run at the most talkative', async () => {
    const url = pg.table('cases').replace('postgres@', 'postgres:very-secret-word@');
    const cwd = folderWith();
    const run = await runBinary(['enrich', url, '--first', '3', '--endpoint', endpoint.url, '--log-level', 'trace'], {
      cwd,
    });
    expect(run.code).toBe(0);
    expect(run.stdout + run.stderr).not.toContain('secret-word');
    const wrong = await runBinary(['list', url.replace('?table=cases', '?tabel=cases')], {
      cwd,
    });
    expect(wrong.stderr).not.toContain('secret-word');
    expect(wrong.code).toBe(2);
  });

  test.skipIf(bouncerPath === undefined)('all of it works through pgbouncer in transaction mode', async () => {
    const bouncer = await startBouncer(pg);
    onTestFinished(() => bouncer.close());
    pg.sql(resultsSql('pooled'));
    const output = `${bouncer.url}?table=pooled`;
    const run = (...more: string[]) =>
      runBinary(['enrich', `${bouncer.url}?table=cases`, '--endpoint', endpoint.url, '-o', output, ...more]);
    expect((await run()).code).toBe(0);
    expect(pg.sql('select count(*), count(distinct case_id) from pooled')).toBe('800|800');
    const before = endpoint.calls();
    const again = await run('--resume');
    expect(again.code).toBe(0);
    expect(endpoint.calls()).toBe(before);
    const report = await runBinary(['report', output, '--format', 'json', '--expect', `${bouncer.url}?table=cases`]);
    expect(report.code).toBe(0);
    expect(JSON.parse(report.stdout)).toMatchObject({ summary: { enriched: 800 } });
    const slow = startBinary(['list', bouncer.url, '--query', 'select pg_sleep(600)::text as id']);
    await until(() => pg.sql(QUERIES) === '1');
    slow.child.kill('SIGINT');
    expect((await slow.ended).code).toBe(130);
    await until(() => pg.sql(QUERIES) === '0');
  });

  test('TLS: an own authority, a wrong host, an unknown authority, and what the default is', async () => {
    const cwd = folderWith({ 'ca.pem': authority.ca });
    const list = (host: string, more: string) =>
      runBinary(['list', `postgres://postgres@${host}:${pg.port}/postgres?table=cases${more}`, '--count'], { cwd });
    const checked = await list('localhost', '&sslmode=verify-full&sslrootcert=ca.pem');
    expect(checked).toMatchObject({ code: 0, stdout: '800\n' });
    const otherHost = await list('127.0.0.1', '&sslmode=verify-full&sslrootcert=ca.pem');
    expect(otherHost).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/certificate is refused.*\n?.*altnames/s) as string,
    });
    const unknown = await list('localhost', '&sslmode=verify-full');
    expect(unknown).toMatchObject({ code: 3, stderr: expect.stringContaining('sslrootcert=FILE') as string });
    expect(await list('localhost', '')).toMatchObject({ code: 0 });
  });

  test('the run, cut by a signal, stores what was answered and says how to go on', async () => {
    const output = results('stopped');
    const run = startBinary(['enrich', pg.table('cases'), '--endpoint', endpoint.url, '-o', output, '--limit', '2']);
    await until(() => Number(pg.sql('select count(*) from stopped')) > 20);
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(Number(/Cases +([\d,]+)/.exec(stderr)?.[1]?.replace(',', ''))).toBe(
      Number(pg.sql('select count(*) from stopped')),
    );
    expect(stderr).toMatch(/--resume/);
  });
});

test('without the packages the tool works; who names a table is told what to install', async () => {
  const home = folderWith({ 'cases.ndjson': ndjsonCases(2) });
  const copy = join(home, 'tool');
  mkdirSync(join(copy, 'node_modules'), { recursive: true });
  for (const name of ['dist', 'bin', 'data', 'package.json'])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  const { dependencies } = JSON.parse(execFileSync('cat', [join(ROOT, 'package.json')], { encoding: 'utf8' })) as {
    dependencies: Record<string, string>;
  };
  for (const name of withTheirs(Object.keys(dependencies))) {
    mkdirSync(join(copy, 'node_modules', name, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name));
  }
  const run = (...args: string[]) =>
    startCommand([process.execPath, join(copy, 'bin/case-tracker.cjs'), ...args], { cwd: home }).ended;
  expect(await run('list', 'cases.ndjson', '--count')).toMatchObject({ code: 0, stdout: '2\n' });
  expect((await run('enrich', 'cases.ndjson', '--endpoint', 'demo', '-o', 'run.ndjson')).code).toBe(1);
  expect((await run('schema', 'sql')).code).toBe(0);
  for (const args of [
    ['list', 'postgres://localhost/db?table=a'],
    ['enrich', 'cases.ndjson', '--endpoint', 'demo', '-o', 'postgres://localhost/db?table=a'],
    ['report', 'postgres://localhost/db?table=a'],
  ]) {
    const { code, stderr } = await run(...args);
    expect(stderr).toContain('npm install pg pg-copy-streams');
    expect(code).toBe(2);
  }
});

/** The packages and all that they need. */
function withTheirs(names: readonly string[]): Set<string> {
  const all = new Set<string>();
  const add = (name: string): void => {
    const file = join(ROOT, 'node_modules', name, 'package.json');
    if (all.has(name) || !existsSync(file)) return;
    all.add(name);
    const own = JSON.parse(execFileSync('cat', [file], { encoding: 'utf8' })) as {
      dependencies?: Record<string, string>;
    };
    Object.keys(own.dependencies ?? {}).forEach(add);
  };
  names.forEach(add);
  return all;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
