import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { parseArguments } from '../src/cli/parse.js';
import { COMMANDS, type Loaders } from '../src/commands/index.js';
import { InputError } from '../src/errors.js';
import { main } from '../src/main.js';
import { recorded, runMain } from './helpers/run-main.js';
import { FakeClock } from './helpers/clock.js';
import { fakeHost } from './helpers/fake-host.js';

const failing = (error: unknown): Partial<Loaders> => ({
  list: () => Promise.resolve({ run: () => Promise.reject(error) }),
});

describe('the exit code', () => {
  test("is the command's own", async () => {
    const list = (): ReturnType<Loaders['list']> => Promise.resolve({ run: () => Promise.resolve(143) });
    expect(await runMain(['list', 'a.json'], { commands: { list } })).toEqual({ code: 143, stdout: '', stderr: '' });
  });

  test('follows from an expected error, which is told without a stack', async () => {
    const commands = failing(new InputError('cannot read a.json', { hint: 'look again' }));
    const outcome = await runMain(['list', 'a.json'], { commands });
    expect(outcome).toEqual({ code: 3, stdout: '', stderr: 'error: cannot read a.json\n  hint: look again\n' });
  });

  test('is 70 for anything else', async () => {
    const { code, stderr } = await runMain(['list', 'a.json'], {
      commands: failing(new TypeError('x is not a function')),
    });
    expect(code).toBe(70);
    expect(stderr).toMatch(/^error: this is a bug in case-tracker: x is not a function\n/);
    expect(stderr).not.toContain('main.test.ts');
  });

  test.each([[['list', 'a.json', '--log-level', 'debug']], [['--log-level', 'trace', 'list', 'a.json']]])(
    'comes with a stack for %j',
    async (argv) => {
      const { stderr } = await runMain(argv, { commands: failing(new TypeError('oops')) });
      expect(stderr).toContain('main.test.ts');
    },
  );

  test('comes with a stack when the environment asks for it and the usage was wrong', async () => {
    const { code, stderr } = await runMain(['list', '--fisrt'], { env: { CASE_TRACKER_LOG_LEVEL: 'debug' } });
    expect(code).toBe(2);
    expect(stderr).toContain('usage-errors.ts');
  });
});

test('secrets do not get out in an error message', async () => {
  const enrich = (): ReturnType<Loaders['enrich']> =>
    Promise.resolve({ run: () => Promise.reject(new InputError('refused: Bearer t0ken, then t0ken')) });
  const argv = ['enrich', 'a.json', '--endpoint', 'demo', '--header', 'authorization: Bearer t0ken'];
  expect((await runMain(argv, { commands: { enrich } })).stderr).toBe('error: refused: ***, then ***\n');
});

