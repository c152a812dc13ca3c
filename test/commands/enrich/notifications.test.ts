/** `--notify` of a whole run in this process: what is told, when, and that nothing else changes. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ndjsonCases } from '../../helpers/binary.js';
import { FakeClock } from '../../helpers/clock.js';
import { answer, countingServer, idOf, type Respond } from '../../helpers/counting-server.js';
import { faultyOps } from '../../helpers/faulty-disk.js';
import { refusedUrl, serveRaw } from '../../helpers/fault-server.js';
import { folderWith } from '../../helpers/folder.js';
import { type HookServer, hookServer, status } from '../../helpers/hook-server.js';
import { type MainOptions, type Outcome, runMain, startMain } from '../../helpers/run-main.js';

const PATH = '/services/T00000000/B00000000/s3cr3ts3cr3ts3cr3t';

const failing: Respond = (request, response) =>
  idOf(request) === 'C-2' ? answer(response, { message: 'no <!channel>' }, 422) : answer(response);

interface Rig {
  readonly cwd: string;
  readonly args: readonly string[];
}

async function rig(hooks: readonly HookServer[], respond: Respond = failing, cases = 5): Promise<Rig> {
  const { url } = await countingServer(respond);
  const cwd = folderWith({
    'cases.ndjson': ndjsonCases(cases),
    hooks: hooks.map((hook) => `${hook.url}${PATH}\n`).join(''),
  });
  return { cwd, args: ['enrich', 'cases.ndjson', '--endpoint', url, '--notify', '@hooks'] };
}

/** The machine's network, and a clock that does not wait. */
async function quickly({ cwd, args }: Rig, more: readonly string[] = [], options: MainOptions = {}): Promise<Outcome> {
  const clock = new FakeClock();
  const { host: _, ...started } = startMain([...args, ...more], { cwd, clock, ...options });
  return clock.passDuring(started.ended, 0.5);
}

