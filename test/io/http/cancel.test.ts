import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { FakeClock } from '../../helpers/clock.js';
import { serve, serveRaw } from '../../helpers/fault-server.js';
import { CASE, attempt, clientFor, failedAttempt } from '../../helpers/http-client.js';

const CANCELLED = { ok: false, failure: { kind: 'cancelled', retryable: true, requestId: 'r-1' } };

test('an abort ends the call at once, whatever it is waiting for', async () => {
  const run = new AbortController();
  const silent = await serve(() => {});
  const half = await serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'));
  const handshake = await serveRaw(() => {});
  const busy = clientFor(silent.url, { limit: 1 });
  const context = { signal: run.signal };
  const outcomes = [
    attempt(clientFor(silent.url), context),
    attempt(clientFor(half.url), context),
    attempt(clientFor(handshake.url.replace('http:', 'https:')), context),
    attempt(busy, context),
    attempt(busy, context),
  ];
  await Promise.all([silent.seen(2), half.seen(), handshake.seen()]);
  run.abort();
  for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatchObject(CANCELLED);
});

test('after an abort nothing is sent', async () => {
  const server = await serve((_request, response) => response.end('{}'));
  const outcome = await attempt(clientFor(server.url), { signal: AbortSignal.abort() });
  expect(outcome).toMatchObject(CANCELLED);
  expect(server.connections).toBe(0);
});

test('nothing is sent for attempts that ended while they were connecting, though their connections come up yet', async () => {
  const requests: string[] = [];
  const server = await serve((request, response) => {
    requests.push(request.url ?? '');
    response.end('{}');
  });
  const client = clientFor(server.url, { limit: 200, method: 'POST' });
  const run = new AbortController();
  const outcomes = Array.from({ length: 200 }, () => attempt(client, { signal: run.signal }));
  run.abort();
  for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatchObject(CANCELLED);
  // One that is sent after all of them shows that none of them is.
  expect(await attempt(client)).toMatchObject({ ok: true });
  expect(requests).toHaveLength(1);
});

test('a call that is cancelled does not take the others along', async () => {
  const responses: ServerResponse[] = [];
  const server = await serve((_request, response) => void responses.push(response));
  const [one, two] = [new AbortController(), new AbortController()];
  const client = clientFor(server.url);
  const first = attempt(client, { signal: one.signal });
  const second = attempt(client, { signal: two.signal });
  await server.seen(2);
  one.abort();
  expect(await first).toMatchObject(CANCELLED);
  for (const response of responses) response.end('{}');
  expect(await second).toMatchObject({ ok: true });
  expect(getEventListeners(one.signal, 'abort')).toHaveLength(0);
});

test('10,000 attempts under one signal leave at most one listener on it, and none after close', async () => {
  const server = await serve((_request, response) => response.end('1'));
  const { signal } = new AbortController();
  const clock = new FakeClock();
  const client = clientFor(server.url, { clock, limit: 50 });
  let left = 10_000;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await attempt(client, { signal });
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
  expect(clock.timers).toBe(0);
  await client.close();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('signals that change with every call leave no listener behind', async () => {
  const server = await serve((_request, response) => response.end('1'));
  const client = clientFor(server.url);
  const signals = Array.from({ length: 20 }, () => new AbortController().signal);
  for (const signal of signals) await attempt(client, { signal });
  const listeners = signals.map((signal) => getEventListeners(signal, 'abort').length);
  expect(listeners.reduce((sum, count) => sum + count)).toBe(1);
});

test.each([1, 3, 50])('500 calls at limit %i never have more connections than that', async (limit) => {
  let most = 0;
  let inFlight = 0;
  const server = await serve((_request, response) => {
    most = Math.max(most, ++inFlight);
    setImmediate(() => {
      inFlight--;
      response.end('{}');
    });
  });
  const client = clientFor(server.url, { limit });
  // All at once: the client lets them wait.
  const outcomes = await Promise.all(Array.from({ length: 500 }, () => attempt(client)));
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
  expect(most).toBeLessThanOrEqual(limit);
  expect(server.connections).toBe(limit);
  expect(client.connectionsOpened).toBe(limit);
});

test('close cancels what is in flight, closes the connections and sends nothing more', async () => {
  const server = await serve(() => {});
  const client = clientFor(server.url);
  const outcome = failedAttempt(client);
  await server.seen();
  await client.close();
  expect(await outcome).toMatchObject(CANCELLED);
  expect(await attempt(client)).toMatchObject(CANCELLED);
  expect(server.connections).toBe(1);
});

test('what prepare made is what is sent', async () => {
  const server = await serve((request, response) => response.end(JSON.stringify(request.url)));
  const client = clientFor(`${server.url}/x/{id}`);
  const prepared = client.prepare(CASE);
  if ('problem' in prepared) throw new Error(prepared.problem);
  expect(await attempt(client, { request: prepared.request })).toMatchObject({ text: '"/x/C-1"' });
});
