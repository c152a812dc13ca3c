import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Case, type Failure } from '../../../src/core/case.js';
import { endpointWords } from '../../../src/core/results/endpoint-words.js';
import { FakeClock } from '../../helpers/clock.js';
import { refusedUrl, serve, serveRaw } from '../../helpers/fault-server.js';
import { attempt, clientFor, failedAttempt } from '../../helpers/http-client.js';

/** The failure of a call to a server that answers with these bytes and does this afterwards. */
async function rawFailure(bytes: string, after: (socket: Socket) => void = () => {}): Promise<Failure> {
  const server = await serveRaw((socket) => socket.write(bytes, 'latin1', () => after(socket)));
  return (await failedAttempt(clientFor(server.url))).failure;
}

const end = (socket: Socket): unknown => socket.end();
const reset = (socket: Socket): unknown => socket.resetAndDestroy();

describe('the network', () => {
  test('a refused connection', async () => {
    const url = await refusedUrl();
    const { failure } = await failedAttempt(clientFor(url));
    expect(failure).toEqual({
      kind: 'network',
      message: `cannot connect to ${url} (ECONNREFUSED)`,
      code: 'ECONNREFUSED',
      retryable: true,
      requestId: 'r-1',
    });
  });

  test('a host that does not exist', async () => {
    const { failure } = await failedAttempt(clientFor('http://nothing.invalid/x'));
    expect(failure).toMatchObject({ kind: 'network', retryable: true });
    expect(failure.message).toMatch(/^cannot find the host nothing\.invalid \((ENOTFOUND|EAI_AGAIN)\)$/);
  });

  test.each([
    ['closed before an answer', '', end, 'the connection was closed before an answer came (ECONNRESET)'],
    ['reset before an answer', '', reset, 'the connection was lost before an answer came (ECONNRESET)'],
    ['closed within the headers', 'HTTP/1.1 200 OK\r\ncont', end, 'the connection was closed before an answer came'],
    ['closed within a body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a"', end, 'cut off after 4 bytes'],
    ['reset within a body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a"', reset, 'cut off after 4 bytes'],
    [
      'closed within a body that was to end the connection',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\n{"a"',
      end,
      'cut off after 4 bytes',
    ],
    ['closed within chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"a"', end, 'cut off after 4'],
    [
      'closed within the last chunks',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"a"\r\n',
      end,
      'cut off after 4',
    ],
  ])('%s', async (_what, bytes, after, message) => {
    const server = await serveRaw((socket) => {
      if (bytes === '') after(socket);
      else socket.write(bytes, 'latin1', () => after(socket));
    });
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'network', code: 'ECONNRESET', retryable: true });
    expect(failure.message).toContain(message);
  });
});

describe('protocol errors', () => {
  test.each([
    ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n', 'not valid HTTP'],
    ['a content-length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: abc\r\n\r\n', 'not valid HTTP'],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n', 'not valid HTTP'],
    ['too many headers', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 'headers of the answer are too large'],
  ])('%s', async (_what, bytes, message) => {
    const failure = await rawFailure(bytes);
    expect(failure).toMatchObject({ kind: 'response', retryable: false });
    expect(failure.message).toContain(message);
  });

  test('bytes after the end of the body belong to nobody', async () => {
    const server = await serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}{"x":1}'));
    expect(await attempt(clientFor(server.url))).toMatchObject({ ok: true, text: '{}' });
  });
});

