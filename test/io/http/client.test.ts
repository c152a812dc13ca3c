import type { IncomingMessage } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Case } from '../../../src/core/case.js';
import { UsageError } from '../../../src/errors.js';
import type { HttpClientOptions } from '../../../src/io/http/client.js';
import { bodyOf, serve } from '../../helpers/fault-server.js';
import { CASE, attempt, clientFor, failedAttempt } from '../../helpers/http-client.js';

/** What the server saw of one call with these options. */
async function requestOf(options: Partial<HttpClientOptions>, path = '/cases/{id}'): Promise<SeenRequest> {
  const requests: SeenRequest[] = [];
  const server = await serve(async (request, response) => {
    requests.push({ request, body: await bodyOf(request) });
    response.end('{}');
  });
  await attempt(clientFor(server.url + path, options));
  const [first] = requests;
  if (first === undefined) throw new Error('no request came');
  return first;
}

interface SeenRequest {
  readonly request: IncomingMessage;
  readonly body: string;
}

/** The outcome of a call that is answered with these bytes. */
async function answered(
  body: string | Buffer,
  headers: Record<string, string> = {},
  options: Partial<HttpClientOptions> = {},
): Promise<Record<string, unknown>> {
  const server = await serve((_request, response) => response.writeHead(200, headers).end(body));
  const outcome = await attempt(clientFor(server.url, options));
  return outcome.ok ? { ...outcome } : { ...outcome.failure };
}