describe('at the end', () => {
  test('a run with failures: one message, after all is written, and no word of the endpoint in its text', async () => {
    let journalThen = '';
    const cwdOf = { cwd: '' };
    const hook = await hookServer((response) => {
      journalThen = readFileSync(join(cwdOf.cwd, 'run.ndjson'), 'utf8');
      response.end('ok');
    });
    const world = await rig([hook]);
    cwdOf.cwd = world.cwd;
    const run = await runMain([...world.args, '-o', 'run.ndjson'], { cwd: world.cwd });
    expect(run.code).toBe(1);
    expect(run.stderr).not.toContain('did not take');
    expect(hook.heard).toHaveLength(1);
    const { url, body } = hook.heard[0] as (typeof hook.heard)[0];
    expect(url).toBe(PATH);
    expect(body).toMatchObject({
      schemaVersion: 1,
      event: 'failed',
      exitCode: 1,
      summary: { total: 5, enriched: 4, failed: 1 },
      groups: [{ label: 'http 422', count: 1, words: 'no <!channel>', examples: ['C-2'] }],
      run: { complete: true, stoppedBy: null },
    });
    expect(body.text).toMatch(/^✗ case-tracker: 1 of 5 failed \(exit 1\), 127\.0\.0\.1:\d+, /);
    expect(journalThen.trim().split('\n').at(-1)).toContain('"summary"');
    expect(body.run).not.toHaveProperty('startedMs');
  });

  test('a run that is all well is finished; each hook hears only of its events', async () => {
    const [all, some] = [await hookServer(), await hookServer()];
    const { cwd, args } = await rig([all], (_, response) => answer(response));
    writeFileSync(
      join(cwd, 'own.json'),
      JSON.stringify({ notify: [{ url: all.url }, { url: some.url, on: ['failed', 'stopped', 'paused'] }] }),
    );
    const run = await runMain([...args.slice(0, -2), '--config', 'own.json'], { cwd });
    expect(run.code).toBe(0);
    expect(all.heard).toMatchObject([{ body: { event: 'finished', exitCode: 0, groups: [] } }]);
    expect(some.heard).toEqual([]);
  });

  test.each<[string, readonly string[], number, string]>([
    ['an early stop', ['--on-failure', 'fail-fast', '--limit', '1'], 4, 'fail-fast'],
    ['--max-time', ['--max-time', '1ms', '--limit', '1'], 4, 'max-time'],
  ])('%s is stopped', async (_, flags, code, stoppedBy) => {
    const hook = await hookServer();
    const run = await quickly(await rig([hook]), flags);
    expect(run.code).toBe(code);
    expect(hook.heard).toMatchObject([{ body: { event: 'stopped', exitCode: code, run: { stoppedBy } } }]);
  });

  test('a signal is stopped', async () => {
    const hook = await hookServer();
    const held: (() => void)[] = [];
    const { cwd, args } = await rig([hook], (_, response) => held.push(() => answer(response)));
    const started = startMain([...args, '--limit', '1'], { cwd });
    await expect.poll(() => held.length).toBe(1);
    started.signal('SIGTERM');
    held[0]?.();
    expect((await started.ended).code).toBe(143);
    expect(hook.heard).toMatchObject([{ body: { event: 'stopped', exitCode: 143, run: { stoppedBy: 'signal' } } }]);
  });

  test('a disk that is full in the middle of it is stopped', async () => {
    const hook = await hookServer();
    const world = await rig([hook]);
    const ops = faultyOps({ calls: ['write'], at: 2, code: 'ENOSPC', forGood: true });
    const run = await quickly(world, ['-o', 'run.ndjson'], { ops });
    expect(run.code).toBe(5);
    expect(hook.heard).toMatchObject([{ body: { event: 'stopped', exitCode: 5, run: { stoppedBy: 'output' } } }]);
  });

  test('a reader that has gone, and an input of which nothing can be read, are stopped without a summary', async () => {
    const hook = await hookServer();
    const world = await rig([hook]);
    const gone = await quickly(world, ['--format', 'ndjson'], {
      stdoutError: Object.assign(new Error('x'), { code: 'EPIPE' }),
    });
    writeFileSync(join(world.cwd, 'cases.ndjson'), '{"id":"a');
    const cut = await quickly(world);
    const missing = await quickly({
      ...world,
      args: world.args.map((arg) => (arg === 'cases.ndjson' ? 'none.json' : arg)),
    });
    expect([gone.code, cut.code, missing.code]).toEqual([5, 3, 3]);
    expect(hook.heard.map(({ body }) => [body.event, body.exitCode, body.summary])).toEqual([
      ['stopped', 5, null],
      ['stopped', 3, null],
      ['stopped', 3, null],
    ]);
    expect(hook.heard.map(({ body }) => body.run === null)).toEqual([false, false, true]);
  });

  test('while the live page stays the end is told already, once; the signal that ends the page changes nothing', async () => {
    let tell = (): void => {};
    const told = new Promise<void>((resolve) => (tell = resolve));
    const hook = await hookServer((response) => response.end('ok', tell));
    const { cwd, args } = await rig([hook]);
    const running = startMain([...args, '--live', '--live-linger', '8h'], { cwd });
    await told;
    expect(hook.heard).toMatchObject([{ body: { event: 'failed', exitCode: 1, summary: { total: 5 } } }]);
    running.signal('SIGINT');
    expect((await running.ended).code).toBe(1);
    expect(hook.heard).toHaveLength(1);
  });

  test('a stop says how far the run was', async () => {
    const hook = await hookServer();
    const { cwd, args } = await rig([hook], (_, response) => answer(response, {}, 422), 9);
    const run = await runMain([...args, '--limit', '1', '--max-failures', '2', '-o', 'run.ndjson'], { cwd });
    expect(run.code).toBe(4);
    const [told] = hook.heard.map(({ body }) => body);
    expect(told.text).toContain(
      `${told.summary.failed} of ${told.summary.total} failed, ${9 - told.summary.total} left`,
    );
    expect(told.summary.total).toBeLessThan(9);
  });

  test('many hooks are told at once, and nothing warns of it', async () => {
    const hook = await hookServer();
    const { cwd, args } = await rig([hook]);
    writeFileSync(join(cwd, 'hooks'), Array.from({ length: 50 }, (_, i) => `${hook.url}/${i}\n`).join(''));
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    const run = await runMain(args, { cwd });
    process.off('warning', listen);
    expect([run.code, hook.heard.length, warnings]).toEqual([1, 50, []]);
  });

  test('a wrong setting and a bug are told to nobody', async () => {
    const hook = await hookServer();
    const world = await rig([hook]);
    expect((await quickly(world, ['--response-schema', 'none.json'])).code).toBe(2);
    let calls = 0;
    const held = await rig([hook], () => calls++);
    const bug = startMain(held.args, { cwd: held.cwd });
    await expect.poll(() => calls).toBeGreaterThan(0);
    bug.fault(new TypeError('nobody has caught it'));
    expect((await bug.ended).code).toBe(70);
    expect(hook.heard).toEqual([]);
  });
});

