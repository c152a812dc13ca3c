import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { LIVE_PROTOCOL } from '../../../src/core/live/messages.js';
import { type FileOps, realFileOps } from '../../../src/io/files/file-ops.js';
import type { EnrichRun } from '../../../src/commands/api/job.js';
import { ApiClient, startApi, TOKEN } from '../../helpers/api.js';
import { CaseEndpoint } from '../../helpers/case-endpoint.js';
import { folderWith } from '../../helpers/folder.js';
import { hookServer } from '../../helpers/hook-server.js';
import { runMain } from '../../helpers/run-main.js';

const DEMO = ['--endpoint', 'demo'];
const ONE = '{"id":"CASE-001"}\n';

/** An `enrich` that ends when it is told to, or at a signal. */
function heldEnrich(): {
  readonly run: EnrichRun;
  readonly release: (code?: number) => void;
  readonly started: () => number;
} {
  const waiting: ((code: number) => void)[] = [];
  let started = 0;
  return {
    run: (_, host) =>
      new Promise((resolve) => {
        started++;
        waiting.push(resolve);
        host.onSignal(() => resolve(143));
      }),
    release: (code = 0) => waiting.shift()?.(code),
    started: () => started,
  };
}

/** The names in the folder of the runs, but for the lock. */
function namesIn(cwd: string): string[] {
  return readdirSync(join(cwd, 'runs')).filter((name) => name !== 'api.lock');
}

test('each run tells its end to the webhooks of the operator', async () => {
  const hook = await hookServer();
  const cwd = folderWith({ hooks: `${hook.url}/s3cr3t\n` });
  const { client, stop } = await startApi({ cwd, args: [...DEMO, '--notify', '@hooks'] });
  const id = String((await client.post(ONE)).json['id']);
  const { run } = (await client.until(id, 'finished')) as { run: { id: string } };
  expect(hook.heard).toMatchObject([{ url: '/s3cr3t', body: { event: 'finished', exitCode: 0, run: { id: run.id } } }]);
  await stop();
});

