import { describe, expect, test } from 'vitest';
import type { CliValues } from '../../src/config/given.js';
import { resolveSettings } from '../../src/config/resolve.js';
import type { Resolved } from '../../src/config/resolved.js';
import { memoryFiles } from '../helpers/memory-files.js';
import { refusalOf } from '../helpers/refusal.js';

const HTTPS = 'https://api.example.com/cases';

interface World {
  readonly env?: Readonly<Record<string, string>>;
  /** A configuration that is named. */
  readonly file?: object;
  /** The files that are there. */
  readonly texts?: Readonly<Record<string, string>>;
}

function resolved(cli: CliValues, { env = {}, file, texts = {} }: World = {}): Resolved<'enrich'> {
  const config = file === undefined ? {} : { '/repo/own.json': JSON.stringify(file) };
  const named = file === undefined ? {} : { config: 'own.json' };
  return resolveSettings(
    'enrich',
    { files: ['c.json'], ...named, ...cli },
    { env, cwd: '/repo', files: memoryFiles({ ...config, ...texts }), stdin: { isTTY: false } },
  );
}

/** Message and hint of what is refused. */
function refusal(cli: CliValues, world: World = {}): string {
  return refusalOf(() => resolved(cli, world));
}

/** Which certificate settings are left. */
function kept(cli: CliValues, world: World): object {
  const { cert, key, pfx, keyPassphrase, ca } = resolved(cli, world).values;
  return Object.fromEntries(Object.entries({ cert, key, pfx, keyPassphrase, ca }).filter(([, value]) => value));
}

const PAIR = { cert: 'c.pem', key: 'c.key' };

describe('what does not go together is refused by name', () => {
  test.each<[CliValues, string]>([
    [
      { key: 'c.key' },
      '--key is the key of a client certificate, and there is none | --cert FILE names the certificate',
    ],
    [
      { cert: 'c.pem', pfx: 'c.pfx' },
      '--pfx holds a certificate and its key, --cert names another | give --pfx alone,',
    ],
    [
      { key: 'c.key', pfx: 'c.pfx' },
      '--pfx holds a certificate and its key, --key names another key | give --pfx alone',
    ],
    [
      { keyPassphrase: '@p' },
      '--key-passphrase unlocks a key, and there is none | --cert FILE --key FILE, or --pfx FILE',
    ],
    [{ ca: 'ca.pem', keyPassphrase: '@p' }, '--key-passphrase unlocks a key, and there is none'],
    [{ ca: ' ' }, "--ca ' ' is empty"],
  ])('%o', (cli, message) => {
    const said = refusal({ endpoint: HTTPS, ...cli }, { texts: { '/repo/p': 'c4n4ry\n' } });
    expect(said.slice(0, message.length)).toBe(message);
  });

  test.each([
    ['http://h/x', 'the endpoint is http:, not https:'],
    ['HTTP://h/x', 'the endpoint is http:, not https:'],
    ['demo', 'the built-in endpoint is not https'],
    ['demo:flaky', 'the built-in endpoint is not https'],
  ])('at %s nobody would see it', (endpoint, why) => {
    expect(refusal({ endpoint, ...PAIR })).toBe(
      `--cert is for https, and ${why} | --endpoint https://…, or leave --cert out`,
    );
    expect(refusal({ endpoint, ca: 'ca.pem' })).toContain(`--ca is for https, and ${why}`);
  });

  test('a variable with a name that meant something else says so, and not its value', () => {
    const said = refusal({ endpoint: HTTPS }, { env: { CASE_TRACKER_KEY: 'c4n4ry' } });
    expect(said).toBe(
      'CASE_TRACKER_KEY is the key of a client certificate, and there is none | --cert FILE names the certificate\n' +
        'CASE_TRACKER_KEY stands for --key: a variable for something else needs another name',
    );
  });
});

describe('what goes together', () => {
  test.each<[CliValues]>([
    [PAIR],
    [{ cert: 'both.pem' }],
    [{ cert: 'both.pem', keyPassphrase: '@p' }],
    [{ pfx: 'c.pfx', keyPassphrase: '@p', ca: 'ca.pem' }],
    [{ ca: 'ca.pem' }],
  ])('%o', (cli) => {
    expect(refusal({ endpoint: HTTPS, ...cli }, { texts: { '/repo/p': 'secret' } })).toBe('none');
  });

  test('paths of a configuration file are relative to it', () => {
    const files = memoryFiles({ '/repo/sub/own.json': JSON.stringify({ ...PAIR, ca: '../ca.pem' }) });
    const { values } = resolveSettings(
      'enrich',
      { endpoint: HTTPS, files: ['c.json'], config: 'sub/own.json' },
      { env: {}, cwd: '/repo', files, stdin: { isTTY: false } },
    );
    expect(values).toMatchObject({ cert: 'sub/c.pem', key: 'sub/c.key', ca: 'ca.pem' });
  });
});

