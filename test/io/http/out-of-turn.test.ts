import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { AttemptOutcome } from '../../../src/core/ports.js';
import type { HttpEnrichmentClient } from '../../../src/io/http/client.js';
import { serveRaw, type FaultServer } from '../../helpers/fault-server.js';
import { attempt, clientFor } from '../../helpers/http-client.js';

/** An answer to the request with this id, or with nothing to tell whose it is. */
function answerTo(requestId: string, headers = ''): string {
  const body = JSON.stringify({ for: requestId });
  return `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${headers}\r\n${body}`;
}

const echo = (requestId: string): string => `x-request-id: ${requestId}\r\n`;
const enriched = (requestId: string): object => ({ ok: true, text: `{"for":"${requestId}"}` });

/** An endpoint with its own idea of what to send for the nth request, and a client with one connection at a time. */
async function endpoint(
  send: (requestId: string, nth: number, socket: Socket) => string,
): Promise<{ server: FaultServer; client: HttpEnrichmentClient; call: Call }> {
  let count = 0;
  const server = await serveRaw((socket, request) => {
    const requestId = /x-request-id: (\S+)/.exec(request)?.[1] ?? '';
    socket.write(send(requestId, ++count, socket));
  });
  const client = clientFor(server.url, { limit: 1 });
  return { server, client, call: (requestId, nth = 1) => attempt(client, { requestId, attempt: nth }) };
}

type Call = (requestId: string, nth?: number) => Promise<AttemptOutcome>;

describe('an answer while no request is under way', () => {
  test.each([
    ['a second answer', answerTo('r-1')],
    ['its first byte', 'H'],
    ['an interim answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['what is no HTTP', '{"x":1}'],
  ])('%s in the same packet is nobody’s, and no connection is used twice from then on', async (_what, bytes) => {
    const { client, call } = await endpoint((id, nth) => answerTo(id) + (nth === 2 ? bytes : ''));
    for (const id of ['r-1', 'r-2', 'r-3', 'r-4']) expect(await call(id)).toMatchObject(enriched(id));
    // The first two shared one.
    expect(client.connectionsOpened).toBe(3);
    expect(client.takeNotices()).toEqual([expect.stringContaining('sent an answer out of turn')]);
  });

  test('one that comes later, to a connection at rest, too', async () => {
    const sockets: Socket[] = [];
    const { client, call } = await endpoint((id, _nth, socket) => {
      sockets.push(socket);
      return answerTo(id);
    });
    expect(await call('r-1')).toMatchObject(enriched('r-1'));
    const [first] = sockets as [Socket];
    const dropped = once(first, 'close');
    first.write(answerTo('r-1'));
    await dropped;
    for (const id of ['r-2', 'r-3']) expect(await call(id)).toMatchObject(enriched(id));
    expect(client.connectionsOpened).toBe(3);
    expect(client.takeNotices()).toHaveLength(1);
    expect(client.takeNotices()).toHaveLength(0);
  });

  test('line breaks after an answer are no answer', async () => {
    const { client, call } = await endpoint((id) => `${answerTo(id)}\r\n\r\n`);
    for (const id of ['r-1', 'r-2']) expect(await call(id)).toMatchObject(enriched(id));
    expect([client.connectionsOpened, client.takeNotices()]).toEqual([1, []]);
  });
});

describe('an answer with an x-request-id', () => {
  test('that of another call of this run: it belongs to another request, and its connection is dropped', async () => {
    const { client, call } = await endpoint((id, nth) => (nth === 2 ? answerTo('r-1', echo('r-1')) : answerTo(id)));
    expect(await call('r-1')).toMatchObject(enriched('r-1'));
    expect(await call('r-2')).toMatchObject({
      ok: false,
      failure: {
        kind: 'response',
        message: expect.stringContaining('the answer belongs to another request') as string,
        retryable: false,
        requestId: 'r-2',
      },
    });
    for (const id of ['r-3', 'r-4']) expect(await call(id)).toMatchObject(enriched(id));
    expect(client.connectionsOpened).toBe(3);
    expect(client.takeNotices()).toHaveLength(1);
  });

  test.each<[string, (requestId: string) => string]>([
    ['its own', echo],
    ["the endpoint's", () => echo('5f0e-77')],
    ["the endpoint's, which begins alike", () => echo('r-1a2b')],
    ['two, one of a gateway', (requestId) => echo('r-99') + echo(requestId)],
    ['that of an earlier call, from a cache', () => `${echo('r-99')}age: 3\r\n`],
  ])('%s is fine', async (_what, headers) => {
    const { client, call } = await endpoint((id) => answerTo(id, headers(id)));
    for (const id of ['r-1', 'r-2']) expect(await call(id)).toMatchObject(enriched(id));
    expect([client.connectionsOpened, client.takeNotices()]).toEqual([1, []]);
  });

  test('a repeated call may have the one of the attempt before', async () => {
    const { call } = await endpoint(() => answerTo('r-1', echo('r-1')));
    expect(await call('r-2', 2)).toMatchObject(enriched('r-1'));
  });
});