describe('a run', () => {
  test('is taken, run and told of, and its results can be fetched', async () => {
    const { client, stop } = await startApi({ cwd: folderWith(), args: DEMO });
    const taken = await client.post('{"id":"CASE-001"}\n{"id":"CASE-002"}\nnot json\n');
    expect(taken.status).toBe(202);
    const id = String(taken.json['id']);
    expect(taken.headers.get('location')).toBe(`/runs/${id}`);
    const run = await client.until(id, 'finished');
    expect(run).toMatchObject({ exitCode: 1, summary: { total: 3, enriched: 2, invalid: 1 }, state: { done: 3 } });
    const results = await client.ask('GET', `/runs/${id}/results`);
    expect(results.text.trimEnd().split('\n')).toHaveLength(4);
    const part = await client.ask('GET', `/runs/${id}/results`, { headers: { range: 'bytes=10-19' } });
    expect([part.status, part.text, part.headers.get('content-range')]).toEqual([
      206,
      results.text.slice(10, 20),
      `bytes 10-19/${results.text.length}`,
    ]);
    const none = await client.ask('GET', `/runs/${id}/results`, { headers: { range: 'bytes=999999-' } });
    expect([none.status, none.headers.get('content-range')]).toEqual([416, `bytes */${results.text.length}`]);
    expect((await client.ask('DELETE', `/runs/${id}`)).status).toBe(204);
    expect((await client.ask('GET', `/runs/${id}`)).status).toBe(404);
    expect((await stop()).code).toBe(0);
  });

  test('may be JSON, and packed', async () => {
    const cwd = folderWith();
    const { client } = await startApi({ cwd, args: DEMO });
    const json = { 'content-type': 'application/json; charset=utf-8' };
    const list = await client.post('[{"id":"CASE-001"}]', json);
    const packed = await client.post(gzipSync('{"cases":[{"id":"CASE-002"}]}'), {
      ...json,
      'content-encoding': 'gzip',
    });
    for (const {
      json: { id },
    } of [list, packed]) {
      expect(await client.until(String(id), 'finished')).toMatchObject({ exitCode: 0, summary: { enriched: 1 } });
    }
    expect(readdirSync(join(cwd, 'runs', String(list.json['id'])))).toContain('cases.json');
  });

  test('goes by the settings of the operator alone, and says why it cannot run', async () => {
    const cwd = folderWith({
      'c.json':
        '{"endpoint":"http://127.0.0.1:1/{id}?key=${API_KEY}","responseSchema":"s.json","first":1,"output":"x.json"}',
    });
    const { client } = await startApi({ cwd, args: ['--config', 'c.json'], env: { API_KEY: 'c4n4ry-secret' } });
    const { json } = await client.post(ONE);
    const run = await client.until(String(json['id']), 'failed');
    expect(run).toMatchObject({ exitCode: 2, summary: null, message: expect.stringContaining('s.json') });
    expect(readFileSync(join(cwd, 'runs', String(json['id']), 'run.log'), 'utf8')).toMatch(/^error: .*s\.json/);
    expect(JSON.stringify(run)).not.toContain('c4n4ry');
  });

  test('is one at a time: the others are queued, in their order, and told apart by their keys', async () => {
    const held = heldEnrich();
    const { client } = await startApi({ cwd: folderWith(), args: DEMO, enrich: held.run });
    const first = String((await client.post(ONE)).json['id']);
    await client.until(first, 'running');
    const second = (await client.post(ONE)).json;
    expect(second).toMatchObject({ status: 'queued', state: null, exitCode: null });
    expect((await client.ask('GET', '/healthz')).json).toMatchObject({ status: 'ok', running: first, queued: 1 });
    const { runs, next } = (await client.ask('GET', '/runs?limit=1')).json as { runs: { id: string }[]; next: string };
    expect([runs.map(({ id }) => id), next]).toEqual([[second['id']], second['id']]);
    const older = (await client.ask('GET', `/runs?before=${next}`)).json as { runs: { id: string }[]; next: null };
    expect([older.runs.map(({ id }) => id), older.next]).toEqual([[first], null]);
    expect(held.started()).toBe(1);
    expect((await client.ask('DELETE', `/runs/${first}`)).status).toBe(409);
    held.release();
    await client.until(String(second['id']), 'running');
    expect((await client.until(first, 'finished'))['exitCode']).toBe(0);
    held.release(4);
    expect((await client.until(String(second['id']), 'stopped'))['exitCode']).toBe(4);
  });

  test('can be stopped: softly when it is under way, at once when it is queued, and once', async () => {
    const held = heldEnrich();
    const { client } = await startApi({
      cwd: folderWith(),
      args: DEMO,
      enrich: held.run,
    });
    const first = String((await client.post(ONE)).json['id']);
    await client.until(first, 'running');
    const second = String((await client.post(ONE)).json['id']);
    expect((await client.ask('POST', `/runs/${second}/stop`)).json).toMatchObject({ status: 'stopped', exitCode: 143 });
    expect((await client.ask('POST', `/runs/${first}/stop`)).status).toBe(202);
    expect(await client.until(first, 'stopped')).toMatchObject({ exitCode: 143 });
    expect((await client.ask('POST', `/runs/${first}/stop`)).status).toBe(409);
  });
});

