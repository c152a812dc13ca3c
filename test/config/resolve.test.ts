import { fileURLToPath } from 'node:url';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { realFiles } from '../../src/config/files.js';
import type { CliValues } from '../../src/config/given.js';
import type { Header } from '../../src/config/headers.js';
import type { Rate } from '../../src/config/parse-values.js';
import type { Where } from '../../src/core/cases/where.js';
import { resolveSettings } from '../../src/config/resolve.js';
import type { Resolved } from '../../src/config/resolved.js';
import type { Threshold } from '../../src/core/run/stop-rules.js';
import { memoryFiles } from '../helpers/memory-files.js';

interface Given {
  readonly cli?: CliValues;
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: object;
  readonly texts?: Readonly<Record<string, string>>;
}

function enrich({ cli = {}, env = {}, config, texts = {} }: Given): Resolved<'enrich'> {
  const file = config === undefined ? {} : { '/repo/case-tracker.config.json': JSON.stringify(config) };
  const files = memoryFiles({ '/repo/.git': '', ...file, ...texts });
  const context = { env, cwd: '/repo/work', files, stdin: { isTTY: true } };
  return resolveSettings('enrich', { endpoint: 'demo', files: ['cases.json'], ...cli }, context);
}

describe('flag, else environment, else file, else default', () => {
  const ROWS: readonly (readonly [
    key: string,
    name: string,
    flag: CliValues,
    env: Readonly<Record<string, string>>,
    file: object,
    values: readonly [flag: unknown, env: unknown, file: unknown, fallback: unknown],
  ])[] = [
    ['limit', 'limit', { limit: '1' }, { CASE_TRACKER_LIMIT: '2' }, { limit: 3 }, [1, 2, 3, 10]],
    ['limit', 'limit', { concurrency: '1' }, { CASE_TRACKER_CONCURRENCY: '2' }, { concurrency: 3 }, [1, 2, 3, 10]],
    [
      'timeout',
      'timeoutMs',
      { timeout: '1s' },
      { CASE_TRACKER_TIMEOUT: '2s' },
      { timeout: '3s' },
      [1000, 2000, 3000, 5000],
    ],
    [
      'maxTime',
      'maxTimeMs',
      { maxTime: 'none' },
      { CASE_TRACKER_MAX_TIME: '2s' },
      { maxTime: '3s' },
      [null, 2000, 3000, null],
    ],
    [
      'maxResponseSize',
      'maxResponseSize',
      { maxResponseSize: '1B' },
      { CASE_TRACKER_MAX_RESPONSE_SIZE: '2B' },
      { maxResponseSize: '3B' },
      [1, 2, 3, 1_048_576],
    ],
    [
      'adaptive',
      'adaptive',
      { adaptive: false },
      { CASE_TRACKER_ADAPTIVE: 'true' },
      { adaptive: true },
      [false, true, true, false],
    ],
    ['quiet', 'quiet', { quiet: true }, { CASE_TRACKER_QUIET: '0' }, { quiet: true }, [true, false, true, false]],
    [
      'onFailure',
      'onFailure',
      { onFailure: 'skip' },
      { CASE_TRACKER_ON_FAILURE: 'fail-fast' },
      { onFailure: 'skip' },
      ['skip', 'fail-fast', 'skip', 'collect'],
    ],
    [
      'maxFailures',
      'maxFailures',
      { maxFailures: 'none' },
      { CASE_TRACKER_MAX_FAILURES: '5%' },
      { maxFailures: 3 },
      ['none', { percent: 5 }, { count: 3 }, null],
    ],
    [
      'allowFailures',
      'allowFailures',
      { allowFailures: '1' },
      { CASE_TRACKER_ALLOW_FAILURES: '2' },
      { allowFailures: '3%' },
      [{ count: 1 }, { count: 2 }, { percent: 3 }, { count: 0 }],
    ],
    [
      'status',
      'status',
      { status: ['a,b', 'c'] },
      { CASE_TRACKER_STATUS: 'd\ne, f\n' },
      { status: ['g,h'] },
      [['a', 'b', 'c'], ['d', 'e', 'f'], ['g,h'], []],
    ],
    [
      'id',
      'id',
      { id: ['A,1', 'B'] },
      { CASE_TRACKER_ID: 'C\r\nD' },
      { id: 'E' },
      [['A,1', 'B'], ['C', 'D'], ['E'], []],
    ],
    ['first', 'first', { first: '1' }, { CASE_TRACKER_FIRST: '2' }, { first: 3 }, [1, 2, 3, undefined]],
    [
      'shard',
      'shard',
      { shard: '1/2' },
      { CASE_TRACKER_SHARD: '2/2' },
      { shard: '1/1' },
      [{ index: 1, count: 2 }, { index: 2, count: 2 }, { index: 1, count: 1 }, undefined],
    ],
    [
      'method',
      'method',
      { method: 'put' },
      { CASE_TRACKER_METHOD: 'POST' },
      { method: 'patch' },
      ['PUT', 'POST', 'PATCH', 'GET'],
    ],
    ['into', 'into', { into: 'a' }, { CASE_TRACKER_INTO: 'b' }, { into: 'c' }, ['a', 'b', 'c', 'enrichment']],
    [
      'idField',
      'idField',
      { idField: 'a' },
      { CASE_TRACKER_ID_FIELD: 'b' },
      { idField: 'c' },
      ['a', 'b', 'c', undefined],
    ],
    [
      'deadLetter',
      'deadLetter',
      { deadLetter: 'd.ndjson' },
      { CASE_TRACKER_DEAD_LETTER: 'e.ndjson' },
      { deadLetter: 'f.ndjson' },
      ['d.ndjson', 'e.ndjson', '../f.ndjson', undefined],
    ],
    [
      'logLevel',
      'logLevel',
      { verbose: true },
      { CASE_TRACKER_LOG_LEVEL: 'debug' },
      { logLevel: 'error' },
      ['info', 'debug', 'error', 'warn'],
    ],
  ];

  test.each(ROWS)('%s', (key, name, cli, env, config, [byFlag, byEnv, byFile, fallback]) => {
    const read = (given: Given): unknown => (enrich(given).values as unknown as Record<string, unknown>)[name];
    const from = (given: Given): unknown => enrich(given).sources[key]?.from;
    expect(read({ cli, env, config })).toEqual(byFlag);
    expect(read({ env, config })).toEqual(byEnv);
    expect(read({ config })).toEqual(byFile);
    expect(read({})).toEqual(fallback);
    expect([{ cli, env, config }, { env, config }, { config }, {}].map(from)).toEqual([
      'flag',
      'environment',
      'file',
      'default',
    ]);
  });

  test('an empty variable counts as not set', () => {
    expect(enrich({ env: { CASE_TRACKER_TIMEOUT: '' } }).values.timeoutMs).toBe(5000);
  });

  test('an explicit level counts before -v', () => {
    expect(enrich({ cli: { verbose: true, logLevel: 'debug' } }).values.logLevel).toBe('debug');
  });

  test('both names of the limit may say the same', () => {
    expect(enrich({ cli: { limit: '7', concurrency: '7' } }).values.limit).toBe(7);
    expect(enrich({ cli: { limit: '7' }, env: { CASE_TRACKER_CONCURRENCY: '8' } }).values.limit).toBe(7);
  });

  test('a format that only another command knows is left to that one', () => {
    expect(enrich({ env: { CASE_TRACKER_FORMAT: 'html' } }).values.format).toBe('auto');
    expect(enrich({ config: { format: 'github' } }).values.format).toBe('auto');
    expect(() => enrich({ cli: { format: 'html' } })).toThrow('--format html is not known');
    expect(() => enrich({ config: { format: 'htlm' } })).toThrow('is not known');
  });
});

