import { describe, expect, test } from 'vitest';
import type { CliValues } from '../../src/config/given.js';
import { resolveSettings } from '../../src/config/resolve.js';
import type { Resolved } from '../../src/config/resolved.js';
import { memoryFiles } from '../helpers/memory-files.js';
import { refusalOf } from '../helpers/refusal.js';

const ENDPOINT = 'https://api.example.com/cases';
const OAUTH2 = { oauth2TokenUrl: 'https://id.example.com/token', oauth2ClientId: 'me', oauth2ClientSecret: '@s' };

interface World {
  readonly env?: Readonly<Record<string, string>>;
  /** A configuration that is named, and one that is found. */
  readonly file?: object;
  readonly found?: object;
}

function resolved(cli: CliValues, { env = {}, file, found }: World = {}): Resolved<'enrich'> {
  const texts = {
    '/repo/s': 'c4n4ry\nuser: me\n',
    '/repo/h': 'Authorization: Bearer c4n4ry\n',
    ...(file && { '/repo/own.json': JSON.stringify(file) }),
    ...(found && { '/repo/case-tracker.config.json': JSON.stringify(found) }),
  };
  const named = file === undefined ? {} : { config: 'own.json' };
  return resolveSettings(
    'enrich',
    { files: ['c.json'], endpoint: ENDPOINT, ...named, ...cli },
    { env, cwd: '/repo', files: memoryFiles(texts), stdin: { isTTY: false } },
  );
}

/** Message and hint of what is refused. */
function refusal(cli: CliValues, world: World = {}): string {
  return refusalOf(() => resolved(cli, world));
}

