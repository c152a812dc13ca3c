import { describe, expect, test } from 'vitest';
import type { CredentialProvider, Token } from '../../../src/core/ports.js';
import { UsageError } from '../../../src/errors.js';
import type { HttpClientOptions } from '../../../src/io/http/client.js';
import { serve } from '../../helpers/fault-server.js';
import { CASE, attempt, clientFor, failedAttempt } from '../../helpers/http-client.js';

const TOKEN: Token = { value: 'canary-7f3a9c0e' };

function provider(...tokens: (Token | Error)[]): CredentialProvider {
  return {
    current: () => {
      const next = tokens.shift() ?? TOKEN;
      if (next instanceof Error) throw next;
      return next;
    },
  };
}

function client(url: string, options: Partial<HttpClientOptions> = {}) {
  return clientFor(url, { credentials: provider(), ...options });
}

test('an attempt carries its own token, a redirect too', async () => {
  const seen: string[] = [];
  const server = await serve((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization}`);
    if (request.url === '/a/C-1') response.writeHead(302, { location: '/b' }).end();
    else response.end('{}');
  });
  const own = client(`${server.url}/a/{id}`);
  await attempt(own, { token: { value: 'one' } });
  await attempt(own, { token: { value: 'two' } });
  expect(seen).toEqual(['/a/C-1 Bearer one', '/b Bearer one', '/a/C-1 Bearer two', '/b Bearer two']);
});

test('the token stands where the header says', async () => {
  const seen: unknown[] = [];
  const server = await serve((request, response) => {
    seen.push(request.headers['x-api-key'], request.headers.authorization);
    response.end('{}');
  });
  await attempt(client(server.url, { tokenHeader: 'X-Api-Key: v1={token};' }), { token: TOKEN });
  expect(seen).toEqual([`v1=${TOKEN.value};`, undefined]);
});

test.each([
  [401, undefined, true],
  [403, undefined, undefined],
  [403, [401, 403], true],
  [401, [], undefined],
  [500, undefined, undefined],
] as const)('a status %i with --token-refresh-on %j refuses the token: %j', async (status, tokenRefreshOn, refused) => {
  const server = await serve((_request, response) => response.writeHead(status).end('{}'));
  const options = tokenRefreshOn === undefined ? {} : { tokenRefreshOn };
  const outcome = await failedAttempt(client(server.url, options), { token: TOKEN });
  expect(outcome.refusedToken).toBe(refused);
});

test('a token is hidden from the moment it is known, older ones too', async () => {
  const server = await serve((request, response) =>
    response.writeHead(400).end(`no: ${request.headers.authorization} canary-older-1`),
  );
  const own = client(server.url, { credentials: provider({ value: 'canary-older-1' }, TOKEN) });
  await own.credentials?.current();
  await own.credentials?.current();
  const { failure } = await failedAttempt(own, { token: TOKEN });
  expect(failure.body).toBe('no: Bearer *** ***');
  expect(own.redact(`a ${TOKEN.value} b`)).toBe('a *** b');
});

test.each([
  ['', 'the token is empty'],
  ['  ', 'the token is empty'],
  ['a\nx-evil: 1', 'the token has a character at position 2 that a header can’t have'],
  ['tok€n', 'the token has a character at position 4 that a header can’t have'],
  ['x'.repeat(70_000), 'the token has more than 65536 characters'],
])('a token %j is none', async (value, message) => {
  const own = client('http://127.0.0.1:9/{id}', { credentials: provider({ value }) });
  await expect(Promise.resolve(own.credentials?.current())).rejects.toThrow(message.replace('’', "'"));
});

test('what a provider says is shown without secrets, and stays permanent', async () => {
  const error = Object.assign(new Error(`refused: ${TOKEN.value}`), { permanent: true });
  const own = client('http://127.0.0.1:9/{id}', { credentials: provider(TOKEN, error) });
  await own.credentials?.current();
  const asked = Promise.resolve(own.credentials?.current());
  await expect(asked).rejects.toMatchObject({ message: 'refused: ***', permanent: true });
});

describe('settings that can not work', () => {
  test.each([
    [{ tokenHeader: 'Authorization' }, 'is no header with one {token}'],
    [{ tokenHeader: 'Authorization: Bearer' }, 'is no header with one {token}'],
    [{ tokenHeader: 'A: {token}{token}' }, 'is no header with one {token}'],
    [{ tokenHeader: 'Content-Length: {token}' }, 'belongs to the connection'],
    [{ tokenHeader: 'a b: {token}' }, 'is not a header name'],
    [{ headers: [['authorization', 'x']] }, 'the header authorization is given, and the token stands there'],
  ] as const)('%j', (options, message) => {
    expect(() => client('http://127.0.0.1:9/{id}', options)).toThrow(UsageError);
    expect(() => client('http://127.0.0.1:9/{id}', options)).toThrow(message);
  });

  test('a user name in the URL', () => {
    expect(() => client('http://u:p@127.0.0.1:9/{id}')).toThrow('the header authorization is given');
  });
});

test('the token may stand in a standard header, as accept', async () => {
  const seen: unknown[] = [];
  const server = await serve((request, response) => {
    seen.push(request.headers.accept);
    response.end('{}');
  });
  await attempt(client(server.url, { tokenHeader: 'Accept: application/json;t={token}' }), { token: TOKEN });
  expect(seen).toEqual([`application/json;t=${TOKEN.value}`]);
});

test('a dry run shows no token, and asks for none', () => {
  let asked = 0;
  const own = client('http://127.0.0.1:9/{id}', { credentials: { current: () => (asked++, TOKEN) } });
  expect(own.dryRun(CASE)).toMatchObject({ headers: expect.arrayContaining([['authorization', '***']]) });
  expect(asked).toBe(0);
});