describe('the request', () => {
  test('a GET carries the standing headers and no body', async () => {
    const { request, body } = await requestOf({});
    expect(request.method).toBe('GET');
    expect(request.url).toBe('/cases/C-1');
    expect(request.headers).toMatchObject({
      accept: 'application/json',
      'user-agent': 'case-tracker/1.2.3',
      'x-request-id': 'r-1',
    });
    expect(request.headers).not.toHaveProperty('idempotency-key');
    expect(request.headers).not.toHaveProperty('content-type');
    expect(body).toBe('');
  });

  test.each(['POST', 'PUT', 'PATCH'] as const)('a %s sends the source text of the case', async (method) => {
    const { request, body } = await requestOf({ method });
    expect(body).toBe(CASE.text);
    expect(request.headers['content-type']).toBe('application/json');
    expect(request.headers['idempotency-key']).toMatch(/^[\w-]{22}$/);
  });

  test('a body template takes its place', async () => {
    const { body } = await requestOf({ method: 'POST', body: '{"case":{id},"n":{n}}' });
    expect(body).toBe('{"case":"C-1","n":1.0}');
  });

  test("the user's headers replace accept, content-type and user-agent", async () => {
    const headers = [
      ['Accept', 'application/vnd.x+json'],
      ['USER-AGENT', 'mine'],
      ['content-type', 'text/plain'],
      ['x-multi', 'a'],
      ['x-multi', 'b'],
    ] as const;
    const { request } = await requestOf({ method: 'POST', headers });
    expect(request.headers).toMatchObject({
      accept: 'application/vnd.x+json',
      'user-agent': 'mine',
      'content-type': 'text/plain',
      'x-multi': 'a, b',
    });
  });

  test('user name and password of the URL become Authorization', async () => {
    const server = await serve((request, response) => response.end(JSON.stringify(request.headers.authorization)));
    const outcome = await attempt(clientFor(server.url.replace('//', '//me:p%40ss@')));
    expect(outcome).toMatchObject({ ok: true, text: JSON.stringify(`Basic ${btoa('me:p@ss')}`) });
  });

  test('the idempotency key is the same for every attempt and differs by case', async () => {
    const keys: unknown[] = [];
    const server = await serve((request, response) => {
      keys.push(request.headers['idempotency-key']);
      response.end('{}');
    });
    const client = clientFor(server.url, { method: 'POST' });
    await attempt(client, { attempt: 1, requestId: 'a' });
    await attempt(client, { attempt: 2, requestId: 'b' });
    await attempt(client, {}, new Case('C-2', '{"id":"C-2"}'));
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test('a case that makes no request is refused, with prepare and without', async () => {
    const client = clientFor('http://127.0.0.1:1/{nothing}');
    expect(client.prepare(CASE)).toEqual({
      problem: 'the endpoint needs {nothing}, and the case has no field nothing',
    });
    const { failure } = await failedAttempt(client);
    expect(failure).toMatchObject({ kind: 'case', retryable: false });
  });
});

describe('the key', () => {
  const keyOf = (options: Partial<HttpClientOptions> = {}, aCase = CASE): string => {
    const prepared = clientFor(options.endpoint ?? 'http://h/{id}', options).prepare(aCase);
    return 'key' in prepared ? prepared.key : prepared.problem;
  };
  const schema = { check: () => null, hash: 'abc' };

  test('is stable', () => {
    expect(keyOf()).toMatch(/^[\w-]{22}$/);
    expect(keyOf()).toBe(keyOf({ limit: 3, headers: [['x-y', 'z']], retryUnsafe: true }));
  });

  test.each<[string, Partial<HttpClientOptions>]>([
    ['URL', { endpoint: 'http://h/x/{id}' }],
    ['host', { endpoint: 'http://g/{id}' }],
    ['method', { method: 'POST' }],
    ['pick', { pick: '/a' }],
    ['into', { into: 'a' }],
    ['schema', { responseSchema: schema }],
  ])('changes with %s', (_what, options) => {
    expect(keyOf(options)).not.toBe(keyOf());
  });

  test('changes with body template and source text', () => {
    const post = { method: 'POST' } as const;
    expect(keyOf({ ...post, body: '[1]' })).not.toBe(keyOf({ ...post, body: '[2]' }));
    expect(keyOf({}, new Case('C-1', '{"id":"C-1","n":1}'))).not.toBe(keyOf());
  });

  test('the parts cannot run into each other', () => {
    expect(keyOf({ pick: '/a', into: 'b' })).not.toBe(keyOf({ pick: '', into: '/ab' }));
  });
});

describe('an answer', () => {
  test.each([
    ['its source text is kept', '{"n": 12345678901234567890, "f":1.0,"a":1,"a":2}', undefined],
    ['line breaks between tokens go', '{\n  "a": "b c",\r\n  "d": [1,\n2]\n}\n', '{"a":"b c","d":[1,2]}'],
    ['a scalar is an enrichment too', ' "x" ', '"x"'],
    ['a byte order mark is passed over', '\ufeff{"a":1}', '{"a":1}'],
    ['an empty body is null', '', 'null'],
    ['a byte order mark alone is null', '\ufeff', 'null'],
    ['letters of every script', '{"ü":"账户 👍"}', undefined],
  ])('%s', async (_what, body, text) => {
    expect(await answered(body)).toEqual({ ok: true, text: text ?? body, httpStatus: 200 });
  });

  test('204 is null', async () => {
    const server = await serve((_request, response) => response.writeHead(204).end());
    expect(await attempt(clientFor(server.url))).toEqual({ ok: true, text: 'null', httpStatus: 204 });
  });

  test('a body that comes in many pieces is put together', async () => {
    const text = JSON.stringify({ a: 'ü'.repeat(200_000) });
    expect(await answered(text)).toMatchObject({ ok: true, text });
  });

  test('a hint of 103 before the answer is passed over', async () => {
    const server = await serve((_request, response) => {
      response.writeEarlyHints({ link: '</x>; rel=preload' });
      response.end('{"a":1}');
    });
    expect(await attempt(clientFor(server.url))).toMatchObject({ ok: true, text: '{"a":1}' });
  });

  test.each([
    ['a part', '/data/0', '{"data":[{"b":1.0}]}', '{"b":1.0}'],
    ['a null', '/data', '{"data":null}', 'null'],
    ['the whole', '', '{"data":1}', '{"data":1}'],
    ['nothing of an empty body', '/data', '', 'null'],
  ])('--pick takes %s', async (_what, pick, body, text) => {
    expect(await answered(body, {}, { pick })).toMatchObject({ ok: true, text });
  });

  test('--pick of what is not there is a response failure', async () => {
    const outcome = await answered('{"data":1}', {}, { pick: '/data/x' });
    expect(outcome).toMatchObject({
      kind: 'response',
      message: 'the answer has nothing at /data/x',
      body: '{"data":1}',
    });
  });

  test('an answer against the schema is a response failure', async () => {
    const responseSchema = { hash: 'h', check: (value: unknown) => (value === 1 ? null : 'must be 1') };
    expect(await answered('1', {}, { responseSchema })).toMatchObject({ ok: true });
    const outcome = await answered('2', {}, { responseSchema });
    expect(outcome).toMatchObject({ kind: 'response', message: expect.stringContaining('must be 1') as string });
  });

  test('a schema whose check breaks down is not satisfied', async () => {
    const check = (): null => {
      throw new Error('broken');
    };
    const outcome = await answered('1', {}, { responseSchema: { hash: 'h', check } });
    expect(outcome).toMatchObject({ kind: 'response', message: expect.stringContaining('broken') as string });
  });

  test('up to the size limit it is taken, one byte more is not', async () => {
    const text = JSON.stringify('x'.repeat(98));
    expect(await answered(text, {}, { maxResponseBytes: 100 })).toMatchObject({ ok: true });
    const outcome = await answered(text, {}, { maxResponseBytes: 99 });
    expect(outcome).toMatchObject({
      kind: 'response',
      message: expect.stringContaining('larger than 99 bytes') as string,
    });
  });

  test('1,000 levels are taken, one more is not', async () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(await answered(nested(1000))).toMatchObject({ ok: true });
    expect(await answered(nested(1001))).toMatchObject({
      kind: 'response',
      message: expect.stringContaining('deep') as string,
    });
  });

  test.each([
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 'the answer is not UTF-8'],
    ['not JSON', 'hello', { 'content-type': 'text/plain' }, 'the answer is not JSON (text/plain)'],
    ['cut JSON', '{"a":', {}, 'the answer is not JSON'],
    ['HTML by its type', 'hello', { 'content-type': 'text/html; charset=utf-8' }, 'HTML, not JSON (a log-in page?)'],
    ['HTML by its look', '\n<!DOCTYPE html><p>', {}, 'HTML, not JSON (a log-in page?)'],
    ['several encodings', '{}', { 'content-encoding': 'gzip, br' }, 'unknown encoding: gzip, br'],
    ['an unknown encoding', '{}', { 'content-encoding': 'zstd' }, 'unknown encoding: zstd'],
  ])('%s is a response failure', async (_what, body, headers, message) => {
    const outcome = await answered(body, headers);
    expect(outcome).toMatchObject({ kind: 'response', retryable: false, requestId: 'r-1', httpStatus: 200 });
    expect(outcome['message']).toContain(message);
  });
});

