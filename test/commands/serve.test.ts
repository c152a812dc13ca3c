import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';

import { type ServeOptions, runServe } from '../../src/commands/serve.js';
import type { SignalName } from '../../src/host.js';
import { type FakeHost, fakeHost } from '../helpers/fake-host.js';

/** Starts the command and resolves when it has said where it is; the command itself goes on. */
async function serve(options: ServeOptions, fake: FakeHost): Promise<{ url: string; exit: Promise<number> }> {
  const written = outputOf(fake);
  const exit = runServe(options, fake.host);
  await Promise.race([written, exit]);
  return { url: fake.stdout().trimEnd(), exit };
}

/** Resolves at the last thing that the command writes before it waits. */
function outputOf({ host }: FakeHost): Promise<void> {
  return new Promise((resolve) => {
    for (const stream of [host.stdout, host.stderr]) {
      const write = stream.write.bind(stream);
      stream.write = (text) => write(text).finally(() => setImmediate(resolve));
    }
  });
}

describe('serve', () => {
  test.each<[SignalName, number]>([
    ['SIGINT', 0],
    ['SIGTERM', 0],
    ['SIGHUP', 129],
  ])('prints its URL on stdout, answers, and ends on %s with exit code %i', async (signal, code) => {
    const fake = fakeHost();
    const { url, exit } = await serve({}, fake);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/cases\/\{id\}$/);
    const { statusCode, body } = await request(url.replace('{id}', 'CASE-001'));
    expect([statusCode, await body.json()]).toMatchObject([200, { customer: {} }]);
    fake.signal(signal);
    expect(await exit).toBe(code);
    await expect(request(url.replace('{id}', 'CASE-001'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(() => fake.signal(signal)).toThrow('nobody listens');
  });

  test('says on stderr how to use it and how to stop it, and keeps quiet when asked to', async () => {
    const fake = fakeHost();
    const { url, exit } = await serve({ delayMs: 50, ratePerSecond: 20, faults: true }, fake);
    expect(fake.stderr()).toBe(
      'serving 40 cases, 50ms delay, 429 beyond 20/s, with faults; Ctrl-C stops it\n' +
        `  try: case-tracker enrich cases.json --endpoint '${url}'\n`,
    );
    fake.signal('SIGINT');
    await exit;
    const quiet = fakeHost();
    const second = await serve({ quiet: true }, quiet);
    quiet.signal('SIGINT');
    expect([await second.exit, quiet.stderr()]).toEqual([0, '']);
  });

  test('asks for a token and says by which command one gets it', async () => {
    const fake = fakeHost();
    const { url, exit } = await serve({ tokenLifeMs: 20_000 }, fake);
    const tokenUrl = url.replace('/cases/{id}', '/token');
    expect(fake.stderr()).toBe(
      'serving 40 cases, 401 without a token, which lives 20s; Ctrl-C stops it\n' +
        `  a token: curl -s -u demo:demo-secret -d grant_type=client_credentials ${tokenUrl}\n` +
        `  try: case-tracker enrich cases.json --endpoint '${url}'\n`,
    );
    const refused = await request(url.replace('{id}', 'CASE-001'));
    await refused.body.dump();
    const authorization = `Basic ${Buffer.from('demo:demo-secret').toString('base64')}`;
    const form = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
    const granted = await request(tokenUrl, { method: 'POST', headers: form, body: 'grant_type=client_credentials' });
    const { access_token: token } = (await granted.body.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token}` };
    const answered = await request(url.replace('{id}', 'CASE-001'), { headers });
    await answered.body.dump();
    expect([refused.statusCode, granted.statusCode, answered.statusCode]).toEqual([401, 200, 200]);
    fake.signal('SIGINT');
    await exit;
  });

  test('serves a file of the folder one stands in', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'serve-'));
    onTestFinished(() => rm(cwd, { recursive: true }));
    await writeFile(join(cwd, 'mine.json'), '{"T-1":{"mine":true}}');
    const fake = fakeHost({ cwd });
    const { url, exit } = await serve({ data: 'mine.json' }, fake);
    const { body } = await request(url.replace('{id}', 'T-1'));
    expect(await body.json()).toEqual({ mine: true });
    expect(fake.stderr()).toContain('serving 1 case;');
    fake.signal('SIGTERM');
    await exit;
  });

  test('a port in use and a data file that is missing are refused, and nobody is left listening', async () => {
    const first = fakeHost();
    const { url, exit } = await serve({}, first);
    const second = fakeHost();
    const port = Number(new URL(url).port);
    await expect(runServe({ port }, second.host)).rejects.toMatchObject({ exitCode: 2 });
    await expect(runServe({ data: 'none.json' }, second.host)).rejects.toMatchObject({ exitCode: 3 });
    expect(() => second.signal('SIGINT')).toThrow('nobody listens');
    first.signal('SIGINT');
    await exit;
  });

  test('a stdout that is closed ends it', async () => {
    const fake = fakeHost();
    fake.closeStdout();
    await expect(runServe({}, fake.host)).rejects.toMatchObject({ code: 'EPIPE' });
  });
});