/** Which sources of tokens are left, and the headers. */
function kept(cli: CliValues, world: World): object {
  const { values } = resolved(cli, world);
  const { tokenCommand, tokenFile, oauth2TokenUrl, oauth2ClientSecret } = values;
  const headers = values.headers.map(({ name }) => name).join();
  const all = { tokenCommand, tokenFile, oauth2TokenUrl, oauth2ClientSecret, headers };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

test('without a word about it a token would go into Authorization, and a 401 would refuse it', () => {
  const { tokenHeader, tokenRefreshOn, oauth2Auth } = resolved({}).values;
  expect([tokenHeader, tokenRefreshOn, oauth2Auth]).toEqual(['Authorization: Bearer {token}', [401], 'basic']);
});

test('the client secret is the first line of its file, and hidden', () => {
  const settings = resolved(OAUTH2);
  expect(settings.values.oauth2ClientSecret).toBe('c4n4ry');
  expect(settings.secrets).toContain('c4n4ry');
  expect(JSON.stringify(settings.sources)).not.toContain('c4n4ry');
});

describe('what does not go together is refused by name', () => {
  test.each<[CliValues, string]>([
    [{ tokenCommand: 'x', tokenFile: 'y' }, '--token-command and --token-file: tokens come from one of them |'],
    [{ ...OAUTH2, tokenFile: 'y' }, '--token-file and --oauth2-token-url: tokens come from one of them | give one'],
    [{ oauth2Scope: 'a', tokenCommand: 'y' }, '--token-command and --oauth2-scope: tokens come from one of them |'],
    [
      { tokenCommand: 'x', header: ['authorization: Basic c4n4ry'] },
      '--header and --token-command both set the header authorization | give one of them; --token-header',
    ],
    [{ tokenCommand: 'x', header: ['@h'] }, '--header and --token-command both set the header authorization |'],
    [
      { tokenFile: 'x', tokenHeader: 'X-Api-Key: {token}', header: ['x-api-KEY: c4n4ry'] },
      '--header and --token-file both set the header x-api-key |',
    ],
    [
      { tokenCommand: 'x', endpoint: 'https://me:c4n4ry@h/' },
      'the user name in the URL of --endpoint and --token-command both set the header authorization |',
    ],
    [
      { oauth2ClientId: 'me' },
      '--oauth2-client-id needs --oauth2-token-url URL and --oauth2-client-secret @FILE too |',
    ],
    [{ oauth2Scope: 'a' }, '--oauth2-scope needs --oauth2-token-url URL and --oauth2-client-id ID and --oauth2-client'],
    [
      { ...OAUTH2, oauth2ClientSecret: undefined },
      '--oauth2-token-url needs --oauth2-client-secret @FILE too | add --',
    ],
    [{ oauth2Auth: 'body' }, '--oauth2-auth needs --oauth2-token-url URL and '],
    [
      { tokenHeader: 'X: {token}' },
      '--token-header is about tokens, and there are none | --token-command CMD, --token-file FILE or --oauth2-token-url',
    ],
    [{ tokenRefreshOn: ['403'] }, '--token-refresh-on is about tokens, and there are none |'],
  ])('%o', (cli, message) => {
    const said = refusal(cli);
    expect(said.slice(0, message.length)).toBe(message);
    expect(said).not.toContain('c4n4ry');
  });
});

describe('the token URL', () => {
  test.each([
    ['id.example.com/token', 'is no https:// URL | for example https://id.example.com/oauth2/token'],
    ['ftp://id.example.com', 'is no https:// URL |'],
    ['https://c4n4ry:pw@id.example.com', 'has a user name or password in it | --oauth2-client-id ID --oauth2'],
    ['https://id.example.com/{tenant}/token', 'has a placeholder, and is one URL for all cases |'],
    ['https://id.example.com/token#c4n4ry', 'has a fragment, which no server would see |'],
    ['https://id.example.com/token#', 'has a fragment, which no server would see |'],
    ['http://id.example.com/token', "is http: the client's secret would be readable on the way | https://…; http is"],
    ['http://127.0.0.1.example.com/token', "is http: the client's secret would be readable on the way |"],
    ['http://10.0.0.1/token', "is http: the client's secret would be readable on the way |"],
  ])('%s is refused', (oauth2TokenUrl, problem) => {
    const said = refusal({ ...OAUTH2, oauth2TokenUrl });
    expect(said.slice(0, problem.length + 19)).toBe(`--oauth2-token-url ${problem}`);
    expect(said).not.toContain('c4n4ry');
  });

  test.each([
    'https://id.example.com/token?k=1',
    'http://127.0.0.1:8099/token',
    'http://localhost/',
    'http://[::1]:1/t',
  ])('%s is taken', (oauth2TokenUrl) => expect(refusal({ ...OAUTH2, oauth2TokenUrl })).toBe('none'));
});

describe('values', () => {
  test.each([
    ['Bearer {token}', 'is no header with one {token}'],
    ['Authorization: Bearer c4n4ry', 'is no header with one {token}'],
    ['X: {token}{token}', 'is no header with one {token}'],
    ['{token}: x', 'is no header with one {token}'],
    ['X Y: {token}', 'has a name with a character that headers do not allow'],
    ['Content-Length: {token}', 'sets content-length, which case-tracker sets for each call'],
    ['X: {token}\u0001', 'has a value for X with a character that headers do not allow'],
  ])('--token-header %j is refused', (tokenHeader, problem) => {
    const said = refusal({ tokenCommand: 'x', tokenHeader });
    expect(said).toContain(`--token-header ${problem}`);
    expect(said).not.toContain('c4n4ry');
  });

  test.each<[readonly string[], readonly number[]]>([
    [['401,403'], [401, 403]],
    [
      ['401', '403'],
      [401, 403],
    ],
    [['none'], []],
  ])('--token-refresh-on %j', (tokenRefreshOn, expected) => {
    expect(resolved({ tokenCommand: 'x', tokenRefreshOn }).values.tokenRefreshOn).toEqual(expected);
  });

  test.each([
    ['500', 'is out of range | --token-refresh-on takes statuses from 400 to 499, or none: 401,403'],
    ['399', 'is out of range | '],
    ['4xx', 'is no status | '],
    ['', 'is no status | '],
  ])('--token-refresh-on %j is refused', (status, problem) => {
    expect(refusal({ tokenCommand: 'x', tokenRefreshOn: [status] })).toContain(problem);
  });
});

describe('of two that exclude each other the one from the higher source wins', () => {
  test.each<[string, CliValues, World, object]>([
    ['a command over OAuth 2', { tokenCommand: 'x' }, { file: { ...OAUTH2, oauth2Scope: 'a' } }, { tokenCommand: 'x' }],
    [
      'OAuth 2 over a command',
      OAUTH2,
      { file: { tokenCommand: 'x' } },
      { oauth2TokenUrl: OAUTH2.oauth2TokenUrl, oauth2ClientSecret: 'c4n4ry' },
    ],
    [
      'OAuth 2 of which a part is higher',
      { oauth2ClientSecret: '@s' },
      { file: { ...OAUTH2, oauth2ClientSecret: 'other' }, env: { CASE_TRACKER_TOKEN_FILE: 'x' } },
      { oauth2TokenUrl: OAUTH2.oauth2TokenUrl, oauth2ClientSecret: 'c4n4ry' },
    ],
    [
      'a header over a command',
      { header: ['authorization: x'] },
      { file: { tokenCommand: 'x', tokenRefreshOn: '403' } },
      { headers: 'authorization' },
    ],
    [
      'a command over a header, and only over that',
      { tokenCommand: 'x' },
      { file: { headers: { Authorization: 'x', 'X-Team': 'blue' } } },
      { tokenCommand: 'x', headers: 'X-Team' },
    ],
    ['the built-in endpoint', { endpoint: 'demo' }, { file: { ...OAUTH2, tokenHeader: 'X: {token}' } }, {}],
    ['both for the built-in one', { endpoint: 'demo', tokenCommand: 'x' }, {}, { tokenCommand: 'x' }],
  ])('%s', (_, cli, world, expected) => {
    expect(kept(cli, world)).toEqual(expected);
  });

  test('two of one source are refused there too', () => {
    expect(refusal({}, { file: { tokenCommand: 'x', tokenFile: 'y' } })).toMatch(
      /^"tokenCommand" in own\.json and "tokenFile" in own\.json: tokens come from one of them/,
    );
  });
});

test.each(['tokenCommand', 'tokenFile', 'tokenHeader', 'tokenRefreshOn', ...Object.keys(OAUTH2), 'oauth2Auth'])(
  'a configuration that was found may not set %s',
  (key) => {
    expect(refusal({}, { found: { [key]: 'x' } })).toBe(
      `case-tracker.config.json sets "${key}", which a file that was found may not | ` +
        'if you trust it, name it: --config case-tracker.config.json',
    );
  },
);
