import { once } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { FeedSocket } from '../../../src/core/live/feed-socket.js';
import { CLOSING_MS, MOST_SOCKETS, PING_EVERY_MS } from '../../../src/io/web/web-sockets.js';
import { FakeClock } from '../../helpers/clock.js';
import {
  BEARER,
  deferred,
  openSocket,
  rawRequest,
  RawClient,
  type TestServer,
  TOKEN,
  UPGRADE,
  webServer,
} from '../../helpers/web-server.js';

const EVENTS = '/api/run/events';

interface FeedServer extends TestServer {
  /** What was handed to the feed so far. */
  readonly joined: readonly FeedSocket[];
}

/** A server whose feed says hello to each client. */
async function feedServer(clock?: FakeClock): Promise<FeedServer> {
  const joined: FeedSocket[] = [];
  const join = (socket: FeedSocket): void => {
    joined.push(socket);
    socket.send('hello');
  };
  const socketRoute = (path: string): typeof join | undefined => (path === EVENTS ? join : undefined);
  const server = await webServer({ socketRoute, ...(clock && { clock }) });
  return {
    ...server,
    get bugs() {
      return server.bugs;
    },
    joined,
  };
}

const handshake = (headers: Readonly<Record<string, string | undefined>>, path = EVENTS): string =>
  rawRequest(path, { ...UPGRADE, authorization: undefined, ...headers });

const OFFER = `case-tracker.v1, bearer.${TOKEN}`;

describe('before the upgrade', () => {
  test.each<[string, Readonly<Record<string, string | undefined>>, string, number, string]>([
    ['no token', {}, EVENTS, 401, 'unauthorized'],
    ['no token, but our protocol', { 'sec-websocket-protocol': 'case-tracker.v1' }, EVENTS, 401, 'unauthorized'],
    ['another token', { 'sec-websocket-protocol': 'case-tracker.v1, bearer.wrong' }, EVENTS, 401, 'unauthorized'],
    ['no token, at the open path', {}, '/', 401, 'unauthorized'],
    ['the token in the query', {}, `${EVENTS}?token=${TOKEN}`, 401, 'unauthorized'],
    ['another page', { 'sec-websocket-protocol': OFFER, origin: 'http://evil.com' }, EVENTS, 403, 'foreign_origin'],
    [
      'a page of another port',
      { 'sec-websocket-protocol': OFFER, origin: 'http://127.0.0.1:3000' },
      EVENTS,
      403,
      'foreign_origin',
    ],
    ['no page', { 'sec-websocket-protocol': OFFER, origin: 'null' }, EVENTS, 403, 'foreign_origin'],
    [
      'another site',
      { 'sec-websocket-protocol': OFFER, 'sec-fetch-site': 'cross-site' },
      EVENTS,
      403,
      'foreign_origin',
    ],
    ['another name', { 'sec-websocket-protocol': OFFER, host: 'evil.com' }, EVENTS, 421, 'wrong_host'],
    ['another path', { 'sec-websocket-protocol': OFFER }, '/api/run', 404, 'not_found'],
    [
      'a broken handshake',
      { 'sec-websocket-protocol': OFFER, 'sec-websocket-key': 'short' },
      EVENTS,
      400,
      'bad_handshake',
    ],
    ['an old version', { 'sec-websocket-protocol': OFFER, 'sec-websocket-version': '7' }, EVENTS, 400, 'bad_handshake'],
    [
      'a protocol list that is none',
      { authorization: `Bearer ${TOKEN}`, 'sec-websocket-protocol': ',,' },
      EVENTS,
      400,
      'bad_handshake',
    ],
  ])('%s: refused', async (_, headers, path, status, error) => {
    const server = await feedServer();
    const text = await new RawClient(server.port).send(handshake(headers, path)).ended();
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toEqual({ error, message: expect.any(String) });
    expect(server.joined).toEqual([]);
  });
});

