import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { FIRST_REQUEST_MS, MOST_CONNECTIONS } from '../../../src/io/web/connections.js';
import { STUCK_MS } from '../../../src/io/web/answer.js';
import { BODY_SILENCE_MS } from '../../../src/io/web/request-body.js';
import { webRoutes } from '../../../src/io/web/routes.js';
import { FakeClock } from '../../helpers/clock.js';
import { openUncheckedServer } from '../../helpers/unchecked-server.js';
import { BEARER, deferred, rawRequest, RawClient, TOKEN, webServer } from '../../helpers/web-server.js';
import { realClock } from '../../../src/host.js';

/** The status and the JSON of a whole answer. */
function readAnswer(text: string): { status: number; head: string; json: { error: string; message: string } } {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), json: JSON.parse(body) };
}

describe('an answer', () => {
  test('has the headers that keep it from other pages', async () => {
    const { url } = await webServer({ fetch: () => new Response('x', { headers: { 'cache-control': 'max-age=5' } }) });
    const { headers } = await fetch(url, { headers: BEARER });
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'max-age=5',
    });
    expect(
      [...headers.keys()].filter((name) => /^access-control|^set-cookie|^x-powered-by|^server$/.test(name)),
    ).toEqual([]);
  });

  test('of a page has the policy of its route', async () => {
    const policy = "default-src 'none'; script-src 'sha256-x'";
    const { url } = await webServer({
      fetch: () => new Response('', { headers: { 'content-security-policy': policy } }),
    });
    const answer = await fetch(url, { headers: BEARER });
    expect([answer.headers.get('content-security-policy'), answer.headers.get('cache-control')]).toEqual([
      policy,
      'no-store',
    ]);
  });

  test('what the route is asked has method, path, query, headers and body', async () => {
    const { url } = await webServer({
      fetch: async (request) =>
        Response.json([request.method, request.url, request.headers.get('x-one'), await request.text()]),
    });
    const answer = await fetch(`${url}//runs/%2e%2E/a b?x=1&y=%20`, {
      method: 'PUT',
      headers: { ...BEARER, 'x-one': '1' },
      body: 'é',
    });
    expect(await answer.json()).toEqual(['PUT', `${url}//a%20b?x=1&y=%20`, '1', 'é']);
  });

  test('HEAD has the headers alone', async () => {
    const routes = webRoutes();
    routes.get('/', (context) => context.json({ ok: true }));
    const { url } = await webServer({ fetch: (request) => routes.fetch(request) });
    const answer = await fetch(url, { method: 'HEAD', headers: BEARER });
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'application/json',
      '',
    ]);
  });

  test('where there is no route: 404 in JSON', async () => {
    const { url } = await webServer({ fetch: (request) => webRoutes().fetch(request) });
    const answer = await fetch(`${url}/nothing`, { headers: BEARER });
    expect([answer.status, await answer.json()]).toEqual([404, { error: 'not_found', message: expect.any(String) }]);
  });

  test('where a route has a bug: 500 in JSON without a stack, and the bug is told', async () => {
    const bug = new Error('s3cret detail');
    const routes = webRoutes();
    routes.get('/later', async () => {
      await Promise.resolve();
      throw bug;
    });
    routes.get('/', () => {
      throw bug;
    });
    const { url, bugs } = await webServer({ fetch: (request) => routes.fetch(request) });
    for (const path of ['/', '/later']) {
      const answer = await fetch(url + path, { headers: BEARER });
      expect([answer.status, await answer.json()]).toEqual([
        500,
        { error: 'internal', message: expect.not.stringContaining('s3cret') },
      ]);
    }
    expect(bugs).toEqual([bug, bug]);
  });

  test('that fails half way is cut off, and the bug is told', async () => {
    const bug = new Error('the file is gone');
    const body = (): ReadableStream =>
      new ReadableStream({
        pull: (controller) => (controller.desiredSize === 1 ? controller.enqueue(new Uint8Array(3)) : undefined),
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode('half'));
          setImmediate(() => controller.error(bug));
        },
      });
    const { url, bugs } = await webServer({ fetch: () => new Response(body()) });
    await expect(fetch(url, { headers: BEARER }).then((answer) => answer.text())).rejects.toThrow('terminated');
    expect(bugs).toEqual([bug]);
  });

  test('a part of a file goes out as the route made it', async () => {
    const headers = { 'content-range': 'bytes 2-4/9', 'content-length': '3', 'accept-ranges': 'bytes' };
    const { url } = await webServer({ fetch: () => new Response('cde', { status: 206, headers }) });
    const answer = await fetch(url, { headers: { ...BEARER, range: 'bytes=2-4' } });
    expect([answer.status, await answer.text()]).toEqual([206, 'cde']);
    expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
  });

  test('whose reader goes away closes what it is read from', async () => {
    const cancelled = deferred<void>();
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => cancelled.resolve(),
    });
    const { port, bugs } = await webServer({ fetch: () => new Response(endless) });
    const client = new RawClient(port).send(rawRequest('/'));
    await client.until('\r\n\r\n');
    client.socket.destroy();
    await cancelled.promise;
    expect(bugs).toEqual([]);
  });

  test('that nobody reads is not read ahead, and given up', async () => {
    const clock = new FakeClock();
    let chunks = 0;
    const cancelled = deferred<void>();
    const endless = new ReadableStream({
      pull: (controller) => {
        chunks++;
        controller.enqueue(new Uint8Array(65_536));
      },
      cancel: () => cancelled.resolve(),
    });
    const { port } = await webServer({ clock, fetch: () => new Response(endless) });
    const client = new RawClient(port);
    client.socket.pause();
    client.send(rawRequest('/'));
    await clock.passDuring(cancelled.promise, STUCK_MS / 100);
    // What the system's buffers hold, and not a thousand of these.
    expect(chunks).toBeLessThan(500);
  });
});