describe('a hook that fails', () => {
  test('is one warning with its origin; exit code, results and summary are those without it', async () => {
    const good = await hookServer();
    const bad = [
      await hookServer((response) => status(response, 500)),
      await hookServer((response) => status(response, 302, { location: good.url })),
      await hookServer((response) => status(response, 404)),
      await hookServer(() => {}),
    ];
    const world = await rig([...bad, good]);
    const run = await quickly(world, ['--format', 'ndjson']);
    expect(run.code).toBe(1);
    const [broken, moved, missing, hanging] = bad.map(({ url }) => url);
    expect(run.stderr.split('\n').slice(-5).toSorted()).toEqual(
      [
        '',
        `! ${broken} did not take a notification: it answered 500 (3 tries)`,
        `! ${moved} did not take a notification: 302, and redirects are not followed`,
        `! ${missing} did not take a notification: it answered 404`,
        `! ${hanging} did not take a notification: no answer within 4.4s (3 tries)`,
      ].toSorted(),
    );
    expect(good.heard).toHaveLength(1);
    expect(run.stdout.trim().split('\n')).toHaveLength(5);
    expect(run.stdout + run.stderr).not.toContain('s3cr3t');
  });

  test('is silent with --quiet, and a line of the log with --log-format json', async () => {
    const bad = await hookServer((response) => status(response, 404));
    const world = await rig([bad], (_, response) => answer(response));
    expect((await quickly(world, ['--quiet', '--format', 'ndjson'])).stderr).toBe('');
    const { stderr } = await quickly(world, ['--log-format', 'json', '--format', 'ndjson']);
    expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      level: 'warn',
      msg: `${bad.url} did not take a notification: it answered 404`,
    });
    expect((await quickly(world, ['--log-format', 'json', '--log-level', 'silent'])).stderr).not.toContain(
      'did not take',
    );
  });

  test('a signal cuts the wait off, and the exit code is that of the run', async () => {
    const hanging = await hookServer(() => {});
    const { cwd, args } = await rig([hanging]);
    const started = startMain(args, { cwd });
    await hanging.seen();
    expect(started.stderr()).toContain('was not enriched');
    started.signal('SIGINT');
    expect(await started.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('it was cut off') });
    expect(started.listeners()).toBe(1);
  });
});

describe('while the run goes on', () => {
  /** Asks once for a pause. */
  function pausing(seconds: number): Respond {
    let calls = 0;
    return (_, response) => {
      if (++calls > 1) return answer(response);
      response.setHeader('retry-after', String(seconds));
      return answer(response, {}, 429);
    };
  }

  test('a long pause is told at once, a short one is not; the hook that hangs holds up nothing', async () => {
    const [hook, hanging] = [await hookServer(), await hookServer(() => {})];
    const run = await quickly(await rig([hook, hanging], pausing(12)), ['--limit', '1']);
    expect(run.code).toBe(0);
    // What was under way about the pause was out of date: it is no second miss.
    expect(run.stderr).toContain(`${hanging.url} did not take a notification: no answer within 4.4s (3 tries)`);
    expect(hook.heard.map(({ body }) => body.event)).toEqual(['paused', 'finished']);
    expect(hook.heard[0]?.body).toMatchObject({
      exitCode: null,
      summary: null,
      groups: null,
      stall: { kind: 'pause', httpStatus: 429, asked: true },
      progress: { done: 0, failed: 0 },
    });
    expect(hook.heard[0]?.body.text).toMatch(/^⏸ case-tracker: paused for 1\d.*s after 429, as the endpoint asked, 0 /);
    const short = await hookServer();
    expect((await quickly(await rig([short], pausing(5)), ['--limit', '1'])).code).toBe(0);
    expect(short.heard.map(({ body }) => body.event)).toEqual(['finished']);
  });

  test('an outage is told once it has lasted 10 s', async () => {
    const hook = await hookServer();
    let calls = 0;
    const world = await rig(
      [hook],
      (_, response) => (++calls <= 20 || calls > 46 ? answer(response) : answer(response, {}, 503)),
      100,
    );
    const run = await quickly(world, ['--limit', '1', '--retries', '0', '--max-outage', 'none']);
    expect(run.code).toBe(0);
    expect(hook.heard.map(({ body }) => body.event)).toEqual(['paused', 'finished']);
    expect(hook.heard[0]?.body).toMatchObject({
      stall: { kind: 'outage', forMs: 10_000, leftMs: null, httpStatus: 503, asked: false },
      progress: { done: 20, enriched: 20 },
    });
  });
});

