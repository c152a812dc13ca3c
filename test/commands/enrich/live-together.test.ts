/** `--live` with what else there is: a queue, a results table, shards, notifications, and ends without a summary. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { resultsSql } from '../../../src/io/postgres/results-sql.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { GatedEndpoint } from '../../helpers/gated-endpoint.js';
import { type HookServer, hookServer } from '../../helpers/hook-server.js';
import { addressOf, LiveClient } from '../../helpers/live-client.js';
import { postgresBin, startPostgres } from '../../helpers/postgres-server.js';
import { freshName } from '../../helpers/queue.js';
import { redisVersion, startRedis } from '../../helpers/redis-server.js';
import { type MainOptions, runMain, startMain } from '../../helpers/run-main.js';

const CASES = 12;

let cwd: string;
let endpoint: GatedEndpoint;

beforeAll(async () => {
  endpoint = await GatedEndpoint.start();
});
afterAll(() => endpoint.close());
beforeEach(() => {
  cwd = temporaryFolder();
  const lines = Array.from({ length: CASES }, (_, n) => `{"id":"C-${n + 1}"}\n`);
  writeFileSync(join(cwd, 'cases.ndjson'), lines.join(''));
  endpoint.hold();
});
afterEach(() => endpoint.open());

/** A run that holds its first calls, and one who watches it. */
async function watchedRun(args: readonly string[], options: MainOptions = {}) {
  const call = ['--endpoint', `${endpoint.url}/{id}`, '--retries', '0', '--limit', '3', '--live'];
  const running = startMain(['enrich', ...args, ...call], { cwd, random: Math.random, ...options });
  const client = new LiveClient(await addressOf(() => running.stderr()));
  await client.sees((message) => 'state' in message && message.state.inFlight > 0);
  return { running, client };
}

describe.skipIf(redisVersion === undefined)('a worker on a queue', () => {
  test('shows its own part: no total, its counts, and the end', async () => {
    const redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'no']);
    onTestFinished(() => redis.close());
    const queue = redis.queue(freshName());
    await runMain(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
    const { running, client } = await watchedRun(['--queue', queue]);
    expect(client.messages[0]).toMatchObject({ type: 'snapshot', state: { total: null, limit: 3, done: 0 } });
    endpoint.open();
    expect((await running.ended).code).toBe(0);
    expect(await client.closed).toBe(1000);
    expect(client.messages.at(-1)).toMatchObject({
      type: 'end',
      exitCode: 0,
      summary: { total: CASES, enriched: CASES },
    });
  });
});

describe.skipIf(postgresBin === undefined)('a results table', () => {
  test('is filled while somebody watches, and the end says the same', async () => {
    const pg = await startPostgres();
    onTestFinished(() => pg.close());
    pg.sql(resultsSql('results'));
    const { running, client } = await watchedRun(['cases.ndjson', '-o', pg.table('results')]);
    endpoint.failing.add('C-9');
    endpoint.open();
    expect((await running.ended).code).toBe(1);
    expect(await client.closed).toBe(1000);
    expect(client.messages.at(-1)).toMatchObject({
      type: 'end',
      summary: { enriched: CASES - 1, failed: 1 },
      groups: [{ label: 'http 500', examples: ['C-9'] }],
    });
    expect(pg.sql('select count(*) from results')).toContain(String(CASES));
  });
});

test('shards: each page says which one it shows, and counts what is its own', async () => {
  const ends = [];
  for (const shard of ['1/2', '2/2']) {
    const { running, client } = await watchedRun(['cases.ndjson', '--shard', shard, '-o', `${shard[0]}.ndjson`]);
    expect(client.messages[0]).toMatchObject({ run: { shard: { index: Number(shard[0]), count: 2 } } });
    endpoint.open();
    expect((await running.ended).code).toBe(0);
    await client.closed;
    ends.push(client.messages.at(-1));
    endpoint.hold();
  }
  const totals = ends.map((end) => (end?.type === 'end' ? end.summary.total : 0));
  expect([totals[0] !== 0, (totals[0] ?? 0) + (totals[1] ?? 0)]).toEqual([true, CASES]);
});