describe('POST /runs', () => {
  const cases: readonly [string, number, string, string | Uint8Array<ArrayBuffer>, Readonly<Record<string, string>>][] =
    [
      ['an empty body', 422, 'no_case', '', {}],
      ['broken lines alone', 422, 'no_case', '{bad\n{worse\n', {}],
      ['a document that breaks off', 422, 'no_case', '[{"id":"a"},', { 'content-type': 'application/json' }],
      ['text', 415, 'unsupported_type', ONE, { 'content-type': 'text/plain' }],
      [
        'another character set',
        415,
        'unsupported_type',
        ONE,
        { 'content-type': 'application/x-ndjson;charset=latin1' },
      ],
      ['another coding', 415, 'unsupported_encoding', ONE, { 'content-encoding': 'br' }],
      ['no gzip', 422, 'broken_gzip', ONE, { 'content-encoding': 'gzip' }],
      ['gzip that is cut off', 422, 'broken_gzip', gzipSync(ONE).subarray(0, -5), { 'content-encoding': 'gzip' }],
      ['a gzip bomb', 413, 'too_large', gzipSync(Buffer.alloc(2 ** 20)), { 'content-encoding': 'gzip' }],
      ['more than --max-body', 413, 'too_large', Buffer.alloc(2 ** 17, ONE), {}],
      ['a key of 10 KB', 400, 'bad_key', ONE, { 'idempotency-key': 'k'.repeat(10_240) }],
      ['an empty key', 400, 'bad_key', ONE, { 'idempotency-key': '' }],
    ];

  test.each(cases)('%s: %i, and nothing is kept', async (_, status, error, body, headers) => {
    const cwd = folderWith();
    const { client } = await startApi({ cwd, args: [...DEMO, '--max-body', '64KiB'] });
    const answer = await client.post(body, headers);
    expect([answer.status, answer.json['error'], typeof answer.json['message']]).toEqual([status, error, 'string']);
    expect(namesIn(cwd)).toEqual([]);
  });

  test('says which record is no case', async () => {
    const { client } = await startApi({ cwd: folderWith(), args: DEMO });
    expect((await client.post('{bad\n')).json['message']).toMatch(/^no case can be read in the body: line 1: not JSON/);
  });

  test('says why lines have become one', async () => {
    const { client } = await startApi({ cwd: folderWith(), args: DEMO });
    const { status, json } = await client.post('{"id":"a"}{"id":"b"}');
    expect([status, json['message']]).toEqual([422, expect.stringContaining('not with --data-binary')]);
  });

  test('keeps nothing of a body that stops in the middle', async () => {
    const cwd = folderWith();
    const { client } = await startApi({ cwd, args: DEMO });
    const socket = connect(Number(new URL(client.url).port), '127.0.0.1');
    socket.write(
      `POST /runs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/x-ndjson\r\ncontent-length: 1000\r\n\r\n${ONE}`,
    );
    await seen(() => namesIn(cwd).length === 1);
    socket.destroy();
    await seen(() => namesIn(cwd).length === 0);
  });

  test('with a key is done once, however often it is sent, also at the same time', async () => {
    const held = heldEnrich();
    const cwd = folderWith();
    const api = await startApi({ cwd, args: DEMO, enrich: held.run });
    const key = { 'idempotency-key': 'order 66' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.client.post(ONE, key)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([...Array<number>(7).fill(200), 202]);
    expect(new Set(answers.map(({ json }) => json['id'])).size).toBe(1);
    const other = await api.client.post('{"id":"CASE-002"}\n', key);
    expect([other.status, other.json['error']]).toEqual([409, 'key_reused']);
    expect(namesIn(cwd)).toHaveLength(1);
    await api.stop();
    const again = await startApi({ cwd, args: DEMO, enrich: held.run });
    expect((await again.client.post(ONE, key)).status).toBe(200);
  });

  test('is refused when a hundred wait, unless it is a repetition', { timeout: 30_000 }, async () => {
    const held = heldEnrich();
    const { client } = await startApi({ cwd: folderWith(), args: DEMO, enrich: held.run });
    await client.post(ONE, { 'idempotency-key': 'first' });
    for (let n = 0; n < 100; n++) expect((await client.post(ONE)).status).toBe(202);
    const refused = await client.post(ONE);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
    expect((await client.post(ONE, { 'idempotency-key': 'first' })).status).toBe(200);
  });

  test('answers 202 when cases, record and folder are synced, and not before', async () => {
    const synced: string[] = [];
    const names = new Map<number, string>();
    const ops: FileOps = {
      ...realFileOps,
      open(path, flags, mode) {
        const fd = realFileOps.open(path, flags, mode);
        names.set(
          fd,
          path
            .replace(/.*\/runs/, 'runs')
            .replace(/\d{8}t[^/]*/, 'ID')
            .replace(/\.\d+\.tmp$/, ''),
        );
        return fd;
      },
      sync(fd) {
        synced.push(names.get(fd) ?? '');
        return realFileOps.sync(fd);
      },
    };
    const held = heldEnrich();
    const { client } = await startApi({ cwd: folderWith(), args: DEMO, enrich: held.run, ops });
    await client.post(ONE);
    const upTo = synced.indexOf('runs') + 1;
    expect(synced.slice(0, upTo)).toEqual([
      'runs/.new-ID/cases.ndjson',
      'runs/.new-ID/.run.json',
      'runs/.new-ID',
      'runs',
    ]);
  });

  test('goes to the disk piece by piece', async () => {
    const sizes: number[] = [];
    const ops: FileOps = {
      ...realFileOps,
      writeSlow(fd, bytes, offset, length) {
        sizes.push(length);
        return realFileOps.writeSlow(fd, bytes, offset, length);
      },
    };
    const held = heldEnrich();
    const { client } = await startApi({ cwd: folderWith(), args: DEMO, enrich: held.run, ops });
    const body = Buffer.alloc(8 * 2 ** 20, ONE);
    await client.post(gzipSync(body), { 'content-encoding': 'gzip' });
    await client.post(body);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2 * body.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2 ** 17);
  });

  test.each([
    ['ENOSPC', 507, 'disk_full'],
    ['EROFS', 500, 'storage_failed'],
  ])('on a disk that says %s: %i, nothing is kept, and the next one is taken', async (code, status, error) => {
    const cwd = folderWith();
    const held = heldEnrich();
    let isFaulty = true;
    const ops: FileOps = {
      ...realFileOps,
      writeSlow: (...all) =>
        isFaulty ? Promise.reject(Object.assign(new Error(code), { code })) : realFileOps.writeSlow(...all),
    };
    const { client } = await startApi({ cwd, args: DEMO, enrich: held.run, ops });
    const refused = await client.post(ONE);
    expect([refused.status, refused.json['error']]).toEqual([status, error]);
    expect(namesIn(cwd)).toEqual([]);
    isFaulty = false;
    expect((await client.post(ONE)).status).toBe(202);
  });
});