describe('the URL is a secret everywhere', () => {
  test('a dry run names the origin and sends nothing', async () => {
    const hook = await hookServer();
    const { cwd, args } = await rig([hook]);
    const run = await runMain([...args, '--dry-run'], { cwd });
    expect(run.stderr).toMatch(/^notify +http:\/\/127\.0\.0\.1:\d+ \(finished, failed, stopped, paused\) +--notify$/m);
    expect(run.stdout + run.stderr).not.toContain('s3cr3t');
    expect(hook.heard).toEqual([]);
  });

  test('logs, results, reports and errors do not show it, even where the endpoint says it', async () => {
    const hook = await hookServer((response) => status(response, 500));
    const { cwd, args } = await rig([hook], (_, response) => answer(response, { message: `see ${PATH}` }, 400));
    const run = await runMain([...args, '-o', 'run.ndjson', '--log-level', 'trace', '--log-format', 'json'], { cwd });
    const report = await runMain(['report', 'run.ndjson', '--format', 'html'], { cwd });
    const shown = [
      run.stderr,
      readFileSync(join(cwd, 'run.ndjson'), 'utf8'),
      report.stdout,
      JSON.stringify(hook.heard[0]?.body),
    ];
    expect(shown.join('\n')).not.toContain('s3cr3t');
    expect(shown.join('\n')).toContain('see ***');
    const plain = await runMain(['enrich', 'cases.ndjson', '--endpoint', 'demo', '--notify', `https://h${PATH}`], {
      cwd,
    });
    expect([plain.code, plain.stderr.includes('s3cr3t')]).toEqual([2, false]);
  });
});

describe('a proxy of the environment', () => {
  const demo = async (hookUrl: string): Promise<Rig> => ({
    cwd: folderWith({ 'cases.ndjson': ndjsonCases(2), hooks: `${hookUrl}${PATH}\n` }),
    args: ['enrich', 'cases.ndjson', '--endpoint', 'demo', '--notify', '@hooks'],
  });

  test('that is no URL is refused before the first call; NO_PROXY names what goes without it', async () => {
    const hook = await hookServer();
    const refused = await quickly(await demo(hook.url), [], { env: { HTTP_PROXY: 'ftp://proxy.example' } });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('HTTP_PROXY names a ftp proxy') });
    const env = { HTTP_PROXY: await refusedUrl(), NO_PROXY: '127.0.0.1' };
    await quickly(await demo(hook.url), [], { env });
    expect(hook.heard).toHaveLength(1);
  });

  test('gets what is for an http:// URL, with its credentials', async () => {
    const proxy = await hookServer((response, number) => status(response, number === 1 ? 204 : 407));
    const env = { HTTP_PROXY: proxy.url.replace('//', '//me:pw@') };
    const world = await demo('http://hooks.example.com');
    expect((await quickly(world, [], { env })).stderr).not.toContain('did not take');
    expect(proxy.heard).toMatchObject([
      {
        url: `http://hooks.example.com${PATH}`,
        headers: { host: 'hooks.example.com', 'proxy-authorization': `Basic ${btoa('me:pw')}` },
        body: { event: 'failed' },
      },
    ]);
    expect((await quickly(world, [], { env })).stderr).toContain(
      `! http://hooks.example.com did not take a notification: the proxy ${proxy.url} asks for credentials (407)\n`,
    );
    expect(proxy.heard).toHaveLength(2);
  });

  test('is asked for a tunnel to an https:// URL', async () => {
    const asked: string[] = [];
    const proxy = await serveRaw((socket, request) => {
      asked.push(request.split('\r\n', 1)[0] ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const run = await quickly(await demo('https://hooks.example.com'), [], { env: { HTTPS_PROXY: proxy.url } });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(`did not take a notification: the proxy ${proxy.url} refused the connection (403)`);
    expect(asked[0]).toBe('CONNECT hooks.example.com:443 HTTP/1.1');
  });
});
