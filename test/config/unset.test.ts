import { describe, expect, test } from 'vitest';
import type { CliValues } from '../../src/config/given.js';
import { resolveSettings } from '../../src/config/resolve.js';
import { COMMAND_NAMES, type CommandName, settingsOf } from '../../src/config/settings/index.js';
import { comesFrom, environmentName, flagName, type Setting } from '../../src/config/settings/setting.js';
import { unsettable } from '../../src/config/unset.js';
import type { Resolved } from '../../src/config/resolved.js';
import { folderWith } from '../helpers/folder.js';
import { memoryFiles } from '../helpers/memory-files.js';
import { runMain } from '../helpers/run-main.js';

type Environment = Readonly<Record<string, string>>;

const NEEDED: Partial<Record<CommandName, CliValues>> = {
  enrich: { endpoint: 'demo', files: ['c.json'] },
  report: { files: ['run.ndjson'] },
  enqueue: { queue: 'redis://host', files: ['c.json'] },
  queue: { queue: 'redis://host' },
};

function resolved<C extends CommandName>(
  command: C,
  cli: CliValues,
  env: Environment = {},
  file?: object,
): Resolved<C> {
  const texts = file === undefined ? {} : { '/repo/case-tracker.config.json': JSON.stringify(file) };
  const files = memoryFiles({ '/repo/schema.json': '{}', ...texts });
  return resolveSettings(
    command,
    { ...NEEDED[command], ...cli },
    { env, cwd: '/repo', files, stdin: { isTTY: false } },
  );
}

const SETTABLE = COMMAND_NAMES.flatMap((command) =>
  settingsOf(command)
    .filter(([key, setting]) => key !== 'config' && (comesFrom(setting, 'environment') || comesFrom(setting, 'file')))
    .map(([key, setting]) => ({ name: `${command} ${key}`, command, key, setting })),
);

function exampleText({ type }: Setting): string {
  return type.placeholder === '' ? 'true' : type.example.replaceAll("'", '').replace('@body.json', '{id}');
}

function exampleJson(setting: Setting): unknown {
  const { form } = setting.type.json;
  const text = exampleText(setting);
  if (form === 'boolean') return true;
  if (form === 'names') return setting.type.file === '@lines' ? { 'x-a': 'b' } : { title: 'summary' };
  return form === 'integer' || form === 'share' ? Number.parseInt(text, 10) : text;
}

describe('every setting can be unset from the command line', () => {
  test.each(SETTABLE)('$name', ({ command, key, setting }) => {
    const flag = flagName(key, setting);
    const env =
      flag !== undefined && comesFrom(setting, 'environment') ? { [environmentName(flag)]: exampleText(setting) } : {};
    const file = comesFrom(setting, 'file') ? { [key]: exampleJson(setting) } : {};
    // Named: a file that was found may not have all of them.
    const config = 'case-tracker.config.json';
    const { values, sources } = resolved(command, { unset: [flag ?? key], config }, env, file);
    const plain = resolved(command, {});
    expect({ ...values, configFile: undefined }).toEqual({ ...plain.values, configFile: undefined });
    expect(sources[key]).toEqual(plain.sources[key]);
  });

  test('completion offers each of them', () => {
    for (const command of COMMAND_NAMES) {
      const wanted = SETTABLE.filter((one) => one.command === command).map(
        ({ key, setting }) => flagName(key, setting) ?? key,
      );
      expect(unsettable(command).filter((name) => name !== 'config')).toEqual(wanted);
    }
  });
});

test('a flag counts beside --unset: these headers and no others', () => {
  const headers = { 'x-file': 'f' };
  const env = { CASE_TRACKER_HEADER: 'x-env: e' };
  const { values } = resolved('enrich', { unset: ['header'], header: ['x-flag: v'] }, env, { headers });
  expect(values.headers.map(({ name }) => name)).toEqual(['x-flag']);
});

test('--unset config reads no configuration file, neither named by a variable nor found', () => {
  const { values, sources } = resolved('list', { unset: ['config'] }, { CASE_TRACKER_CONFIG: '/x.json' }, { first: 3 });
  expect([values.first, values.configFile, sources['config']?.text]).toEqual([undefined, undefined, 'none']);
  expect(
    resolved('list', { unset: ['config'], config: 'case-tracker.config.json' }, {}, { first: 3 }).values.first,
  ).toBe(3);
});