describe('paths', () => {
  test.each(['..%2f..%2fetc', '%2e%2e', 'x', '20261124T000000000-0', '..%5c..', 'a'.repeat(5000)])(
    '/runs/%s is no run',
    async (id) => {
      const { client } = await startApi({ cwd: folderWith(), args: DEMO });
      for (const rest of ['', '/results', '/events']) {
        expect((await client.ask('GET', `/runs/${id}${rest}`)).status).toBe(404);
      }
      expect((await client.ask('DELETE', `/runs/${id}`)).status).toBe(404);
      expect((await client.ask('POST', `/runs/${id}/stop`)).status).toBe(404);
    },
  );

  test.each([
    ['PUT', '/runs', 405, 'GET, POST'],
    ['POST', '/healthz', 405, 'GET'],
    ['GET', '/elsewhere', 404, null],
  ])('%s %s: %i', async (method, path, status, allow) => {
    const { client } = await startApi({ cwd: folderWith(), args: DEMO });
    const response = await fetch(`${client.url}${path}`, { method, headers: { authorization: `Bearer ${TOKEN}` } });
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow]);
    expect(Object.keys((await response.json()) as object)).toEqual(['error', 'message']);
  });

  test('all ask for the token', async () => {
    const { client } = await startApi({ cwd: folderWith(), args: DEMO });
    for (const path of ['/healthz', '/openapi.json', '/runs']) {
      expect((await client.ask('GET', path, { token: 'wrong' })).status).toBe(401);
    }
    const document = await client.ask('GET', '/openapi.json');
    expect(document.json['openapi']).toBe('3.1.0');
    expect((await client.ask('GET', '/runs?limit=0')).status).toBe(400);
    expect((await client.ask('GET', '/runs?before=../x')).status).toBe(400);
  });
});

describe('events', () => {
  test('come to who waits, who watches and who is late', async () => {
    const endpoint = await CaseEndpoint.start();
    const { client } = await startApi({ cwd: folderWith(), args: ['--endpoint', `${endpoint.url}/{id}`] });
    const [first, second] = [await client.post(ONE), await client.post(ONE)].map(({ json }) => String(json['id']));
    expect(await messages(client, second)).toEqual(['snapshot', 'end']);
    await client.until(String(first), 'finished');
    expect(await messages(client, first)).toEqual(['end']);
    await endpoint.close();
  });
});

