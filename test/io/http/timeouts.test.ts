import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../helpers/clock.js';
import { serve, serveRaw } from '../../helpers/fault-server.js';
import { attempt, clientFor, failedAttempt } from '../../helpers/http-client.js';

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