test('a reader that has gone ends the run quietly', async () => {
  const stdoutError = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  expect(await runMain(['--help'], { stdoutError })).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('a full disk on stdout is said', async () => {
  const stdoutError = Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
  const stderr = 'error: cannot write to standard output: no space left on the disk\n';
  for (const argv of [['--help'], ['help', 'formats'], ['completion', 'fish']]) {
    expect(await runMain(argv, { stdoutError })).toEqual({ code: 5, stdout: '', stderr });
  }
});

test('a full disk is said by every command that writes to stdout, and is no bug', async () => {
  const stdoutError = Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
  const cwd = dirname(fileURLToPath(new URL('../fixtures/cases.ndjson', import.meta.url)));
  for (const argv of [
    ['list', 'cases.ndjson'],
    ['list', 'cases.ndjson', '--count'],
    ['schema', 'case'],
    ['enrich', 'cases.ndjson', '--endpoint', 'http://127.0.0.1:9', '--dry-run', '-q'],
    ['enrich', 'cases.ndjson', '--endpoint', 'demo'],
    ['serve'],
  ]) {
    const { code, stderr } = await runMain(argv, { stdoutError, cwd });
    expect([argv[0], code, stderr]).toEqual([argv[0], 5, expect.stringContaining('no space left')]);
  }
});

test('flags of every command may stand before and after it; the later one counts', async () => {
  const { loaders, settings } = recorded('list');
  await runMain(['--color', 'never', '-q', 'list', 'a.json', '--color', 'always'], { commands: loaders });
  expect(settings().values).toMatchObject({ color: 'always', quiet: true, files: ['a.json'] });
});

test('--no-FLAG turns off what the environment turned on', async () => {
  const { loaders, settings } = recorded('list');
  await runMain(['list', 'a.json', '--no-count'], { commands: loaders, env: { CASE_TRACKER_COUNT: '1' } });
  expect(settings().values.count).toBe(false);
});

describe('what ends the process', () => {
  test('a command that has no descriptor left is told so, and not of a bug', async () => {
    const error = Object.assign(new Error("EMFILE: too many open files, open 'x'"), { code: 'EMFILE' });
    const { code, stderr } = await runMain(['list', 'a.json'], { commands: failing(error) });
    expect([code, stderr]).toEqual([70, expect.stringMatching(/^error: too many open files\n {2}hint: ulimit -n/)]);
  });

  test('where nothing can be loaded any more, not even what hides secrets, something is said all the same', async () => {
    vi.doMock('../src/io/secrets/redact.js', () => Promise.reject(new Error('not there')));
    const bug = await runMain(['list', 'a.json'], { commands: failing(new Error('t0ken')) });
    const input = await runMain(['list', 'a.json'], { commands: failing(new InputError('t0ken')) });
    vi.doUnmock('../src/io/secrets/redact.js');
    const stderr = expect.stringMatching(/^error: something went wrong, .*\n {2}hint: .*\n$/) as unknown;
    expect([bug, input]).toMatchObject([
      { code: 70, stderr },
      { code: 3, stderr },
    ]);
    expect(bug.stderr + input.stderr).not.toContain('t0ken');
  });

  test('a bug ends a process whose stderr takes nothing, and a command that never ends', async () => {
    const clock = new FakeClock();
    const fake = fakeHost({ clock });
    const stuck = (): Promise<void> => new Promise(() => {});
    const host = { ...fake.host, stderr: { isTTY: false, write: stuck, writeResults: stuck } };
    const list = (): ReturnType<Loaders['list']> => Promise.resolve({ run: () => new Promise<number>(() => {}) });
    main(['list', 'a.json'], host, { ...COMMANDS, list });
    fake.fault(new Error('odd'));
    for (let seconds = 0; fake.code() === undefined && seconds < 1_000; seconds++) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(fake.code()).toBe(70);
  });

  test('an expected error that nobody has caught is a bug too, and so is a broken pipe', async () => {
    for (const error of [new InputError('odd'), Object.assign(new Error('odd'), { code: 'EPIPE' })]) {
      const fake = fakeHost();
      main(['serve'], fake.host);
      await vi.waitFor(() => expect(fake.stdout()).toContain('http'));
      fake.fault(error);
      expect([await fake.exitCode, fake.stderr()]).toEqual([70, expect.stringContaining('a bug in case-tracker: odd')]);
    }
  });

  test('what nobody has caught after the end is told, and ends the process with 70', async () => {
    const fake = fakeHost();
    main(['--version'], fake.host);
    expect(await fake.exitCode).toBe(0);
    fake.fault(new Error('odd'));
    await vi.waitFor(() => expect(fake.code()).toBe(70));
    expect(fake.stderr()).toContain('a bug in case-tracker: odd');
  });
});

describe('parsing', () => {
  const valuesOf = (argv: readonly string[]): unknown => {
    const invocation = parseArguments(argv);
    return invocation.kind === 'run' ? invocation.values : invocation;
  };

  test.each([
    [['list'], {}],
    [['list', 'a', '-', 'b'], { files: ['a', '-', 'b'] }],
    [['list', '--', '--first'], { files: ['--first'] }],
    [['list', '--sort', '-priority'], { sort: '-priority' }],
    [['list', '--first=3', '--first', '4'], { first: '4' }],
    [['list', '--status', 'a', '--status=b'], { status: ['a', 'b'] }],
    [['enrich', '-orun.ndjson', '-vq'], { output: 'run.ndjson', verbose: true, quiet: true }],
    [['enrich', '--header', 'a: -q', '--body', '-v'], { header: ['a: -q'], body: '-v' }],
    [['enrich', '--retry-unsafe', '--no-resume'], { retryUnsafe: true, resume: false }],
    [['schema', 'case'], { name: ['case'] }],
    [['serve'], {}],
  ])('%j', (argv, values) => expect(valuesOf(argv)).toEqual(values));
});
