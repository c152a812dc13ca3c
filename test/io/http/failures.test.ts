import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/core/case.js';
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

  test('nothing was sent where there was no connection, and something may have been otherwise', async () => {
    expect((await failedAttempt(clientFor(await refusedUrl()))).unsent).toBe(true);
    const server = await serveRaw((socket) => end(socket));
    expect((await failedAttempt(clientFor(server.url))).unsent).toBeUndefined();
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
