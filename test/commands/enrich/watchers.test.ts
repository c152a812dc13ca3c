import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { main } from '../../../src/main.js';
import { fakeHost, type FakeHost, type FakeHostOptions } from '../../helpers/fake-host.js';
import { serve } from '../../helpers/fault-server.js';
import { FakeClock } from '../../helpers/clock.js';

interface Held {
  readonly fake: FakeHost;
  /** Lets the calls that are held have their answer. */
  readonly release: () => void;
}

/** Enriches 40 cases, three at a time, against an endpoint that answers the first few and then holds the others. */
async function heldRun(options: FakeHostOptions, flags: readonly string[] = []): Promise<Held> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let calls = 0;
  const { url } = await serve(async (_, response) => {
    if (++calls > 4) await released;
    response.end('{}');
  });
  const cwd = mkdtempSync(join(tmpdir(), 'case-tracker-screen-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'cases.ndjson'), Array.from({ length: 40 }, (_, id) => `{"id":${id}}\n`).join(''));
  const fake = fakeHost({ cwd, ...options });
  main(['enrich', 'cases.ndjson', '--endpoint', url, '--limit', '3', '-o', 'run.ndjson', ...flags], fake.host);
  await vi.waitFor(() => expect(calls).toBe(7), { timeout: 10_000, interval: 10 });
  return { fake, release };
}

const count = (text: string, part: string): number => text.split(part).length - 1;

test('a terminal shows how many cases there are, counted ahead of the calls', async () => {
  const { fake, release } = await heldRun({ stderrTTY: true, env: { NO_COLOR: '1' } });
  await vi.waitFor(() => expect(fake.stderr()).toContain('4 of 40'), { timeout: 10_000, interval: 10 });
  release();
  expect(await fake.exitCode).toBe(0);
  expect(fake.stderr()).toMatch(/\n✓ 40 cases enriched\n$/);
});

test.each([
  ['plain lines', [], /\[\d\d:\d\d\] 4\/30 13% ok 4 failed 0 invalid 0 \S+\/s about \S+.* left\n/],
  ['JSON lines', ['--log-format', 'json'], /"done":4,"total":30,.*"leftMs":\d+}\n/],
])('a log without a terminal, as in CI, has the total and the time left in its %s', async (_, flags, line) => {
  const clock = new FakeClock();
  // Only the counting tells how many of a file there will be, when it is not read to its end.
  const long = ['--timeout', '12h', '--deadline', '12h', '--first', '30'];
  const { fake, release } = await heldRun({ env: { CI: 'true' }, clock }, [...long, ...flags]);
  const look = (): void => {
    clock.advance(10_000);
    expect(fake.stderr()).toMatch(line);
  };
  await vi.waitFor(look, { timeout: 10_000, interval: 10 });
  release();
  expect(await fake.exitCode).toBe(0);
});

test('an interruption is told in the live lines of a terminal, and nowhere else on it', async () => {
  const { fake, release } = await heldRun({ stderrTTY: true, env: { NO_COLOR: '1' } });
  fake.signal('SIGINT');
  await vi.waitFor(() => expect(fake.stderr()).toContain('finishing 3 calls'), { timeout: 10_000, interval: 10 });
  release();
  expect(await fake.exitCode).toBe(130);
  expect(count(fake.stderr(), '(Ctrl-C again to cancel)')).toBe(0);
  expect(fake.stderr()).toContain('finishing 3 calls … Ctrl-C again to cancel them');
});

test.each([
  ['a pipe', {}, []],
  ['a terminal in CI', { stderrTTY: true, env: { CI: 'true' } }, []],
  ['--progress none', { stderrTTY: true }, ['--progress', 'none']],
])('an interruption is told once on %s', async (_, options, flags) => {
  const { fake, release } = await heldRun(options, flags);
  fake.signal('SIGINT');
  release();
  expect(await fake.exitCode).toBe(130);
  expect(count(fake.stderr(), 'finishing 3 calls (Ctrl-C again to cancel)\n')).toBe(1);
  // No line is drawn over another one.
  expect(fake.stderr()).not.toContain('\u001b[J');
});

test('with --quiet an interruption is told by the summary, the verdict last, and by nothing before it', async () => {
  const { fake, release } = await heldRun({}, ['--quiet']);
  fake.signal('SIGTERM');
  release();
  expect(await fake.exitCode).toBe(143);
  const stderr = fake.stderr();
  expect(stderr).toMatch(/^stopped: terminated\n\n {2}Cases +7 /);
  expect(stderr.endsWith('\n✗ 7 cases enriched, but the run did not end well (exit 143; interrupted)\n')).toBe(true);
});