describe('the guard comes first', () => {
  test.each([
    [{ authorization: undefined }, 401, 'unauthorized'],
    [{ authorization: `Bearer ${TOKEN}x` }, 401, 'unauthorized'],
    [{ host: 'evil.com' }, 421, 'wrong_host'],
    [{ host: undefined }, 421, 'wrong_host'],
    [{ host: 'localhost\r\nhost: evil.com' }, 421, 'wrong_host'],
    [{ origin: 'http://evil.com' }, 403, 'foreign_origin'],
    [{ origin: 'http://127.0.0.1\r\norigin: http://evil.com' }, 403, 'foreign_origin'],
    [{ 'sec-fetch-site': 'cross-site' }, 403, 'foreign_origin'],
    [{ 'sec-fetch-site': 'none\r\nsec-fetch-site: cross-site' }, 403, 'foreign_origin'],
    [{ authorization: `Bearer x\r\nauthorization: Bearer ${TOKEN}` }, 401, 'unauthorized'],
    [{ authorization: undefined, 'sec-websocket-protocol': `bearer.${TOKEN}` }, 401, 'unauthorized'],
  ])('%j: %d', async (headers, status, error) => {
    const asked: string[] = [];
    const { port } = await webServer({ fetch: (request) => (asked.push(request.url), new Response('data')) });
    const text = await new RawClient(port).send(rawRequest('/', { ...headers, connection: 'close' })).ended();
    expect(readAnswer(text)).toMatchObject({ status, json: { error, message: expect.any(String) } });
    expect(text.includes('WWW-Authenticate') || text.includes('www-authenticate')).toBe(status === 401);
    expect(asked).toEqual([]);
  });

  test('a preflight of another page is answered without a word of CORS', async () => {
    const { port } = await webServer();
    const preflight = { origin: 'http://evil.com', 'access-control-request-method': 'POST', authorization: undefined };
    const text = await new RawClient(port).send(rawRequest('OPTIONS /', { ...preflight, connection: 'close' })).ended();
    expect(readAnswer(text).status).toBe(403);
    expect(text.toLowerCase()).not.toContain('access-control');
  });

  test('what is open needs no token', async () => {
    const { url } = await webServer({ openPaths: ['/'] });
    const statuses = ['/', '/?x', '/./', '//', '/index.html'].map(async (path) => {
      const text = await new RawClient(Number(new URL(url).port))
        .send(rawRequest(path, { authorization: undefined, connection: 'close' }))
        .ended();
      return Number(text.split(' ')[1]);
    });
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 401, 401]);
  });

  test('without it the same request is served: that is what the guard is for', async () => {
    const server = await openUncheckedServer({
      host: '127.0.0.1',
      port: 0,
      token: TOKEN,
      clock: realClock,
      fetch: () => new Response('data'),
      socketRoute: () => undefined,
    });
    await using _ = server;
    const port = Number(new URL(server.url).port);
    const attack = { host: 'evil.com', origin: 'http://evil.com', authorization: undefined, connection: 'close' };
    expect(await new RawClient(port).send(rawRequest('/', attack)).ended()).toMatch(/^HTTP\/1.1 200 OK/);
  });
});