describe('colors', () => {
  test.each([
    [{}, 'auto'],
    [{ NO_COLOR: '1' }, 'never'],
    [{ NO_COLOR: '' }, 'auto'],
    [{ FORCE_COLOR: '1' }, 'always'],
    [{ FORCE_COLOR: '0' }, 'never'],
    [{ FORCE_COLOR: '' }, 'auto'],
    [{ FORCE_COLOR: '', NO_COLOR: '1' }, 'never'],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, 'always'],
    [{ NO_COLOR: '1', CASE_TRACKER_COLOR: 'always' }, 'always'],
  ])('%j is %s', (env, color) => expect(enrich({ env }).values.color).toBe(color));

  test('the flag counts before NO_COLOR, and NO_COLOR before the file', () => {
    const given = { env: { NO_COLOR: '1' }, config: { color: 'always' } };
    expect(enrich({ ...given, cli: { color: 'always' } }).values.color).toBe('always');
    expect(enrich(given)).toMatchObject({ values: { color: 'never' }, sources: { color: { where: 'NO_COLOR' } } });
  });
});

describe('headers', () => {
  const standard = { name: 'accept-language', value: 'en', secret: false };

  test('are replaced by name, in either case, and kept twice from one source', () => {
    const { values, sources } = enrich({
      cli: { header: ['X-One: flag', 'x-one: again'] },
      env: { CASE_TRACKER_HEADER: 'x-two: env\nx-one: env' },
      config: { headers: { 'X-Two': 'file', 'accept-language': 'en' } },
    });
    expect(values.headers).toEqual([
      { name: 'X-One', value: 'flag', secret: true },
      { name: 'x-one', value: 'again', secret: true },
      { name: 'x-two', value: 'env', secret: true },
      standard,
    ]);
    expect(sources['headers']).toEqual({
      from: 'flag',
      where: '--header, CASE_TRACKER_HEADER, ../case-tracker.config.json',
    });
  });

  test('come from a file, one a line, and are secret then', () => {
    const texts = { '/repo/work/h.txt': '\uFEFFAccept-Language: en\r\n\r\nAuthorization: Bearer t0ken\n' };
    const { values, secrets } = enrich({ cli: { header: ['@h.txt', 'prefer: wait=1'] }, texts });
    expect(values.headers).toEqual([
      { name: 'Accept-Language', value: 'en', secret: true },
      { name: 'Authorization', value: 'Bearer t0ken', secret: true },
      { name: 'prefer', value: 'wait=1', secret: false },
    ]);
    expect(secrets).toEqual(['Bearer t0ken', 't0ken', 'en']);
  });

  test('with a variable are secret, whatever their name', () => {
    const { values, secrets } = enrich({
      config: { headers: { from: '${CASE_TRACKER_ME}@example.com', 'accept-language': 'en' } },
      env: { CASE_TRACKER_ME: 'mira' },
    });
    expect(values.headers).toEqual([{ name: 'from', value: 'mira@example.com', secret: true }, standard]);
    expect(secrets).toEqual(['mira@example.com', 'mira']);
  });
});

