/** `enrich --live` in this process: its page, its messages, its one command. */

import { createServer } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StartedRun } from '../../../src/core/results/run-end.js';
import { run } from '../../../src/commands/enrich/enrich.js';
import type { LiveSnapshot } from '../../../src/core/live/messages.js';
import { realFileOps } from '../../../src/io/files/file-ops.js';
import { ndjsonCases } from '../../helpers/binary.js';
import { FakeClock } from '../../helpers/clock.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { addressOf, ask, type LiveAddress, LiveClient } from '../../helpers/live-client.js';
import { resultLinesOf } from '../../helpers/results.js';
import { recorded, runMain, startMain } from '../../helpers/run-main.js';
import { fakeHost } from '../../helpers/fake-host.js';
import { GatedEndpoint } from '../../helpers/gated-endpoint.js';

let folder: string;
let endpoint: GatedEndpoint;

beforeAll(async () => {
  endpoint = await GatedEndpoint.start();
});
afterAll(() => endpoint.close());
beforeEach(() => {
  folder = temporaryFolder();
  const lines = Array.from({ length: 12 }, (_, n) => `{"id":"C-${n + 1}"}\n`);
  writeFileSync(join(folder, 'cases.ndjson'), lines.join(''));
});
afterEach(() => endpoint.open());

function start(...flags: string[]) {
  const args = ['enrich', 'cases.ndjson', '--endpoint', `${endpoint.url}/{id}`, '--retries', '0', '--limit', '3'];
  return startMain([...args, '--live', '-o', 'run.ndjson', ...flags], { cwd: folder });
}

async function watched(running: { stderr(): string }): Promise<{ address: LiveAddress; client: LiveClient }> {
  const address = await addressOf(() => running.stderr());
  return { address, client: new LiveClient(address) };
}

describe('a run that is watched', () => {
  test('tells a snapshot, what changes, and its end', async () => {
    endpoint.hold();
    endpoint.failing.add('C-2');
    const running = start('--quiet');
    const { address, client } = await watched(running);
    await client.sees((message) => 'state' in message && message.state.inFlight === 3);
    const snapshot = (await (await ask(address, '/api/run')).json()) as LiveSnapshot;
    expect(snapshot).toMatchObject({ v: 1, type: 'snapshot', state: { phase: 'running', limit: 3 } });
    // A time of the monotonic clock, which only the process can use.
    expect(snapshot.run).not.toHaveProperty('startedMs');
    endpoint.open();
    expect(await client.closed).toBe(1000);
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr.split('\n')[0]).toMatch(/^live: http:\/\/127\.0\.0\.1:\d+\/#[\w-]{32}$/);
    expect(client.messages.at(-1)).toMatchObject({
      type: 'end',
      exitCode: 1,
      verdict: { ok: false, text: '1 of 12 cases was not enriched', ended: 'complete' },
      summary: { total: 12, enriched: 11, failed: 1 },
      groups: [{ label: 'http 500', count: 1, examples: ['C-2'] }],
      next: [{ command: expect.stringContaining('--resume') as string }, {}],
    });
    const seqs = client.messages.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, at) => Number(seqs[0]) + at));
    expect(running.listeners()).toBe(1);
  });

  test('counts the cases ahead after 5 s, though there is no progress to show', async () => {
    endpoint.hold();
    // More than is read at once.
    writeFileSync(join(folder, 'cases.ndjson'), ndjsonCases(50_000));
    const clock = new FakeClock();
    const call = ['--endpoint', `${endpoint.url}/{id}`, '--limit', '3', '--live', '--quiet', '-o', 'run.ndjson'];
    const running = startMain(['enrich', 'cases.ndjson', ...call], { cwd: folder, clock });
    const address = await addressOf(() => running.stderr());
    const total = async (): Promise<number | null> => {
      const message = (await (await ask(address, '/api/run')).json()) as { state?: { total: number | null } };
      return message.state === undefined ? -1 : message.state.total;
    };
    await expect.poll(total).toBe(null);
    clock.advance(5_000);
    await expect.poll(total).toBe(50_000);
    running.signal('SIGINT');
    running.signal('SIGINT');
    expect((await running.ended).code).toBe(130);
  });

  test('serves its page without a token and without data', async () => {
    endpoint.hold();
    const running = start();
    const { base, token } = await addressOf(() => running.stderr());
    const response = await fetch(`${base}/`, { headers: { connection: 'close' } });
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(page).not.toContain(token);
    expect(page).not.toContain('C-1');
    expect((await fetch(`${base}/api/run`, { headers: { connection: 'close' } })).status).toBe(401);
    endpoint.open();
    expect((await running.ended).code).toBe(0);
  });

  test('a client that goes away in the middle changes nothing', async () => {
    endpoint.hold();
    const running = start();
    const { client } = await watched(running);
    await client.sees((message) => message.type === 'snapshot');
    client.leave();
    endpoint.open();
    expect((await running.ended).code).toBe(0);
  });
});