describe('interim answers', () => {
  const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

  test.each([
    ['an unasked 100 Continue', ['HTTP/1.1 100 Continue\r\n\r\n']],
    ['one with headers', ['HTTP/1.1 100 Continue\r\nserver: x\r\nconnection: keep-alive\r\n\r\n']],
    ['several', ['HTTP/1.1 100 \r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n']],
    ['103 with a link', ['HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n']],
    ['one that is unknown', ['HTTP/1.1 199 Miscellaneous\r\n\r\n']],
    ['one that comes in pieces', ['HTTP/1.1 1', '00 Conti', 'nue\r\n', '\r\n']],
  ])('%s is passed over, and the connection lives on', async (_what, pieces) => {
    const server = await serveRaw((socket) => writeInTurn(socket, [...pieces, OK]));
    for (const method of ['GET', 'POST', 'GET'] as const) {
      const client = clientFor(server.url, { method, limit: 1 });
      expect(await attempt(client)).toMatchObject({ ok: true, text: '{}', httpStatus: 200 });
      expect(await attempt(client)).toMatchObject({ ok: true, text: '{}', httpStatus: 200 });
      expect(client.connectionsOpened).toBe(1);
    }
  });

  function writeInTurn(socket: Socket, [piece, ...rest]: readonly string[]): void {
    if (piece !== undefined) socket.write(piece, () => writeInTurn(socket, rest));
  }

  test('one without an answer after it is no answer', async () => {
    const failure = await rawFailure('HTTP/1.1 100 Continue\r\n\r\n', end);
    expect(failure).toMatchObject({ kind: 'network', code: 'ECONNRESET', retryable: true });
  });

  test('a failure after one is that failure', async () => {
    const failure = await rawFailure('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n');
    expect(failure).toMatchObject({ kind: 'http', httpStatus: 503, message: '503 Busy' });
  });

  test('101 to another protocol is refused', async () => {
    const failure = await rawFailure('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n');
    expect(failure).toMatchObject({ kind: 'response', message: 'the answer is not valid HTTP: bad upgrade' });
  });
});

describe('an answer whose status has no body, with the length of one', () => {
  test.each(['', '{"error":"x"}'])('304 is an http failure, not one of the network (%j)', async (body) => {
    const failure = await rawFailure(`HTTP/1.1 304 Not Modified\r\ncontent-length: 13\r\n\r\n${body}`);
    expect(failure).toMatchObject({ kind: 'http', httpStatus: 304, message: '304 Not Modified', retryable: false });
  });

  test('204 is an enrichment of null, and the next call is made on a new connection', async () => {
    const server = await serveRaw((socket) => socket.write('HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n{}'));
    const client = clientFor(server.url, { limit: 1 });
    expect(await attempt(client)).toMatchObject({ ok: true, text: 'null', httpStatus: 204 });
    expect(await attempt(client)).toMatchObject({ ok: true, text: 'null', httpStatus: 204 });
    expect(client.connectionsOpened).toBe(2);
  });

  test('204 with an encoding too', async () => {
    const server = await serveRaw((socket) =>
      socket.write('HTTP/1.1 204 No Content\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\n'),
    );
    expect(await attempt(clientFor(server.url))).toMatchObject({ ok: true, text: 'null' });
  });
});

describe('a status that is none', () => {
  test.each(['000', '001', '099'])('%s is an answer that is not valid HTTP', async (status) => {
    for (const rest of ['content-length: 0\r\n\r\n', 'content-length: 2\r\n\r\n{}']) {
      const failure = await rawFailure(`HTTP/1.1 ${status} Odd\r\n${rest}`);
      expect(failure).toMatchObject({ kind: 'response', retryable: false });
      expect(failure.message).toBe(`the answer is not valid HTTP: its status is ${status}`);
    }
  });

  test.each(['600', '999'])('%s is one', async (status) => {
    const failure = await rawFailure(`HTTP/1.1 ${status} Odd\r\ncontent-length: 0\r\n\r\n`);
    expect(failure).toMatchObject({ kind: 'http', httpStatus: Number(status) });
  });
});