/** Tells a server of ours. */
async function withHook(): Promise<{ hook: HookServer; flags: string[] }> {
  const hook = await hookServer();
  writeFileSync(join(cwd, 'hooks.txt'), `${hook.url}/hook\n`, { mode: 0o600 });
  return { hook, flags: ['--notify', '@hooks.txt'] };
}

test('notifications: page and hook are told the same end', async () => {
  const { hook, flags } = await withHook();
  const { running, client } = await watchedRun(['cases.ndjson', '-o', 'run.ndjson', ...flags]);
  endpoint.failing.add('C-9');
  endpoint.open();
  expect((await running.ended).code).toBe(1);
  expect(await client.closed).toBe(1000);
  const end = client.messages.at(-1);
  expect(end).toMatchObject({ type: 'end', exitCode: 1, summary: { failed: 1 } });
  expect(hook.heard).toHaveLength(1);
  expect(hook.heard[0]?.body).toMatchObject({
    event: 'failed',
    exitCode: 1,
    summary: end?.type === 'end' ? end.summary : undefined,
  });
  expect(running.listeners()).toBe(1);
});

describe('an end without a summary', () => {
  test('nobody reads the output: page and hook are told', async () => {
    const { hook, flags } = await withHook();
    const stdoutError = Object.assign(new Error('closed'), { code: 'EPIPE' });
    const { running, client } = await watchedRun(['cases.ndjson', '--format', 'ndjson', ...flags], { stdoutError });
    endpoint.open();
    expect((await running.ended).code).toBe(5);
    expect(await client.closed).toBe(1000);
    expect(client.messages.at(-1)).toMatchObject({
      type: 'end',
      exitCode: 5,
      run: { stoppedBy: 'output' },
      verdict: { ok: false, ended: 'stopped because the output could not be written' },
    });
    expect(hook.heard).toMatchObject([{ body: { event: 'stopped', exitCode: 5 } }]);
  });

  test('nothing could be read: who waits for the page is told', async () => {
    const pipe = join(cwd, 'pipe.ndjson');
    execFileSync('mkfifo', [pipe]);
    const { hook, flags } = await withHook();
    const call = ['--endpoint', `${endpoint.url}/{id}`, '-o', 'run.ndjson', '--live'];
    const running = startMain(['enrich', 'pipe.ndjson', ...call, ...flags], { cwd });
    const client = new LiveClient(await addressOf(() => running.stderr()));
    await client.sees((message) => message.type === 'snapshot');
    await writeFile(pipe, '{"id":"a');
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([3, expect.stringContaining('error: ')]);
    expect(await client.closed).toBe(1000);
    expect(client.messages.at(-1)).toMatchObject({
      type: 'end',
      exitCode: 3,
      verdict: { ok: false, ended: 'stopped because the input could not be read' },
    });
    expect(hook.heard).toMatchObject([{ body: { event: 'stopped', exitCode: 3 } }]);
  });
});

test('the live line of a terminal says what Ctrl-C does after a stop from the page', async () => {
  const { running, client } = await watchedRun(['cases.ndjson', '-o', 'run.ndjson', '--live-control'], {
    stderrTTY: true,
  });
  const { base, token } = await addressOf(() => running.stderr());
  await fetch(`${base}/api/run/stop`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  await client.sees((message) => 'state' in message && message.state.phase === 'finishing');
  await expect.poll(() => running.stderr()).toContain('finishing 3 calls');
  endpoint.open();
  const { code, stderr } = await running.ended;
  expect(code).toBe(4);
  expect(stderr).toContain('Ctrl-C to cancel them');
  expect(stderr).not.toContain('Ctrl-C again');
});