describe('the stop button', () => {
  test('ends the run softly: exit code 4, calls in flight may end, the rest goes on by --resume', async () => {
    endpoint.hold();
    const running = start('--live-control');
    const { address, client } = await watched(running);
    await client.sees((message) => 'state' in message && message.state.inFlight === 3);
    const answer = await ask(address, '/api/run/stop', { method: 'POST' });
    expect([answer.status, await answer.json()]).toEqual([202, { stopping: true }]);
    await client.sees((message) => 'state' in message && message.state.phase === 'finishing');
    expect((await ask(address, '/api/run/stop', { method: 'POST' })).status).toBe(202);
    endpoint.open();
    const { code, stderr } = await running.ended;
    expect(code).toBe(4);
    expect(stderr).toContain('finishing 3 calls (Ctrl-C to cancel)');
    expect(stderr).toContain('somebody asked for it on the live page (--live-control)');
    expect(await client.closed).toBe(1000);
    expect(client.messages.at(-1)).toMatchObject({
      type: 'end',
      exitCode: 4,
      run: { stoppedBy: 'request', complete: false },
      verdict: { ended: 'stopped on request, from the live page' },
      next: [{ command: expect.stringContaining('--resume') as string }, {}],
    });
    const { results, closing } = resultLinesOf(readFileSync(join(folder, 'run.ndjson'), 'utf8'));
    expect(results.filter(({ status }) => status === 'enriched')).toHaveLength(3);
    expect(closing?.run.stoppedBy).toBe('request');

    const resumed = start('--resume');
    expect((await resumed.ended).code).toBe(0);
  });

  test('calls that do not end within --grace are cancelled', async () => {
    endpoint.hold();
    const running = start('--live-control', '--grace', '0s');
    const { address, client } = await watched(running);
    await client.sees((message) => 'state' in message && message.state.inFlight === 3);
    await ask(address, '/api/run/stop', { method: 'POST' });
    expect((await running.ended).code).toBe(4);
  });

  test('a signal after it cancels, and has the exit code', async () => {
    endpoint.hold();
    const running = start('--live-control');
    const { address, client } = await watched(running);
    await client.sees((message) => 'state' in message && message.state.inFlight === 3);
    await ask(address, '/api/run/stop', { method: 'POST' });
    running.signal('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect(client.messages.at(-1)).toMatchObject({ type: 'end', exitCode: 130, run: { stoppedBy: 'request' } });
  });

  test('is refused without --live-control', async () => {
    endpoint.hold();
    const running = start();
    const address = await addressOf(() => running.stderr());
    const answer = await ask(address, '/api/run/stop', { method: 'POST' });
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: 'read_only' }]);
    endpoint.open();
    expect((await running.ended).code).toBe(0);
  });
});