describe('statuses', () => {
  async function statusFailure(
    status: number,
    headers: Record<string, string> = {},
    body = '',
  ): ReturnType<typeof failedAttempt> {
    const server = await serve((_request, response) => response.writeHead(status, headers).end(body));
    return failedAttempt(clientFor(server.url));
  }

  test('an error status with its body', async () => {
    const { failure, askedWaitMs } = await statusFailure(422, {}, '{"error":"priority must be one of low, normal"}');
    expect(failure).toEqual({
      kind: 'http',
      message: '422 Unprocessable Entity',
      httpStatus: 422,
      retryable: false,
      requestId: 'r-1',
      body: '{"error":"priority must be one of low, normal"}',
    });
    expect(askedWaitMs).toBeUndefined();
  });

  test.each([
    [503, { 'retry-after': '2' }, 2000, true],
    [503, {}, undefined, true],
    [403, { 'retry-after': '1' }, 1000, true],
    [403, {}, undefined, false],
    [429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }, 0, true],
    [404, { 'retry-after': '9' }, 9000, false],
    [599, {}, undefined, false],
  ])('%i with %j', async (status, headers, asked, retryable) => {
    const outcome = await statusFailure(status, headers);
    expect(outcome.failure).toMatchObject({ kind: 'http', httpStatus: status, retryable });
    expect(outcome.askedWaitMs).toBe(asked);
  });

  test('Retry-After sent twice asks for the longer wait', async () => {
    const failure = 'HTTP/1.1 503 Busy\r\nretry-after: 1\r\nretry-after: 2\r\ncontent-length: 0\r\n\r\n';
    const server = await serveRaw((socket) => socket.write(failure));
    const outcome = await failedAttempt(clientFor(server.url));
    expect(outcome.failure.message).toBe('503 Busy');
    expect(outcome.askedWaitMs).toBe(2000);
  });

  test('a long reason is cut', async () => {
    const server = await serveRaw((socket) =>
      socket.write(`HTTP/1.1 500 ${'no '.repeat(999)}\r\ncontent-length: 0\r\n\r\n`),
    );
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure.message).toMatch(/^500 no no .*…$/);
    expect(failure.message).toHaveLength(301);
  });

  test('the body is cut to 512 bytes between characters', async () => {
    const { failure } = await statusFailure(500, {}, `x${'ü'.repeat(1000)}`);
    expect(failure.body).toBe(`x${'ü'.repeat(255)}`);
  });

  test('an encoded body is shown decoded', async () => {
    const body = gzipSync(`{"error":"${'long '.repeat(5000)}"}`);
    const server = await serve((_request, response) =>
      response.writeHead(400, { 'content-encoding': 'gzip' }).end(body),
    );
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure.body).toMatch(/^\{"error":"long long /);
    expect(failure.body).toHaveLength(512);
  });

  test('a body without end does not hold up the failure', async () => {
    const pour = (response: ServerResponse): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
      if (!response.destroyed) response.once('drain', () => pour(response));
    };
    const server = await serve((_request, response) => pour(response.writeHead(500)));
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'http', httpStatus: 500 });
    expect(failure.body).toHaveLength(512);
  });
});