test.each([
  ['id-field', 'idField'],
  ['fieldNames', 'fieldNames'],
  ['field-names', 'fieldNames'],
  ['concurrency', 'limit'],
])('--unset takes %s', (name, key) => {
  expect(
    resolved('enrich', { unset: [name] }, {}, { [key]: key === 'limit' ? 5 : key === 'idField' ? 'x' : { title: 'y' } })
      .sources[key],
  ).toMatchObject({ from: 'default' });
});

test.each([
  ['rot', 'did you mean --unset root?'],
  ['zzzzzzzz', '--unset takes the name of a flag, as in --unset root'],
])('--unset %s is refused', async (name, hint) => {
  const { code, stderr } = await runMain(['list', 'x.json', `--unset=${name}`]);
  expect([code, stderr]).toEqual([2, `error: --unset ${name}: there is no such setting\n  hint: ${hint}\n`]);
});

test.each([
  ['--no-root', '--unset root brings back its default'],
  ['--no-color', 'did you mean --color never?'],
  ['--no-progress', 'did you mean --progress none?'],
])('%s says what to write', async (flag, hint) => {
  const { code, stderr } = await runMain(['enrich', 'x.json', flag]);
  expect([code, stderr]).toEqual([2, `error: unknown option ${flag}\n  hint: ${hint}\n`]);
});

describe('--root is for JSON documents', () => {
  const FILES = {
    'case-tracker.config.json': '{"root":"/data/items"}',
    'export.json': '{"data":{"items":[{"id":"a"}]}}',
    'dead.ndjson': '{"id":"b"}\n',
    piped: '{"id":"c"}\n',
  };
  const count = async (...args: string[]): Promise<readonly unknown[]> => {
    const { code, stdout, stderr } = await runMain(['list', '--count', ...args], { cwd: folderWith(FILES) });
    return [code, stdout, stderr];
  };

  test('a configured root leaves the dead letter, NDJSON and both together readable', async () => {
    expect(await count('dead.ndjson')).toEqual([0, '1\n', '']);
    expect(await count('export.json', 'dead.ndjson')).toEqual([0, '2\n', '']);
    expect(await count('piped')).toEqual([0, '1\n', '']);
    expect(await count('export.json', '--unset', 'root')).toEqual([3, '', expect.stringContaining('neither an array')]);
  });

  test('one that is asked for on the line of NDJSON files alone is refused', async () => {
    const message = 'error: --root is for JSON documents, and NDJSON has none\n  hint: leave --root out\n';
    expect(await count('dead.ndjson', '--root', '/data/items')).toEqual([2, '', message]);
    expect(await count('export.json', 'dead.ndjson', '--root', '/data/items')).toEqual([0, '2\n', '']);
  });
});

describe('CASE_TRACKER_VERBOSE', () => {
  const level = (cli: CliValues, env: Environment, file?: object): string =>
    resolved('list', cli, env, file).values.logLevel;

  test('=1 is --log-level info', () => {
    expect(level({}, { CASE_TRACKER_VERBOSE: '1' })).toBe('info');
    expect(level({}, { CASE_TRACKER_VERBOSE: 'true' }, { logLevel: 'error' })).toBe('info');
    expect(level({}, { CASE_TRACKER_VERBOSE: '0' }, { logLevel: 'debug' })).toBe('warn');
  });

  test('an explicit level, a flag and --unset count before it', () => {
    expect(level({}, { CASE_TRACKER_VERBOSE: '1', CASE_TRACKER_LOG_LEVEL: 'debug' })).toBe('debug');
    expect(level({ logLevel: 'error' }, { CASE_TRACKER_VERBOSE: '1' })).toBe('error');
    expect(level({ verbose: false }, { CASE_TRACKER_VERBOSE: '1' })).toBe('warn');
    expect(level({ unset: ['log-level'] }, { CASE_TRACKER_VERBOSE: '1' })).toBe('warn');
  });

  test('takes what switches take', async () => {
    const { code, stderr } = await runMain(['list', 'x.json'], { env: { CASE_TRACKER_VERBOSE: 'yes' } });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: CASE_TRACKER_VERBOSE=yes /)]);
  });

  test('--no-verbose is parsed', async () => {
    const { code, stderr } = await runMain(['list', 'x.json', '--no-verbose'], { env: { CASE_TRACKER_VERBOSE: '1' } });
    expect([code, stderr]).toEqual([3, expect.stringContaining('cannot read x.json')]);
  });
});