test('an answer that says its length is sent as it comes, also before the end of the request', async () => {
  const server = await webServer({
    fetch: () => {
      const body = new ReadableStream({ start: (piece) => piece.enqueue(new TextEncoder().encode('the first piece')) });
      return new Response(body, { headers: { 'content-length': '1000' } });
    },
  });
  const client = new RawClient(server.port).send(rawRequest('/', { 'content-length': '5' }));
  expect(await client.until('the first piece')).toContain('connection: close');
});

describe('what is no request', () => {
  test.each([
    ['hello\r\n\r\n', 400, 'bad_request'],
    ['{"cases":[]}\n', 400, 'bad_request'],
    ['\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003', 400, 'bad_request'],
    ['GET / HTTP/1.1\r\nhost localhost\r\n\r\n', 400, 'bad_request'],
    ['POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n', 400, 'bad_request'],
    ['POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n', 400, 'bad_request'],
    [rawRequest('http://localhost/'), 400, 'bad_request'],
    [rawRequest('OPTIONS *'), 400, 'bad_request'],
    [rawRequest('CONNECT localhost:80'), 405, 'method_not_allowed'],
    [rawRequest('TRACE /'), 405, 'method_not_allowed'],
    [rawRequest('/', { expect: 'wonders' }), 417, 'expectation_failed'],
  ])('%j: %d', async (text, status, error) => {
    const server = await webServer();
    const client = new RawClient(server.port).send(Buffer.from(text, 'latin1'));
    await client.until('\r\n\r\n{');
    client.socket.end();
    const answer = readAnswer(await client.ended());
    expect(answer).toMatchObject({ status, json: { error, message: expect.any(String) } });
    expect(answer.head).toContain('x-content-type-options: nosniff');
    expect(await fetch(server.url, { headers: BEARER })).toHaveProperty('status', 200);
  });

  test('10 MB of headers: 431', async () => {
    const server = await webServer();
    const client = new RawClient(server.port).send(
      `GET / HTTP/1.1\r\nhost: localhost\r\nx-much: ${'x'.repeat(10_000_000)}`,
    );
    expect(readAnswer(await client.ended())).toMatchObject({ status: 431, json: { error: 'headers_too_large' } });
    expect(await fetch(server.url, { headers: BEARER })).toHaveProperty('status', 200);
  });

  test('many small headers: 431', async () => {
    const server = await webServer();
    const client = new RawClient(server.port).send(`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(20_000)}\r\n`);
    expect(readAnswer(await client.ended())).toMatchObject({ status: 431 });
  });

  test('a client that says nothing is disconnected', async () => {
    const clock = new FakeClock();
    const server = await webServer({ clock });
    const client = new RawClient(server.port);
    await connected(server.port);
    clock.advance(FIRST_REQUEST_MS);
    expect(await client.ended()).toBe('');
  });

  test('a client that goes silent within its headers: 408', async () => {
    const clock = new FakeClock();
    const server = await webServer({ clock });
    const client = new RawClient(server.port).send('GET / HTTP/1.1\r\nhost: local');
    const answer = await clock.passDuring(client.ended(), 50);
    expect(readAnswer(answer)).toMatchObject({ status: 408, json: { error: 'request_timeout' } });
  });

  test('a thousand connections that say nothing: few are kept, they go, and keep nobody out meanwhile', async () => {
    const clock = new FakeClock();
    const server = await webServer({ clock });
    const clients = Array.from({ length: 1000 }, () => new RawClient(server.port));
    const isOver = (): boolean => clients.filter(({ isClosed }) => isClosed).length >= 1000 - MOST_CONNECTIONS;
    while (!isOver()) await new Promise((resolve) => setImmediate(resolve));
    expect(clock.timers).toBe(MOST_CONNECTIONS);
    const answers = Array.from({ length: 3 }, () => fetch(server.url, { headers: BEARER }));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    clock.advance(FIRST_REQUEST_MS);
    await Promise.all(clients.map((client) => client.ended()));
  });

  test('who has shown the token is not closed for others', async () => {
    const server = await webServer({ clock: new FakeClock() });
    const inside = new RawClient(server.port).send(rawRequest('/'));
    await inside.until('{"ok":true}');
    const clients = Array.from({ length: 2 * MOST_CONNECTIONS }, () => new RawClient(server.port));
    while (clients.filter(({ isClosed }) => isClosed).length <= MOST_CONNECTIONS) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    inside.send(rawRequest('/again', { connection: 'close' }));
    expect((await inside.ended()).split('{"ok":true}')).toHaveLength(3);
  });
});