describe('time', () => {
  const limits = { timeoutMs: 5000, deadline: false };

  test('no answer', async () => {
    const clock = new FakeClock();
    const server = await serve(() => {});
    const outcome = failedAttempt(clientFor(server.url, { clock }), limits);
    await server.seen();
    clock.advance(4999);
    clock.advance(1);
    expect((await outcome).failure).toEqual({
      kind: 'timeout',
      message: 'no answer within 5s',
      phase: 'response',
      retryable: true,
      requestId: 'r-1',
    });
  });

  test('what comes in before the time is up counts', async () => {
    const clock = new FakeClock();
    const responses: ServerResponse[] = [];
    const server = await serve((_request, response) => void responses.push(response));
    const outcome = attempt(clientFor(server.url, { clock }), limits);
    await server.seen();
    clock.advance(4999);
    responses[0]?.end('{}');
    expect(await outcome).toMatchObject({ ok: true });
    expect(clock.timers).toBe(0);
  });

  test('headers and then nothing', async () => {
    const clock = new FakeClock();
    const server = await serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a"'));
    const client = clientFor(server.url, { clock });
    const outcome = failedAttempt(client, limits);
    await server.seen();
    await bytesArrived(() => clock.advance(0));
    clock.advance(5000);
    expect((await outcome).failure).toMatchObject({
      kind: 'timeout',
      phase: 'body',
      message: 'the answer did not end within 5s (4 bytes came)',
    });
  });

  test('a byte now and then does not stretch the time', async () => {
    const clock = new FakeClock();
    const sockets: Socket[] = [];
    const server = await serveRaw((socket) => {
      sockets.push(socket);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n');
    });
    const outcome = failedAttempt(clientFor(server.url, { clock }), limits);
    await server.seen();
    for (let second = 0; second < 5; second++) {
      sockets[0]?.write('1');
      await bytesArrived(() => clock.advance(1000));
    }
    expect((await outcome).failure).toMatchObject({ kind: 'timeout', phase: 'body' });
  });

  test('an error whose body does not end', async () => {
    const clock = new FakeClock();
    const server = await serveRaw((socket) => socket.write('HTTP/1.1 500 Oops\r\ncontent-length: 9\r\n\r\nx'));
    const outcome = failedAttempt(clientFor(server.url, { clock }), limits);
    await server.seen();
    await bytesArrived(() => clock.advance(5000));
    expect((await outcome).failure).toMatchObject({ kind: 'timeout', phase: 'body' });
  });

  test('a TLS handshake that does not end is a connection that does not come about', async () => {
    const clock = new FakeClock();
    const server = await serveRaw(() => {});
    const client = clientFor(server.url.replace('http:', 'https:'), { clock });
    const outcome = failedAttempt(client, limits);
    await server.seen();
    clock.advance(5000);
    expect((await outcome).failure).toMatchObject({
      kind: 'timeout',
      phase: 'connect',
      message: 'no connection within 5s',
    });
  });

  test("what the case's deadline leaves is another matter", async () => {
    const clock = new FakeClock();
    const server = await serve(() => {});
    const outcome = failedAttempt(clientFor(server.url, { clock }), { timeoutMs: 1234, deadline: true });
    await server.seen();
    clock.advance(1234);
    expect((await outcome).failure).toMatchObject({
      kind: 'timeout',
      phase: 'deadline',
      message: "no answer within 1.2s, which the case's deadline left",
    });
  });

  test('waiting for a free connection counts too, and the next call gets one', async () => {
    const clock = new FakeClock();
    const responses: ServerResponse[] = [];
    const server = await serve((_request, response) => void responses.push(response));
    const client = clientFor(server.url, { clock, limit: 1 });
    const first = attempt(client, limits);
    const second = failedAttempt(client, { timeoutMs: 1000, deadline: false });
    const third = attempt(client, limits);
    await server.seen();
    clock.advance(1000);
    expect((await second).failure).toMatchObject({ kind: 'timeout', phase: 'connect' });
    responses[0]?.end('1');
    expect(await first).toMatchObject({ text: '1' });
    await server.seen(2);
    responses[1]?.end('3');
    expect(await third).toMatchObject({ text: '3' });
  });

  test('after a timeout the next call has a connection of its own', async () => {
    const clock = new FakeClock();
    let calls = 0;
    const server = await serve((_request, response) => {
      if (++calls > 1) response.end('{}');
    });
    const client = clientFor(server.url, { clock, limit: 1 });
    const outcome = failedAttempt(client, limits);
    await server.seen();
    clock.advance(5000);
    await outcome;
    expect(await attempt(client, limits)).toMatchObject({ ok: true });
    expect(client.connectionsOpened).toBe(2);
    expect(server.connections).toBe(2);
  });

  /** Repeats `step` until what the server wrote has surely been read here: a round trip through this event loop. */
  async function bytesArrived(step: () => void): Promise<void> {
    const server = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
    await attempt(clientFor(server.url));
    step();
  }
});

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('a GET follows %i within the origin', async (status) => {
    const ids: unknown[] = [];
    const server = await serve((request, response) => {
      ids.push(request.headers['x-request-id']);
      if (request.url === '/C-1') response.writeHead(status, { location: '/new?a=1#x' }).end('moved');
      else response.end(JSON.stringify(request.url));
    });
    const client = clientFor(server.url);
    expect(await attempt(client)).toMatchObject({ ok: true, text: '"/new?a=1"' });
    expect(ids).toEqual(['r-1', 'r-1']);
    expect(client.connectionsOpened).toBe(1);
  });

  test('a POST takes its body along on 307 and 308', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/C-1') response.writeHead(308, { location: '/new' }).end();
      else request.pipe(response);
    });
    const outcome = await attempt(clientFor(server.url, { method: 'POST' }));
    expect(outcome).toMatchObject({ ok: true, text: '{"id":"C-1","title":"a b","n":1.0}' });
  });

  test.each([301, 302, 303])('a POST does not become a GET on %i', async (status) => {
    const server = await serve((_request, response) => response.writeHead(status, { location: '/new' }).end());
    const { failure } = await failedAttempt(clientFor(server.url, { method: 'POST' }));
    expect(failure).toMatchObject({ kind: 'http', httpStatus: status, retryable: false });
  });

  test.each([
    [3, { ok: true, text: '"there"' }],
    [4, { ok: false, failure: { kind: 'response', message: 'redirected more than 3 times' } }],
  ])('of %i in a row', async (hops, expected) => {
    const server = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('"there"');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const aCase = new Case('x', `{"id":"x","hops":${hops}}`);
    expect(await attempt(clientFor(`${server.url}/{hops}`), {}, aCase)).toMatchObject(expected);
  });

  test('a loop ends', async () => {
    let calls = 0;
    const server = await serve((request, response) => {
      calls++;
      response.writeHead(302, { location: request.url ?? '/' }).end();
    });
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'response', message: 'redirected more than 3 times', retryable: false });
    expect(calls).toBe(4);
  });

  test('another origin never hears of it', async () => {
    let heard = 0;
    const other = await serve((_request, response) => {
      heard++;
      response.end('{}');
    });
    const server = await serve((_request, response) =>
      response.writeHead(307, { location: `${other.url}/x?token=abc` }).end(),
    );
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'response', message: expect.stringContaining(other.url) as string });
    expect(failure.message).not.toContain('token');
    expect(heard).toBe(0);
  });

  test('http to https says which endpoint to use', async () => {
    const server = await serve((_request, response) =>
      response.writeHead(301, { location: 'https://127.0.0.1/cases/C-1' }).end(),
    );
    const { failure } = await failedAttempt(clientFor(`${server.url}/cases/{id}?k=v1v2`));
    expect(failure).toMatchObject({
      kind: 'response',
      message: 'redirected to https: make the endpoint https://127.0.0.1/cases/{id}?k=***',
    });
  });

  test.each([
    ['no Location', {}],
    ['an empty one', { location: '' }],
    ['one that is no URL', { location: 'http://' }],
  ])('a redirect with %s is an http failure', async (_what, headers) => {
    const server = await serve((_request, response) => response.writeHead(302, headers).end());
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'http', httpStatus: 302, message: '302 Found' });
  });

  test('304 is no redirect', async () => {
    const server = await serve((_request, response) => response.writeHead(304, { location: '/x' }).end());
    expect((await failedAttempt(clientFor(server.url))).failure).toMatchObject({ kind: 'http', httpStatus: 304 });
  });

  test('one with an endless body is not waited for', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(302, { location: '/new' }).write('x'.repeat(200_000));
    });
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'response', message: 'redirected with a body of more than 65536 bytes' });
  });
});