test.each([
  ['GET', '/api/run/stop', 405, { allow: 'POST' }],
  ['POST', '/', 405, { allow: 'GET, HEAD' }],
  ['DELETE', '/api/run', 405, { allow: 'GET, HEAD' }],
  ['POST', '/api/run/events', 405, { allow: 'GET' }],
  ['GET', '/api/run/events', 426, { upgrade: 'websocket' }],
  ['GET', '/api/other', 404, {}],
])('%s %s is answered by %d and JSON', async (method, path, status, headers) => {
  endpoint.hold();
  const running = start('--live-control');
  const address = await addressOf(() => running.stderr());
  const answer = await ask(address, path, { method });
  expect(answer.status).toBe(status);
  expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
  expect(await answer.json()).toEqual({ error: expect.any(String) as string, message: expect.any(String) as string });
  endpoint.open();
  expect((await running.ended).code).toBe(0);
});

describe('after the end', () => {
  test('the page stays for --live-linger, and a signal ends that without another exit code', async () => {
    const running = start('--live-linger', '1h');
    const address = await addressOf(() => running.stderr());
    const client = new LiveClient(address);
    expect(await client.closed).toBe(1000);
    const late = new LiveClient(address);
    expect(await late.closed).toBe(1000);
    expect(late.types).toEqual(['snapshot', 'end']);
    expect(await (await ask(address, '/api/run')).json()).toMatchObject({ type: 'end', exitCode: 0 });
    expect(running.stderr()).toContain('the page stays for 1h');
    running.signal('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect(running.listeners()).toBe(1);
  });

  test('the page does not stay for a run that a signal has ended', async () => {
    endpoint.hold();
    const running = start('--live-linger', '1h');
    const { client } = await watched(running);
    await client.sees((message) => 'state' in message && message.state.inFlight === 3);
    running.signal('SIGTERM');
    endpoint.open();
    const { code, stderr } = await running.ended;
    expect([code, await client.closed]).toEqual([143, 1000]);
    expect(stderr).not.toContain('the page stays');
  });

  test('somebody who wants to stop it then is told so', async () => {
    const running = start('--live-linger', '1h', '--live-control');
    const address = await addressOf(() => running.stderr());
    expect(await new LiveClient(address).closed).toBe(1000);
    const answer = await ask(address, '/api/run/stop', { method: 'POST' });
    expect([answer.status, await answer.json()]).toMatchObject([409, { error: 'ended' }]);
    running.signal('SIGINT');
    expect((await running.ended).code).toBe(0);
  });
});

describe('where the address is told', () => {
  test('as a line of JSON with --log-format json, and nowhere else', async () => {
    const running = start('--log-format', 'json', '--log-level', 'trace');
    const { token, base } = await addressOf(() => running.stderr());
    const { stderr, code } = await running.ended;
    expect(code).toBe(0);
    const lines = stderr.trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', msg: 'live page', url: `${base}/#${token}` });
    expect(lines.slice(1).join('\n')).not.toContain(token);
    expect(readFileSync(join(folder, 'run.ndjson'), 'utf8')).not.toContain(token);
  });

  test('a token of one’s own is that of the file', async () => {
    writeFileSync(join(folder, 'token.txt'), 'a-token-of-my-own-01\n', { mode: 0o600 });
    endpoint.hold();
    const running = start('--live-token', '@token.txt');
    const address = await addressOf(() => running.stderr());
    expect(address.token).toBe('a-token-of-my-own-01');
    expect((await ask(address, '/api/run')).status).toBe(200);
    endpoint.open();
    await running.ended;
  });
});

describe('what is refused before the first call', () => {
  const calls = async (...flags: string[]): Promise<{ code: number; stderr: string }> => {
    const before = endpoint.calls;
    const outcome = await start(...flags).ended;
    expect(endpoint.calls).toBe(before);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
    return outcome;
  };

  test('a port that is taken, and --overwrite has emptied nothing', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    writeFileSync(join(folder, 'run.ndjson'), 'precious\n');
    const { code, stderr } = await calls('--live-port', String(port), '--overwrite');
    taken.close();
    expect([code, stderr]).toEqual([2, expect.stringContaining(`port ${port} of 127.0.0.1 is in use`)]);
    expect(readFileSync(join(folder, 'run.ndjson'), 'utf8')).toBe('precious\n');
  });

  test.each([
    [['--live-host', '0.0.0.0'], '0.0.0.0 is every interface'],
    [['--live-host', '[::]'], '[::] is every interface'],
    [['--live-host', 'http://127.0.0.1'], '--live-host http://127.0.0.1 is no address or name alone'],
    [['--live-host', '127.0.0.1:8484'], '--live-host 127.0.0.1:8484 is no address or name alone'],
    [['--live-host', '[::1]:8484'], '--live-host [::1]:8484 is no address or name alone'],
    [['--live-token', '@'], '--live-token: cannot read a file without a name'],
    [['--live-host', '192.0.2.1'], '--live-host 192.0.2.1 lets other machines in, and needs a token of your own'],
    [['--live-port', '70000'], '--live-port'],
    [['--live-port', 'x'], '--live-port'],
    [['--live-linger', '5'], '--live-linger'],
    [['--live-token', 'open-on-the-command-line'], '--live-token'],
  ])('%j', async (flags, message) => {
    const { code, stderr } = await calls(...flags);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test.each([
    ['', 'is empty'],
    ['short', 'too short'],
  ])('a token file with %j', async (text, message) => {
    writeFileSync(join(folder, 'token.txt'), `${text}\n`, { mode: 0o600 });
    const { code, stderr } = await calls('--live-token', '@token.txt');
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('every interface, also with a token', async () => {
    writeFileSync(join(folder, 'token.txt'), 'a-token-of-my-own-01\n', { mode: 0o600 });
    const { code, stderr } = await calls('--live-host', '0.0.0.0', '--live-token', '@token.txt');
    expect([code, stderr]).toEqual([2, expect.stringContaining('every interface')]);
  });

  test.each([
    [['--live-port', '8000'], '--live-port needs --live'],
    [['--live-host', 'localhost'], '--live-host needs --live'],
    [['--live-control'], '--live-control needs --live'],
    [['--live-linger', '1m'], '--live-linger needs --live'],
  ])('%j without --live', async (flags, message) => {
    const outcome = await runMain(['enrich', 'cases.ndjson', '--endpoint', endpoint.url, ...flags], { cwd: folder });
    expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

test('a configuration may have them for later, but not a host or token where it was found', async () => {
  const { loaders, settings } = recorded('enrich');
  const write = (content: object): void =>
    writeFileSync(join(folder, 'case-tracker.config.json'), JSON.stringify({ endpoint: 'demo', ...content }));
  write({ livePort: 8484, liveControl: true, liveLinger: '1m' });
  await runMain(['enrich', 'cases.ndjson'], { cwd: folder, commands: loaders });
  expect(settings().values).toMatchObject({ live: false, livePort: 8484, liveControl: true, liveLingerMs: 60_000 });
  for (const key of ['liveHost', 'liveToken']) {
    write({ [key]: 'localhost' });
    const outcome = await runMain(['enrich', 'cases.ndjson'], { cwd: folder, commands: loaders });
    expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringContaining(`"${key}"`)]);
  }
});

test('--dry-run opens no server', async () => {
  const { code, stderr } = await start('--dry-run').ended;
  expect(code).toBe(0);
  expect(stderr).not.toContain('live: http');
});

test('watchers of a caller are told what the others are told, and cases are counted ahead for them', async () => {
  const { loaders, settings } = recorded('enrich');
  const argv = ['enrich', 'cases.ndjson', '--endpoint', `${endpoint.url}/{id}`, '--quiet', '-o', 'run.ndjson'];
  await runMain(argv, { cwd: folder, commands: loaders });
  const told: string[] = [];
  const watcher = {
    started: (run: StartedRun) => void told.push(`started ${run.method}`),
    delivered: () => void told.push('delivered'),
    drained: () => void told.push('drained'),
    ended: () => void told.push('ended'),
  };
  expect(await run(settings(), fakeHost({ cwd: folder }).host, realFileOps, [watcher])).toBe(0);
  expect([...new Set(told)]).toEqual(['started GET', 'delivered', 'drained', 'ended']);
});
