import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { TokenCommand, type TokenCommandOptions } from '../../../../src/io/http/auth/token-command.js';
import { realClock } from '../../../../src/host.js';
import { FakeClock, START } from '../../../helpers/clock.js';
import { temporaryFolder } from '../../../helpers/folder.js';

const cwd = '/';

function provider(command: string, options: Partial<TokenCommandOptions> = {}): TokenCommand {
  const env = { PATH: process.env['PATH'] };
  const made = new TokenCommand({ command, cwd, env, clock: realClock, ...options });
  onTestFinished(() => made.close());
  return made;
}

/** The message that the command's end has, and whether asking again is of use. */
async function problem(command: string, options: Partial<TokenCommandOptions> = {}): Promise<[string, boolean]> {
  const error: unknown = await provider(command, options)
    .current()
    .catch((rejected: unknown) => rejected);
  if (!(error instanceof Error)) throw new Error('it gave a token');
  return [error.message, (error as { permanent?: boolean }).permanent === true];
}

/** True while a process with this id is there and is no zombie. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a token', () => {
  test.each([
    ['echo abc', { value: 'abc' }],
    ["printf 'abc\\nuser: me\\n'; echo noise >&2", { value: 'abc' }],
    [`echo '{"access_token":"abc","expires_in":"60"}'`, { value: 'abc', expiresAt: START + 60_000 }],
    ['false || echo abc | tr a-c x-z', { value: 'xyz' }],
  ])('is what %j prints', async (command, token) => {
    expect(await provider(command, { clock: new FakeClock() }).current()).toEqual(token);
  });

  test('is printed in the folder and the environment of the run, without standard input', async () => {
    const folder = temporaryFolder();
    const env = { PATH: process.env['PATH'], TEAM: 'blue' };
    const command = 'printf "%s:%s:%s" "$PWD" "$TEAM" "$(cat | wc -c | tr -d " ")"';
    expect(await provider(command, { cwd: folder, env }).current()).toEqual({ value: `${folder}:blue:0` });
  });

  test('is asked for again each time', async () => {
    const folder = temporaryFolder();
    const own = provider('echo x >> count; wc -l < count', { cwd: folder });
    expect([await own.current(), await own.current()].map(({ value }) => value.trim())).toEqual(['1', '2']);
  });

  test('counts its life from the start of the command', async () => {
    const clock = new FakeClock();
    const folder = temporaryFolder();
    const command = `touch begun; until [ -e go ]; do sleep 0.01; done; echo '{"token":"abc","expires_in":60}'`;
    const token = provider(command, { cwd: folder, clock }).current();
    await vi.waitFor(() => expect(existsSync(join(folder, 'begun'))).toBe(true));
    clock.advance(5_000);
    await provider('touch go', { cwd: folder })
      .current()
      .catch(() => {});
    expect(await token).toEqual({ value: 'abc', expiresAt: START + 60_000 });
  });
});

describe('what is none', () => {
  test.each<[string, string, boolean]>([
    ['true', '--token-command printed nothing', false],
    ['echo', '--token-command printed nothing', false],
    ["printf '\\nabc'", 'what --token-command printed has an empty first line, where the token should be', false],
    [
      `echo '{"accessToken":"x"}'`,
      'what --token-command printed is JSON without a text "token" or "access_token"',
      false,
    ],
    ['exit 3', '--token-command ended with code 3', false],
    [
      'echo one >&2; echo "not logged in" >&2; echo c4n4ry; exit 1',
      '--token-command ended with code 1: one / not logged in',
      false,
    ],
    ['seq 1 9 >&2; exit 1', '--token-command ended with code 1: 7 / 8 / 9', false],
    ['/', '--token-command ended with code 126: ', true],
    ['no-such-command-4711', '--token-command ended with code 127: ', true],
    ['kill -9 $$', '--token-command was ended by SIGKILL', false],
    ['yes', '--token-command printed more than 64 KiB, and was stopped', false],
  ])('%j', async (command, message, permanent) => {
    const [said, isPermanent] = await problem(command);
    expect([said.slice(0, message.length), isPermanent]).toEqual([message, permanent]);
    expect(said).not.toContain('c4n4ry');
  });

  test('in a folder that is gone, or without a shell', async () => {
    const [said, permanent] = await problem('echo abc', { cwd: '/no/such/folder' });
    expect([said.slice(0, 35), permanent]).toEqual(["--token-command can't be started: s", true]);
  });

  test('of stderr no line is kept in part', async () => {
    const [said] = await problem('printf "c4n4ry%070000d\\nlast\\n" 1 >&2; exit 1');
    expect(said).toBe('--token-command ended with code 1: last');
    const [only] = await problem('printf "c4n4ry%070000d" 1 >&2; exit 1');
    expect(only).toBe('--token-command ended with code 1');
  });
});

describe('a command that hangs', () => {
  const HANGS = 'echo waiting >&2; (trap "" TERM; echo $$ > shell; sleep 600 & echo $! > child; wait)';

  async function started(folder: string): Promise<number[]> {
    return vi.waitFor(() => {
      const pids = ['shell', 'child'].map((name) => Number(readFileSync(join(folder, name), 'utf8')));
      expect(pids.every((pid) => pid > 0)).toBe(true);
      return pids;
    });
  }

  async function gone(pids: readonly number[]): Promise<void> {
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), 5_000);
  }

  test('is killed after 30 s with all that it has started', async () => {
    const [clock, folder] = [new FakeClock(), temporaryFolder()];
    const said = problem(HANGS, { clock, cwd: folder });
    const pids = await started(folder);
    expect(pids.map(isAlive)).toEqual([true, true]);
    clock.advance(29_999);
    expect(clock.timers).toBe(1);
    clock.advance(1);
    // Its words may still be on their way.
    expect((await said)[0]).toMatch(/^--token-command did not end within 30s, and was stopped(?:: waiting)?$/);
    await gone(pids);
    expect(clock.timers).toBe(0);
  });

  test('is killed when the run ends, and none is started after that', async () => {
    const folder = temporaryFolder();
    const own = provider(HANGS, { cwd: folder });
    const token = own.current();
    token.catch(() => {});
    const pids = await started(folder);
    own.close();
    await expect(token).rejects.toThrow('--token-command was stopped, as the run is over');
    await gone(pids);
    await expect(own.current()).rejects.toThrow('the run is over');
  });

  test('leaves nobody who listens to the end of this process', async () => {
    const before = process.listenerCount('exit');
    const own = provider('sleep 600');
    const token = own.current();
    token.catch(() => {});
    expect(process.listenerCount('exit')).toBe(before + 1);
    own.close();
    await expect(token).rejects.toThrow('stopped');
    expect(process.listenerCount('exit')).toBe(before);
  });
});

test('what a command leaves behind that holds its output is waited for a second, and ended', async () => {
  const [clock, folder] = [new FakeClock(), temporaryFolder()];
  const token = provider('sleep 600 & echo $! > child; echo abc', { clock, cwd: folder }).current();
  // The timer of 30 s gives way to the one of a second when the shell has ended.
  await vi.waitFor(() => {
    clock.advance(100);
    expect(existsSync(join(folder, 'child'))).toBe(true);
  });
  expect(await clock.passDuring(token)).toEqual({ value: 'abc' });
  const child = Number(readFileSync(join(folder, 'child'), 'utf8'));
  await vi.waitFor(() => expect(isAlive(child)).toBe(false), 5_000);
});
