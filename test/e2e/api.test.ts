/** `case-tracker api` as a process: killed, started again, and in the way of a second one. */

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ApiClient } from '../helpers/api.js';
import { ndjsonCases, type RunningBinary, runBinary, startBinary } from '../helpers/binary.js';
import { CaseEndpoint } from '../helpers/case-endpoint.js';
import { folderWith } from '../helpers/folder.js';

const TOKEN = 'a-token-for-the-binary-that-is-long-enough';
const LIMIT = 8;

async function start(
  cwd: string,
  url: string,
  ...more: readonly string[]
): Promise<RunningBinary & { client: ApiClient }> {
  const args = ['api', '--dir', 'runs', '--port', '0', '--token', '@token.txt', '--endpoint', `${url}/{id}`, ...more];
  const running = startBinary(args, { cwd });
  await running.shows('stdout', /^http:.*\n/);
  return { ...running, client: new ApiClient(running.stdout().trim(), TOKEN) };
}

function folder(): string {
  const cwd = folderWith();
  writeFileSync(join(cwd, 'token.txt'), TOKEN, { mode: 0o600 });
  return cwd;
}

test(
  'kill -9 with a run under way and three queued: the next start ends all of them',
  { timeout: 60_000 },
  async () => {
    const endpoint = await CaseEndpoint.start();
    const cwd = folder();
    const killed = await start(cwd, endpoint.url, '--limit', String(LIMIT), '--rate', '400/s');
    const ids: string[] = [];
    for (const run of ['a', 'b', 'c', 'd']) {
      const cases = ndjsonCases(300).replaceAll('C-', `${run}-`);
      ids.push(String((await killed.client.post(cases, { 'idempotency-key': run })).json['id']));
    }
    while (endpoint.calls() < 60) await new Promise((resolve) => setImmediate(resolve));
    killed.child.kill('SIGKILL');
    await killed.ended;
    const before = endpoint.calls();
    expect(before).toBeLessThan(300);

    const { client, child, ended } = await start(cwd, endpoint.url, '--limit', String(LIMIT));
    const again = await client.post(ndjsonCases(300).replaceAll('C-', 'd-'), { 'idempotency-key': 'd' });
    expect([again.status, again.json['id']]).toEqual([200, ids[3]]);
    for (const id of ids) {
      expect(await client.until(id, 'finished')).toMatchObject({ exitCode: 0, summary: { total: 300, enriched: 300 } });
      const journal = (await client.ask('GET', `/runs/${id}/results`)).text;
      const enriched = journal.match(/"status":"enriched"/g) ?? [];
      expect(enriched).toHaveLength(300);
    }
    const called = endpoint.ids();
    expect(new Set(called).size).toBe(1200);
    expect(called.length - 1200).toBeLessThanOrEqual(LIMIT);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    await endpoint.close();
  },
);

test('a second process is refused the folder, and SIGTERM within a run is exit 0', async () => {
  const endpoint = await CaseEndpoint.start();
  const cwd = folder();
  const { client, child, ended } = await start(cwd, endpoint.url, '--limit', '1', '--rate', '20/s');
  const second = await runBinary(['api', '--dir', 'runs', '--port', '0', '--endpoint', 'demo'], { cwd });
  expect([second.code, second.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: runs is in use by another case-tracker api \(pid \d+\)\n {2}hint: stop that one/),
  ]);
  const id = String((await client.post(ndjsonCases(100))).json['id']);
  while (endpoint.calls() < 2) await new Promise((resolve) => setImmediate(resolve));
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  const record = JSON.parse(readFileSync(join(cwd, 'runs', id, 'run.json'), 'utf8')) as { status: string };
  expect(record.status).toBe('running');
  await endpoint.close();
});

test.skipIf(process.platform === 'win32')(
  'pipes that somebody puts into the folder of a run hold up nobody',
  async () => {
    const cwd = folder();
    const { client, child, ended } = await start(cwd, 'http://127.0.0.1:1', '--retries', '0');
    const id = String((await client.post(ndjsonCases(1))).json['id']);
    await client.until(id, 'finished');
    for (const name of ['results.ndjson', 'end.json']) {
      const path = join(cwd, 'runs', id, name);
      rmSync(path);
      execFileSync('mkfifo', [path]);
    }
    const answer = await client.ask('GET', `/runs/${id}/results`);
    expect([answer.status, answer.json['error']]).toEqual([500, 'storage_failed']);
    expect((await client.ask('GET', '/healthz')).status).toBe(200);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  },
);