test('secrets that the endpoint echoes are hidden in message and body', async () => {
  const server = await serve((request, response) => {
    const { authorization } = request.headers;
    response.statusMessage = `no access for ${String(request.headers['x-api-key'])}`;
    response.writeHead(401).end(JSON.stringify({ authorization, url: request.url, echo: `pa"ss/w` }));
  });
  const url = server.url.replace('//', '//me:p%40ssword@');
  const headers = [['x-api-key', 'k3y-of-mine']] as const;
  const client = clientFor(`${url}/{id}?token=t0k%2Fen`, { headers, secrets: ['pa"ss/w'] });
  const { failure } = await failedAttempt(client);
  expect(failure.message).toBe('401 no access for ***');
  expect(failure.body).toBe('{"authorization":"***","url":"/C-1?token=***","echo":"***"}');
});

test.each([
  [
    'JSON with unicode escapes',
    (token: string) => token.replaceAll('+', String.raw`\u002B`).replaceAll('/', String.raw`\u002f`),
  ],
  ['HTML escapes', (token: string) => token.replaceAll('+', '&#x2B;').replaceAll('/', '&sol;')],
  ['percent', (token: string) => encodeURIComponent(token)],
  ['base64', (token: string) => Buffer.from(`v1:${token}`).toString('base64')],
])('a 401 that echoes a header in %s shows it nowhere, decoded or not', async (_what, escape) => {
  const server = await serve((_request, response) => {
    response.writeHead(401).end(`{"message":"no access for ${escape('Zm9v+Zg/9Q+x')}"}`);
  });
  const { failure } = await failedAttempt(clientFor(server.url, { headers: [['x-api-key', 'Zm9v+Zg/9Q+x']] }));
  expect(failure.body).toBe('{"message":"no access for ***"}');
  expect(endpointWords(failure.body)).toBe('no access for ***');
});