describe('the server', () => {
  test('stops softly, takes no run meanwhile, and goes on at the next start', async () => {
    const endpoint = await CaseEndpoint.start();
    const cwd = folderWith();
    const settings = ['--endpoint', `${endpoint.url}/{id}`, '--rate', '20/s', '--limit', '1'];
    const api = await startApi({ cwd, args: settings });
    const lines = Array.from({ length: 30 }, (_, n) => `{"id":"C-${n}"}\n`).join('');
    const id = String((await api.client.post(lines)).json['id']);
    const queued = String((await api.client.post(ONE)).json['id']);
    await seen(() => endpoint.calls() > 3);
    expect((await api.stop()).code).toBe(0);
    expect(endpoint.calls()).toBeLessThan(31);
    const again = await startApi({ cwd, args: settings.slice(0, 2) });
    expect(await again.client.until(id, 'finished')).toMatchObject({
      exitCode: 0,
      summary: { total: 30, enriched: 30 },
    });
    expect(await again.client.until(queued, 'finished')).toMatchObject({ exitCode: 0 });
    expect(endpoint.ids()).toHaveLength(31);
    await endpoint.close();
  });

  test('leaves alone what somebody has edited, says so, and throws away what was never finished', async () => {
    const cwd = folderWith();
    const id = '20261122t093000000-0123456789abcdef01234567';
    mkdirSync(join(cwd, 'runs', id), { recursive: true });
    writeFileSync(join(cwd, 'runs', id, 'run.json'), '{"id":');
    mkdirSync(join(cwd, 'runs', `.new-${id}`));
    mkdirSync(join(cwd, 'runs', 'mine'));
    const { client, stderr } = await startApi({ cwd, args: DEMO });
    expect(stderr()).toContain(`runs/${id}/run.json is left out: it is not what was written there`);
    expect((await client.ask('GET', `/runs/${id}`)).status).toBe(404);
    expect(namesIn(cwd).toSorted()).toEqual([id, 'mine']);
    expect(existsSync(join(cwd, 'runs', id, 'run.json'))).toBe(true);
  });

  test('calls a run that was being stopped when the process died stopped', async () => {
    const cwd = folderWith();
    const held = heldEnrich();
    const api = await startApi({ cwd, args: DEMO, enrich: held.run });
    const id = String((await api.client.post(ONE)).json['id']);
    await api.stop();
    const path = join(cwd, 'runs', id, 'run.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"status": "\w+"/, '"status": "stopping"'));
    const again = await startApi({ cwd, args: DEMO });
    expect((await again.client.ask('GET', `/runs/${id}`)).json).toMatchObject({ status: 'stopped', exitCode: 143 });
  });

  const refusals: readonly [string, readonly string[], Readonly<Record<string, string>>, RegExp][] = [
    ['no folder', ['--endpoint', 'demo'], {}, /no folder for the runs is named\n.*--dir runs\//],
    [
      'no endpoint',
      ['--dir', 'my runs'],
      {},
      /no endpoint given\n.*case-tracker api --dir 'my runs' --endpoint 'https:[^-]*\n/,
    ],
    ['an endpoint that is no URL', ['--dir', 'runs', '--endpoint', 'not-a-url'], {}, /must begin with http.*not-a-url/],
    [
      'a batch to an endpoint with placeholders',
      ['--dir', 'runs', '--endpoint', 'http://127.0.0.1:1/{id}', '--batch', '5'],
      {},
      /the endpoint of a batch can't have placeholders/,
    ],
    [
      'a dead letter file',
      ['--dir', 'runs', ...DEMO],
      { CASE_TRACKER_DEAD_LETTER: 'x.ndjson' },
      /one dead letter file.*\n.*--unset deadLetter/,
    ],
    ['a dry run', ['--dir', 'runs', ...DEMO], { CASE_TRACKER_DRY_RUN: '1' }, /a dry run calls nothing/],
    ['a file as folder', ['--dir', 'file', ...DEMO], {}, /--dir file cannot be used: it is no folder/],
    ['a folder in a file', ['--dir', 'file/runs', ...DEMO], {}, /--dir file\/runs cannot be used/],
    ['a folder where none can be made', ['--dir', '/proc/a/b', ...DEMO], {}, /--dir \/proc\/a\/b cannot be used/],
  ];

  test.each(refusals)('with %s: exit 2', async (_, args, env, message) => {
    const outcome = await runMain(['api', ...args], { cwd: folderWith({ file: '' }), env });
    expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test('has its port for itself: exit 2', async () => {
    const cwd = folderWith();
    const { client } = await startApi({ cwd, args: DEMO });
    const port = new URL(client.url).port;
    const other = await runMain(['api', '--dir', 'other', '--port', port, ...DEMO], { cwd });
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining(`port ${port} of 127.0.0.1 is in use`)]);
  });

  test('makes a token where there is none, and says it on stderr alone', async () => {
    const { client, stderr, stdout } = await startApi({ cwd: folderWith(), args: [...DEMO, '--unset', 'token'] });
    const [, token = ''] = /^token: (\S{32})$/m.exec(stderr()) ?? [];
    expect(stdout()).not.toContain(token);
    expect((await new ApiClient(client.url, token).ask('GET', '/healthz')).status).toBe(200);
  });
});

async function seen(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

/** The types of the messages until the connection is closed, updates left out. */
function messages(client: ApiClient, id = ''): Promise<string[]> {
  const url = `${client.url.replace('http', 'ws')}/runs/${id}/events`;
  const socket = new WebSocket(url, [LIVE_PROTOCOL, `bearer.${TOKEN}`]);
  const types: string[] = [];
  return new Promise((resolve, reject) => {
    socket.on('message', (data: Buffer) => types.push((JSON.parse(data.toString()) as { type: string }).type));
    socket.on('close', (code) =>
      code === 1000
        ? resolve([...new Set(types)].filter((type) => type !== 'update'))
        : reject(new Error(String(code))),
    );
    socket.on('error', reject);
  });
}