describe('after it', () => {
  test.each([
    [{ 'sec-websocket-protocol': OFFER }],
    [{ 'sec-websocket-protocol': `bearer.${TOKEN}, case-tracker.v1` }],
    [{ 'sec-websocket-protocol': OFFER, 'sec-websocket-extensions': 'permessage-deflate' }],
  ])('%j: our protocol is chosen, no compression, and the token is in no answer', async (headers) => {
    const server = await feedServer();
    const text = await new RawClient(server.port).send(handshake(headers)).until('hello');
    expect(text).toMatch(/^HTTP\/1.1 101 [^]*sec-websocket-protocol: case-tracker\.v1\r\n/i);
    expect(text).not.toMatch(/bearer|sec-websocket-extensions/i);
  });

  test('a program that sends the token as a header needs no protocol', async () => {
    const server = await feedServer();
    const text = await new RawClient(server.port).send(handshake(BEARER)).until('hello');
    expect(text).not.toMatch(/sec-websocket-protocol/i);
  });

  test('what clients say is passed over: text, JSON that is none, binary', async () => {
    const server = await feedServer();
    const socket = await openSocket(server, EVENTS);
    for (const words of ['stop', '{"type":', Buffer.from([0, 255])]) socket.send(words);
    await roundTrip(socket);
    expect([socket.readyState, server.bugs]).toEqual([WebSocket.OPEN, []]);
  });

  test('a frame of 1 MB ends its own socket with 1009, and no other', async () => {
    const server = await feedServer();
    const [loud, other] = [await openSocket(server, EVENTS), await openSocket(server, EVENTS)];
    loud.send('x'.repeat(1_000_000));
    expect((await once(loud, 'close'))[0]).toBe(1009);
    await roundTrip(other);
    expect(other.readyState).toBe(WebSocket.OPEN);
  });

  test('a frame that is none ends its own socket with 1002', async () => {
    const server = await feedServer();
    const client = new RawClient(server.port).send(handshake({ 'sec-websocket-protocol': OFFER }));
    await client.until('hello');
    // Not masked.
    client.send(Buffer.from([0x81, 0x02, 0x68, 0x69]));
    expect(await client.until('\u0003\u00ea')).toContain('\u0088');
  });

  test(`there are ${MOST_SOCKETS}; one more is refused until one has gone`, async () => {
    const server = await feedServer();
    const sockets = await Promise.all(Array.from({ length: MOST_SOCKETS }, () => openSocket(server, EVENTS)));
    const more = (): RawClient => new RawClient(server.port).send(handshake({ 'sec-websocket-protocol': OFFER }));
    expect(await more().ended()).toMatch(/^HTTP\/1.1 503 [^]*"error":"too_many_sockets"/);
    const gone = new Promise<void>((resolve) => server.joined[0]?.onClose(resolve));
    for (const socket of sockets) socket.close();
    await gone;
    await Promise.all(server.joined.map((joined) => new Promise<void>((resolve) => joined.onClose(resolve))));
    expect(await more().until('hello')).toMatch(/^HTTP\/1.1 101 /);
  });

  test('a feed that has a bug ends the socket, and nothing else', async () => {
    const bug = new Error('bug');
    const server = await webServer({
      socketRoute: () => () => {
        throw bug;
      },
    });
    const socket = new WebSocket(server.url.replace('http', 'ws'), { headers: BEARER });
    expect((await once(socket, 'close'))[0]).toBe(1011);
    expect(server.bugs).toEqual([bug]);
    expect(await fetch(server.url, { headers: BEARER })).toHaveProperty('status', 200);
  });
});

describe('whether somebody is there', () => {
  test('who answers a ping stays, who does not is terminated at the next', async () => {
    const clock = new FakeClock();
    const server = await feedServer(clock);
    const [there, gone] = [await openSocket(server, EVENTS), await openSocket(server, EVENTS)];
    const deaf = new WebSocket(server.url.replace('http', 'ws') + EVENTS, { headers: BEARER, autoPong: false });
    await once(deaf, 'open');
    gone.close();
    await once(gone, 'close');
    const pings = Promise.all([once(there, 'ping'), once(deaf, 'ping')]);
    clock.advance(PING_EVERY_MS);
    await pings;
    await roundTrip(there);
    const ended = once(deaf, 'close');
    clock.advance(PING_EVERY_MS);
    expect((await ended)[0]).toBe(1006);
    await roundTrip(there);
    expect(there.readyState).toBe(WebSocket.OPEN);
  });

  test('where nobody watches, nothing is set', async () => {
    const clock = new FakeClock();
    const server = await feedServer(clock);
    const socket = await openSocket(server, EVENTS);
    expect(clock.timers).toBe(1);
    const gone = new Promise<void>((resolve) => server.joined[0]?.onClose(resolve));
    socket.close();
    await gone;
    expect(clock.timers).toBe(0);
  });
});