test('a header secret of 28 KB and more is hidden when it is echoed', async () => {
  const server = await serve((request, response) => {
    response.writeHead(400).end(`you sent ${String(request.headers['x-long'])}`);
  });
  const long = Array.from({ length: 900 }, (_, at) => `k/${at}+`).join('');
  const client = clientFor(server.url, { headers: [['x-long', long]], secrets: [long.repeat(6)] });
  expect((await failedAttempt(client)).failure.body).toBe('you sent ***');
});

describe('the answer to a batch that echoes a header', () => {
  const token = 't0k/en+of+mine';
  const client = clientFor.bind(undefined, 'http://127.0.0.1:1/', {
    method: 'POST',
    headers: [['authorization', `Bearer ${token}`]],
    batch: { size: 2 },
  });

  test.each([
    ['in its error', { error: `no access for ${token}` }],
    ['in the message of its error', { error: { message: `no access for ${token}` } }],
    ['beside its error', { error: true, message: `no access for ${token}`, authorization: `Bearer ${token}` }],
    ['at the end of a long one', { error: `${'x'.repeat(188)} ${token}` }],
    ['across the edge of the shown body', { error: 'no', more: 'x'.repeat(454), authorization: token }],
  ])('%s shows it neither in message nor body', (_what, part) => {
    const escaped = JSON.stringify(part).replaceAll('+', String.raw`\u002B`);
    for (const text of [JSON.stringify([part, part]), `{"a":${escaped},"b":${escaped}}`]) {
      const outcomes = client().batch?.split(text, ['a', 'b']) ?? [];
      expect(outcomes).toHaveLength(2);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ ok: false, failure: { kind: 'response', retryable: false } });
        expect(JSON.stringify(outcome)).not.toMatch(/t0k/);
        expect(JSON.stringify(outcome)).toContain('***');
      }
    }
  });
});

test('a secret at the edge of the shown body is hidden too', async () => {
  const server = await serve((_request, response) => {
    response.writeHead(500).end(`${'x'.repeat(504)}supersecret`);
  });
  const client = clientFor(server.url, { secrets: ['supersecret'] });
  expect((await failedAttempt(client)).failure.body).toBe(`${'x'.repeat(504)}***`);
});

test('a connection that the server closed while idle is replaced', async () => {
  const sockets: Socket[] = [];
  const server = await serveRaw((socket) => {
    sockets.push(socket);
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
  });
  const client = clientFor(server.url, { limit: 1 });
  expect(await attempt(client)).toMatchObject({ ok: true });
  const closed = once(sockets[0] as Socket, 'close');
  sockets[0]?.end();
  await closed;
  expect(await attempt(client)).toMatchObject({ ok: true });
  expect(client.connectionsOpened).toBe(2);
});