describe('files', () => {
  test('of the configuration are relative to its folder, of flags and variables to the current one', () => {
    const { values } = enrich({
      cli: { files: undefined, output: 'out/run.ndjson', config: '../case-tracker.config.json' },
      config: {
        files: ['data/cases.json', '/abs/x.json', '-'],
        responseSchema: 'schema.json',
        body: '@body.json',
        method: 'POST',
      },
      texts: { '/repo/body.json': '{"a":{id}}' },
    });
    expect(values.files).toEqual(['../data/cases.json', '../../abs/x.json', '-']);
    expect([values.output, values.responseSchema, values.body]).toEqual([
      'out/run.ndjson',
      '../schema.json',
      '{"a":{id}}',
    ]);
  });

  test('FILE replaces the files of the configuration', () => {
    expect(enrich({ config: { files: ['a.json'] } }).values.files).toEqual(['cases.json']);
  });

  test('without any, piped input is read', () => {
    const context = { env: {}, cwd: '/', files: memoryFiles({}), stdin: { isTTY: false } };
    expect(resolveSettings('validate', {}, context).values.files).toEqual(['-']);
  });

  test('the results of a report are only those of the command line', () => {
    const files = memoryFiles({
      '/case-tracker.config.json': '{"files":["a.json"],"output":"run.ndjson","rate":"1/s"}',
    });
    const { values } = resolveSettings(
      'report',
      { files: ['run.ndjson'] },
      { env: {}, cwd: '/', files, stdin: { isTTY: true } },
    );
    expect([values.files, values.output]).toEqual([['run.ndjson'], undefined]);
    expect(resolveSettings('serve', {}, { env: {}, cwd: '/', files, stdin: { isTTY: true } }).values.rate).toBeNull();
  });

  test('-o - is standard output', () => {
    expect(enrich({ cli: { output: '-' } }).values).not.toHaveProperty('output');
  });
});