describe('of two that exclude each other the one from the higher source wins', () => {
  test.each<[string, CliValues, World, object]>([
    ['--pfx over a pair in the file', { pfx: 'c.pfx' }, { file: PAIR }, { pfx: 'c.pfx' }],
    ['a pair over a pfx in the file', PAIR, { file: { pfx: 'c.pfx', keyPassphrase: 'geheim' } }, PAIR],
    ['--pfx over a pair in the environment', { pfx: 'x' }, { env: { CASE_TRACKER_CERT: 'c.pem' } }, { pfx: 'x' }],
    [
      'a key by flag beside the certificate of the file',
      { key: 'new.key' },
      { file: { cert: 'c.pem', pfx: 'c.pfx' } },
      { cert: 'c.pem', key: 'new.key' },
    ],
    [
      'a passphrase of its own stays',
      { ...PAIR, keyPassphrase: '@p' },
      { file: { pfx: 'x' } },
      { ...PAIR, keyPassphrase: 'p' },
    ],
  ])('%s', (_, cli, world, expected) => {
    expect(kept({ endpoint: HTTPS, ...cli }, { ...world, texts: { '/repo/p': 'p' } })).toEqual(expected);
  });

  test('an --endpoint demo for once leaves the certificates of the file out, a file for both is refused', () => {
    const file = { endpoint: HTTPS, ...PAIR, keyPassphrase: 'geheim', ca: 'ca.pem' };
    expect(kept({ endpoint: 'demo' }, { file })).toEqual({});
    expect(resolved({ endpoint: 'demo' }, { file }).sources['cert']?.from).toBe('default');
    expect(refusal({}, { file: { ...file, endpoint: 'demo' } })).toMatch(/^"cert" in own\.json is for https, and /);
  });
});

describe('the passphrase', () => {
  const cli = { endpoint: HTTPS, pfx: 'c.pfx' };

  test.each([
    ['c4n4ry pass\n', 'c4n4ry pass'],
    ['\ufeffc4n4ry pass\r\nuser: me\r\n', 'c4n4ry pass'],
    [' c4n4ry ', ' c4n4ry '],
  ])('is the first line of its file: %j', (text, expected) => {
    const settings = resolved({ ...cli, keyPassphrase: '@p' }, { texts: { '/repo/p': text } });
    expect(settings.values.keyPassphrase).toBe(expected);
    expect(settings.secrets).toContain(expected);
    expect(settings.sources['keyPassphrase']).toEqual({ from: 'flag', where: '--key-passphrase' });
  });

  test('on the command line itself is refused, and not repeated', () => {
    const said = refusal({ ...cli, keyPassphrase: 'c4n4ry' });
    expect(said).toBe(
      '--key-passphrase takes the file of a secret: on the command line others can see it | ' +
        '--key-passphrase @FILE reads the first line of that file; --key-passphrase @<(pass show NAME) needs no file',
    );
  });

  test.each<[string, World]>([
    ['environment', { env: { CASE_TRACKER_KEY_PASSPHRASE: 'c4n4ry' } }],
    ['environment, of a file', { env: { CASE_TRACKER_KEY_PASSPHRASE: '@p' }, texts: { '/repo/p': 'c4n4ry' } }],
    ['configuration', { file: { keyPassphrase: '${PASS}' }, env: { PASS: 'c4n4ry' } }],
  ])('may stand in the %s', (_, world) => {
    const settings = resolved(cli, world);
    expect([settings.values.keyPassphrase, settings.secrets]).toEqual(['c4n4ry', ['c4n4ry']]);
    expect(JSON.stringify(settings.sources)).not.toContain('c4n4ry');
  });

  test.each([
    ['@none', 'cannot read none: no such file'],
    ['@', 'cannot read a file without a name: '],
    ['@empty', 'is empty'],
  ])('in %s is refused', (keyPassphrase, problem) => {
    expect(refusal({ ...cli, keyPassphrase }, { texts: { '/repo/empty': '\n' } })).toContain(problem);
  });
});