describe('encodings', () => {
  const text = JSON.stringify({ a: 'ü'.repeat(5000) });

  test.each([
    ['gzip', 'gzip', gzipSync(text)],
    ['x-gzip', 'x-gzip', gzipSync(text)],
    ['deflate with a zlib header', 'deflate', deflateSync(text)],
    ['bare deflate', 'deflate', deflateRawSync(text)],
    ['br', 'br', brotliCompressSync(text)],
    ['GZIP in capitals', 'GZIP', gzipSync(text)],
    ['identity', 'identity', Buffer.from(text)],
  ])('%s is decoded', async (_what, encoding, body) => {
    expect(await answered(body, { 'content-encoding': encoding })).toMatchObject({ ok: true, text });
  });

  test('an empty body needs no encoding', async () => {
    expect(await answered('', { 'content-encoding': 'gzip' })).toMatchObject({ ok: true, text: 'null' });
  });

  test.each([
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
  ])('%s that is cut off is a response failure', async (encoding, body) => {
    const outcome = await answered(body.subarray(0, body.length - 4), { 'content-encoding': encoding });
    expect(outcome).toMatchObject({
      kind: 'response',
      message: expect.stringContaining('damaged or cut off') as string,
    });
  });

  test('what is not encoded at all is a response failure', async () => {
    const outcome = await answered('{"a":1}', { 'content-encoding': 'gzip' });
    expect(outcome).toMatchObject({ kind: 'response', message: expect.stringContaining('gzip') as string });
  });

  test('a bomb goes off small', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
    const outcome = await answered(bomb, { 'content-encoding': 'gzip' }, { maxResponseBytes: 1000 });
    expect(outcome).toMatchObject({ kind: 'response', message: expect.stringContaining('larger than 1000') as string });
  });
});