describe('a client that never reads', () => {
  /** Its socket, paused, and what the feed has of it. */
  async function stuckClient(server: FeedServer): Promise<{ client: RawClient; feed: FeedSocket }> {
    const client = new RawClient(server.port).send(handshake({ 'sec-websocket-protocol': OFFER }));
    await client.until('hello');
    client.socket.pause();
    const feed = server.joined.at(-1);
    if (feed === undefined) throw new Error('nothing has joined');
    return { client, feed };
  }

  /** Sends as a feed does, that skips frames while too much waits; the most bytes that waited. */
  async function sendMuch(feed: FeedSocket, frames: number): Promise<number> {
    let most = 0;
    for (let frame = 0; frame < frames; frame++) {
      if (feed.bufferedBytes === 0) feed.send('x'.repeat(65_536));
      most = Math.max(most, feed.bufferedBytes);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return most;
  }

  test('can be seen by what waits for it: a feed that looks keeps memory bounded', async () => {
    const server = await feedServer();
    const { feed } = await stuckClient(server);
    expect(await sendMuch(feed, 3000)).toBeLessThan(200_000);
    expect(feed.bufferedBytes).toBeGreaterThan(0);
  });

  test('gets no pongs while something waits for it, however many pings it sends', async () => {
    const emit = vi.spyOn(WebSocket.prototype, 'emit');
    const pong = vi.spyOn(WebSocket.prototype, 'pong');
    onTestFinished(() => void vi.restoreAllMocks());
    const server = await feedServer();
    const { client, feed } = await stuckClient(server);
    const pingsUpTo = async (count: number): Promise<void> => {
      while (emit.mock.calls.filter(([event]) => event === 'ping').length < count) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
    client.send(ping);
    await pingsUpTo(1);
    expect(pong).toHaveBeenCalledTimes(1);
    feed.send('x'.repeat(20_000_000));
    client.send(Buffer.concat(Array.from({ length: 1000 }, () => ping)));
    await pingsUpTo(1001);
    expect(feed.bufferedBytes).toBeGreaterThan(0);
    expect(pong).toHaveBeenCalledTimes(1);
  });

  test('is gone at once when the feed says so, and takes what is sent to it afterwards nowhere', async () => {
    const server = await feedServer();
    const { feed } = await stuckClient(server);
    const ends: string[] = [];
    const closed = deferred<void>();
    feed.onClose(() => ends.push('closed'));
    feed.onClose(() => closed.resolve());
    feed.send('x'.repeat(20_000_000));
    feed.terminate();
    await closed.promise;
    feed.send('more');
    feed.close(1000);
    feed.onClose(() => ends.push('closed already'));
    expect([feed.bufferedBytes, ends]).toEqual([0, ['closed', 'closed already']]);
  });

  test('is gone after a short time when it is told goodbye', async () => {
    const clock = new FakeClock();
    const server = await feedServer(clock);
    const { feed } = await stuckClient(server);
    const closed = new Promise<void>((resolve) => feed.onClose(resolve));
    feed.send('x'.repeat(20_000_000));
    feed.close(1000);
    clock.advance(CLOSING_MS);
    await closed;
    expect(clock.timers).toBe(0);
  });

  test('does not delay the end', async () => {
    const clock = new FakeClock();
    const server = await feedServer(clock);
    const { feed } = await stuckClient(server);
    feed.send('x'.repeat(20_000_000));
    await server.close();
    expect(clock.now()).toBeLessThanOrEqual(CLOSING_MS + 100);
    expect(clock.timers).toBe(0);
  });
});

test('a client that reads gets all that was sent, then the goodbye', async () => {
  const server = await feedServer();
  const socket = await openSocket(server, EVENTS);
  const received: number[] = [];
  socket.on('message', (data: Buffer) => received.push(data.length));
  const closed = once(socket, 'close');
  for (let frame = 1; frame <= 20; frame++) server.joined[0]?.send('x'.repeat(frame * 10_000));
  server.joined[0]?.close(1000);
  expect((await closed)[0]).toBe(1000);
  expect(received.filter((length) => length > 5)).toEqual(Array.from({ length: 20 }, (_, at) => (at + 1) * 10_000));
});

/** Resolves when the server has heard everything that was sent so far. */
async function roundTrip(socket: WebSocket): Promise<void> {
  const answered = once(socket, 'pong');
  socket.ping();
  await answered;
}