describe('the body of a request', () => {
  test('is taken no faster than it is read', async () => {
    const opened = deferred<void>();
    const begun = deferred<void>();
    const server = await webServer({
      fetch: (request) => (request.method === 'GET' ? new Response() : counted(request)),
    });
    async function counted(request: Request): Promise<Response> {
      let bytes = 0;
      for await (const chunk of request.body ?? []) {
        bytes += chunk.length;
        begun.resolve();
        await opened.promise;
      }
      return Response.json({ bytes });
    }
    const size = 32 * 2 ** 20;
    const client = new RawClient(server.port)
      .send(rawRequest('POST /', { 'content-length': String(size), connection: 'close' }))
      .send(Buffer.alloc(size));
    await begun.promise;
    // Time enough for all of it, were it read ahead.
    for (let turn = 0; turn < 300; turn++) await fetch(server.url, { headers: BEARER });
    expect(client.socket.writableLength).toBeGreaterThan(size / 2);
    opened.resolve();
    expect(await client.ended()).toContain(`{"bytes":${size}}`);
  });

  test('that is refused before its end: the answer comes at once, whole, and says that this was it', async () => {
    const server = await webServer({
      fetch: () => Response.json({ error: 'too_large', message: 'over 1 MB' }, { status: 413 }),
    });
    const client = new RawClient(server.port)
      .send(rawRequest('POST /', { 'content-length': '300000000' }))
      .send('[{"id"');
    const answer = readAnswer(await client.until('over 1 MB"}'));
    expect(answer).toMatchObject({ status: 413, json: { error: 'too_large' } });
    expect(answer.head).toMatch(/connection: close/);
    expect(answer.head).toMatch(/content-length: \d+/);
  });

  test('without a token is never asked for', async () => {
    const server = await webServer();
    const post = { expect: '100-continue', 'content-length': '300000000' };
    const refused = new RawClient(server.port).send(rawRequest('POST /', { ...post, authorization: undefined }));
    expect(readAnswer(await refused.until('unauthorized')).status).toBe(401);
  });

  test('is asked for when a route wants it', async () => {
    const server = await webServer({ fetch: async (request) => new Response((await request.text()).toUpperCase()) });
    const post = { expect: '100-continue', 'content-length': '5', connection: 'close' };
    const client = new RawClient(server.port).send(rawRequest('POST /', post));
    await client.until('HTTP/1.1 100 Continue\r\n\r\n');
    expect(await client.send('hello').ended()).toMatch(/HTTP\/1.1 200 OK[^]*HELLO/);
  });

  test('that stops in the middle: the route hears of it, nobody calls it a bug', async () => {
    const failed = deferred<unknown>();
    const fetchBody = (request: Request): Promise<Response> =>
      request.text().then(
        (text) => new Response(text),
        (error: unknown) => {
          failed.resolve(error);
          throw error;
        },
      );
    const server = await webServer({ fetch: fetchBody });
    const client = new RawClient(server.port).send(rawRequest('POST /', { 'content-length': '100' })).send('half');
    client.socket.end();
    expect(await failed.promise).toMatchObject({ name: 'BodyNotWhole', message: 'the body ended before its end' });
    await client.ended();
    expect(server.bugs).toEqual([]);
  });

  test('of which nothing comes any more: 408', async () => {
    const clock = new FakeClock();
    const server = await webServer({ clock, fetch: async (request) => new Response(await request.text()) });
    const client = new RawClient(server.port).send(rawRequest('POST /', { 'content-length': '100' })).send('half');
    const answer = await clock.passDuring(client.until('body_timeout'), BODY_SILENCE_MS / 100);
    expect(readAnswer(answer)).toMatchObject({ status: 408, json: { error: 'body_timeout' } });
    expect(server.bugs).toEqual([]);
  });

  test('that is no chunked body: the connection ends, and the next is served', async () => {
    const server = await webServer({ fetch: async (request) => new Response(await request.text()) });
    const client = new RawClient(server.port)
      .send(rawRequest('POST /', { 'transfer-encoding': 'chunked' }))
      .send('5\r\nhello\r\nnonsense\r\n');
    expect(readAnswer(await client.ended())).toMatchObject({ status: 400 });
    expect(await fetch(server.url, { headers: BEARER })).toHaveProperty('status', 200);
    expect(server.bugs).toEqual([]);
  });
});

test('another protocol that is offered is passed over', async () => {
  const server = await webServer();
  const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA' };
  const client = new RawClient(server.port).send(rawRequest('/', offer));
  expect(await client.ended()).toMatch(/^HTTP\/1.1 200 OK[^]*{"ok":true}/);
});

/** Resolves when the server has taken a connection, and so all before it. */
async function connected(port: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.end(rawRequest('/', { connection: 'close' }));
      socket.resume().on('close', () => resolve());
    });
  });
}