describe('values that follow from others', () => {
  test('fieldNames.id is the id field, unless there is one', () => {
    const config = { fieldNames: { id: 'number', title: 'summary' } };
    expect(enrich({ config }).values).toMatchObject({ idField: 'number', fieldNames: { title: 'summary' } });
    expect(enrich({ config, cli: { idField: 'key' } }).values).toMatchObject({ idField: 'key' });
  });

  test('a batch is a POST', () => {
    const { values, sources } = enrich({ cli: { batch: '50' } });
    expect([values.method, values.batch, sources['method']?.text]).toEqual(['POST', 50, 'POST (--batch)']);
  });

  test.each([{ id: 'meta.id' }, { title: 'meta.title' }])(
    '--into replaces no object that %j names a field of',
    (fieldNames) => {
      expect(() => enrich({ cli: { into: 'meta' }, config: { fieldNames } })).toThrow(
        '--into meta would replace meta.',
      );
    },
  );

  test('of two that exclude each other the one from the higher source wins', () => {
    const resumed = enrich({ cli: { resume: true, output: 'r.ndjson' }, config: { overwrite: true } }).values;
    expect([resumed.resume, resumed.overwrite]).toEqual([true, false]);
    const strict = enrich({ cli: { onFailure: 'fail-fast' }, config: { maxFailures: 5 } }).values;
    expect([strict.onFailure, strict.maxFailures]).toEqual(['fail-fast', null]);
    const patient = enrich({ cli: { maxFailures: '5' }, config: { onFailure: 'fail-fast' } }).values;
    expect([patient.onFailure, patient.maxFailures]).toEqual(['collect', { count: 5 }]);
  });
});

describe('provenance and secrets', () => {
  test('says where each setting was written, and never a private value', () => {
    const { sources } = enrich({
      cli: { timeout: '9s', header: ['x-key: k'] },
      env: { CASE_TRACKER_RATE: '5/s' },
      config: { into: 'extra', status: ['a', 'b'] },
    });
    expect(sources).toMatchObject({
      timeout: { from: 'flag', where: '--timeout', text: '9s' },
      rate: { from: 'environment', where: 'CASE_TRACKER_RATE', text: '5/s' },
      into: { from: 'file', where: '../case-tracker.config.json', text: 'extra' },
      status: { text: 'a, b' },
      files: { from: 'flag', where: 'FILE', text: 'cases.json' },
      deadline: { from: 'default', where: 'default', text: '30s' },
    });
    expect(sources['headers']).toEqual({ from: 'flag', where: '--header' });
    expect(sources['endpoint']).toEqual({ from: 'flag', where: '--endpoint' });
  });

  test('a variable in a text is secret, in a number or a word it is not', () => {
    const env = { CASE_TRACKER_HOST: 'h.example', CASE_TRACKER_WORD: 'skip' };
    const config = { endpoint: 'https://${CASE_TRACKER_HOST}/{id}', onFailure: '${CASE_TRACKER_WORD}' };
    const { values, secrets } = enrich({ cli: { endpoint: undefined }, env, config });
    expect([values.endpoint, values.onFailure, secrets]).toEqual(['https://h.example/{id}', 'skip', ['h.example']]);
  });

  test('everything is frozen, lists and members too', () => {
    const settings = enrich({ cli: { status: ['a'], header: ['x: y'], rate: '5/s' } });
    const parts = [
      settings,
      settings.values,
      settings.values.status,
      settings.values.headers,
      settings.values.headers[0],
    ];
    for (const part of [...parts, settings.values.rate, settings.sources, settings.secrets]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

test('a configuration file that uses everything', () => {
  const cwd = fileURLToPath(new URL('../../fixtures/config', import.meta.url));
  const env = { CASE_TRACKER_TOKEN: 't0ken' };
  const settings = resolveSettings(
    'enrich',
    { config: 'full.json' },
    { env, cwd, files: realFiles, stdin: { isTTY: true } },
  );
  expect(settings).toMatchSnapshot();
});

test('commands get typed values', () => {
  const { values } = enrich({});
  expectTypeOf(values.endpoint).toEqualTypeOf<string>();
  expectTypeOf(values.timeoutMs).toEqualTypeOf<number>();
  expectTypeOf(values.maxTimeMs).toEqualTypeOf<number | null>();
  expectTypeOf(values.first).toEqualTypeOf<number | undefined>();
  expectTypeOf(values.maxFailures).toEqualTypeOf<Threshold | 'none' | null>();
  expectTypeOf(values.rate).toEqualTypeOf<Rate | null>();
  expectTypeOf(values.onFailure).toEqualTypeOf<'collect' | 'skip' | 'fail-fast'>();
  expectTypeOf(values.only).toEqualTypeOf<
    readonly ('failed' | 'retryable' | 'cancelled' | 'invalid' | 'changed' | 'missing')[]
  >();
  expectTypeOf(values.where).toEqualTypeOf<readonly Where[]>();
  expectTypeOf(values.headers).toEqualTypeOf<readonly Header[]>();
});