describe('settings that cannot work', () => {
  test.each<[string, Partial<HttpClientOptions>, string]>([
    ['a header name with a space', { headers: [['x y', 'z']] }, 'not a header name'],
    ['a header value with a line break', { headers: [['x', 'a\r\nb: c']] }, 'forbidden character at position 2'],
    ['a header value beyond Latin-1', { headers: [['x', '\u4e2d']] }, 'forbidden character'],
    ['x-request-id', { headers: [['X-Request-Id', 'mine']] }, 'set for each attempt'],
    ['idempotency-key', { headers: [['idempotency-key', 'mine']] }, 'set for each attempt'],
    ['transfer-encoding', { headers: [['transfer-encoding', 'chunked']] }, 'belongs to the connection'],
    ['a body with GET', { body: '{}' }, "can't be sent with GET"],
    ['another method', { method: 'TRACE' as 'GET' }, 'TRACE'],
    ['a pointer without a slash', { pick: 'data' }, 'not a JSON Pointer'],
    ['a body that makes no JSON', { method: 'POST', body: '{"a": "{id}"}' }, 'does not make a JSON document'],
    ['a proxy of another kind', { proxy: { http: 'socks5://p:1' } }, 'socks5'],
  ])('%s', (_what, options, message) => {
    expect(() => clientFor('http://h/{id}', options)).toThrow(UsageError);
    expect(() => clientFor('http://h/{id}', options)).toThrow(message);
  });

  test('the value of a refused header is not in the message', () => {
    expect(() => clientFor('http://h', { headers: [['x-api-key', 's3cret\n']] })).toThrow(/^(?!.*s3cret)/s);
  });

  test('a body that is not JSON goes with another content-type', () => {
    const headers = [['content-type', 'text/plain']] as const;
    expect(() => clientFor('http://h', { method: 'POST', body: 'id {id}', headers })).not.toThrow();
  });
});

test('calls that change nothing, or may be repeated, are safe', () => {
  const safe = (options: Partial<HttpClientOptions>): boolean => clientFor('http://h', options).safeToRepeat;
  expect((['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'] as const).every((method) => safe({ method }))).toBe(true);
  expect((['POST', 'PATCH'] as const).some((method) => safe({ method }))).toBe(false);
  expect(safe({ method: 'POST', retryUnsafe: true })).toBe(true);
});

test('a dry run shows everything but secrets', () => {
  const headers = [
    ['Authorization', 'Bearer s3cret'],
    ['accept', 'text/json'],
  ] as const;
  const options = { method: 'POST', headers, body: '{"key":"s3cret","id":{id}}' } as const;
  const client = clientFor('http://me:pw@h/{id}?key=qs3cret', options);
  expect(client.display).toBe('http://***@h/{id}?key=***');
  expect(client.dryRun(CASE)).toEqual({
    method: 'POST',
    url: 'http://***@h/C-1?key=***',
    headers: [
      ['user-agent', 'case-tracker/1.2.3'],
      ['content-type', 'application/json'],
      ['authorization', '***'],
      ['accept', 'text/json'],
      ['x-request-id', '(new for each attempt)'],
      ['idempotency-key', expect.any(String) as string],
    ],
    body: '{"key":"***","id":"C-1"}',
  });
  expect(clientFor('http://h/{nothing}').dryRun(CASE)).toHaveProperty('problem');
});
