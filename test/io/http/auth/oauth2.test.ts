import { createServer as createHttpServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../../../src/errors.js';
import { realClock } from '../../../../src/host.js';
import { startDemoEndpoint } from '../../../../src/io/demo/endpoint.js';
import { OAuth2, type OAuth2Options } from '../../../../src/io/http/auth/oauth2.js';
import { tlsIdentity } from '../../../../src/io/http/tls.js';
import { pem, serveTls } from '../../../helpers/certificates.js';
import { FakeClock, START } from '../../../helpers/clock.js';
import {
  bodyOf,
  Counter,
  type FaultServer,
  listen,
  refusedUrl,
  serve,
  serveRaw,
} from '../../../helpers/fault-server.js';

const SECRET = 'c4n4ry+/ secret';

function client(tokenUrl: string, options: Partial<OAuth2Options> = {}): OAuth2 {
  const own = {
    clientId: 'case-tracker',
    clientSecret: SECRET,
    auth: 'basic',
    version: '1',
    clock: realClock,
  } as const;
  const made = new OAuth2({ ...own, tokenUrl, ...options });
  onTestFinished(() => made.close());
  return made;
}

/** A server that gives this answer to every request, and keeps what was sent. */
async function answering(
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<FaultServer & { readonly requests: { url: string; headers: Record<string, unknown>; body: string }[] }> {
  const requests: { url: string; headers: Record<string, unknown>; body: string }[] = [];
  const server = await serve(async (request, response) => {
    requests.push({ url: `${request.method} ${request.url}`, headers: request.headers, body: await bodyOf(request) });
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  return Object.assign(server, { requests });
}

function grant(more: object = {}): string {
  return JSON.stringify({ access_token: 'abc', token_type: 'Bearer', ...more });
}

/** What it says of a server, with `HERE` for the server's origin, and whether asking again is of use. */
async function problem(own: OAuth2, origin = ''): Promise<[string, boolean]> {
  const error: unknown = await own.current().catch((rejected: unknown) => rejected);
  if (!(error instanceof Error)) throw new Error('it gave a token');
  return [
    error.message.replaceAll(origin || 'no origin', 'HERE'),
    (error as { permanent?: boolean }).permanent === true,
  ];
}

describe('the request', () => {
  test('proves the client by HTTP Basic, in form encoding', async () => {
    const server = await answering(200, grant());
    await client(`${server.url}/token?tenant=7`, { clientId: 'case-tracker.v2' }).current();
    expect(server.requests).toEqual([
      {
        url: 'POST /token?tenant=7',
        body: 'grant_type=client_credentials',
        headers: expect.objectContaining({
          accept: 'application/json',
          'user-agent': 'case-tracker/1',
          'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
          authorization: `Basic ${btoa('case-tracker.v2:c4n4ry%2B%2F+secret')}`,
        }) as object,
      },
    ]);
  });

  test('has scope, audience, and with --oauth2-auth body id and secret in the form', async () => {
    const server = await answering(200, grant());
    await client(server.url, { auth: 'body', scope: 'a b', audience: 'https://api' }).current();
    expect(Object.fromEntries(new URLSearchParams(server.requests[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b',
      audience: 'https://api',
      client_id: 'case-tracker',
      client_secret: SECRET,
    });
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test.each(['basic', 'body'] as const)('by %s gets a token of the demo endpoint', async (auth) => {
    await using demo = await startDemoEndpoint({ clock: new FakeClock(), tokenLifeMs: 20_000 });
    const own = client(demo.tokenUrl ?? '', { auth, clientSecret: 'demo-secret', clock: new FakeClock() });
    expect(await own.current()).toEqual({ value: 'demo-token-00000001', expiresAt: START + 20_000 });
  });

  test('names what the server may repeat of it', () => {
    const { secrets } = client('https://id.example.com', { proxy: { https: 'http://user:c4n4ry-2@p:1' } });
    expect(secrets).toEqual(
      expect.arrayContaining([SECRET, 'c4n4ry%2B%2F+secret', btoa('case-tracker:c4n4ry%2B%2F+secret'), 'c4n4ry-2']),
    );
  });
});

describe('a token', () => {
  test.each<[string, object, object]>([
    ['without an end', {}, {}],
    ['with a life', { expires_in: 60 }, { expiresAt: START + 60_000 }],
    ['with a life in quotes', { expires_in: '3600' }, { expiresAt: START + 3_600_000 }],
    ['with a very long life', { expires_in: 1e9 }, { expiresAt: START + 1e12 }],
    ['with a life of 0', { expires_in: 0 }, {}],
    ['with a life of -1', { expires_in: -1 }, {}],
    ['with null', { expires_in: null }, {}],
    ['without a type', { token_type: undefined }, {}],
    ['of type BEARER', { token_type: 'BEARER' }, {}],
    ['with other odd members', { scope: 7, refresh_token: [], id_token: 'x' }, {}],
  ])('%s', async (_, more, expected) => {
    const server = await answering(200, grant(more));
    expect(await client(server.url, { clock: new FakeClock() }).current()).toEqual({ value: 'abc', ...expected });
  });

  test('lives from when it was asked for', async () => {
    const clock = new FakeClock();
    const server = await serve((_, response) => {
      clock.advance(5_000);
      response.end(grant({ expires_in: 60 }));
    });
    expect(await client(server.url, { clock }).current()).toEqual({ value: 'abc', expiresAt: START + 60_000 });
  });

  test('may come packed, or with a byte order mark, or with 201', async () => {
    const packed = await answering(201, gzipSync(grant()), { 'content-encoding': 'gzip' });
    const marked = await answering(200, `\ufeff${grant()}`);
    expect([await client(packed.url).current(), await client(marked.url).current()]).toEqual([
      { value: 'abc' },
      { value: 'abc' },
    ]);
  });
});

describe('what is no token', () => {
  const html = { 'content-type': 'text/html' };
  const refusal = (error: string, more: object = {}): string => JSON.stringify({ error, ...more });

  test.each<[number, string, Record<string, string>, string, boolean]>([
    [
      400,
      refusal('invalid_client', { error_description: 'unknown client' }),
      {},
      'it answers 400 invalid_client (unknown client)',
      true,
    ],
    [401, refusal('invalid_client'), { 'www-authenticate': 'Basic realm="x"' }, 'it answers 401 invalid_client', true],
    [200, refusal('invalid_scope'), {}, 'it answers 200 invalid_scope', true],
    [400, refusal('unauthorized_client'), {}, 'it answers 400 unauthorized_client', true],
    [400, refusal('unsupported_grant_type'), {}, 'it answers 400 unsupported_grant_type', true],
    [400, refusal('invalid_request'), {}, 'it answers 400 invalid_request', false],
    [503, refusal('invalid_client'), {}, 'it answers 503 invalid_client', false],
    [429, '', {}, 'it answers 429 Too Many Requests', false],
    [503, '<h1>c4n4ry</h1>', html, 'it answers 503 Service Unavailable', false],
    [401, '<h1>c4n4ry</h1>', html, 'it answers 401 Unauthorized', false],
    [200, '<h1>c4n4ry</h1>', html, 'it answers HTML instead of JSON', false],
    [200, 'c4n4ry', {}, 'it answers something else instead of JSON', false],
    [200, '["c4n4ry"]', {}, 'it answers something else instead of JSON', false],
    [200, '{"token":"c4n4ry"}', {}, 'its answer has no access_token', false],
    [200, '{"access_token":""}', {}, 'its answer has no access_token', false],
    [200, '{"access_token":4711}', {}, 'its answer has no access_token', false],
    [200, grant({ token_type: 'mac' }), {}, 'it gives a token of type "mac", not a bearer token', false],
    [200, grant({ token_type: 'DPoP' }), {}, 'it gives a token of type "DPoP", not a bearer token', false],
    [204, '', {}, 'it answers something else instead of JSON', false],
    [
      302,
      '',
      { location: 'https://u:c4n4ry@else.example/t?k=c4n4ry' },
      'it redirects (302) to https://***@else.example/t, and no secret is sent there: name the address that answers',
      false,
    ],
    [
      307,
      '',
      { location: '/other' },
      'it redirects (307) to /other, and no secret is sent there: name the address that answers',
      false,
    ],
    [301, '', {}, 'it redirects (301) elsewhere, and no secret is sent there: name the address that answers', false],
    [200, grant(), { 'content-encoding': 'gzip' }, "its answer's encoding is damaged or cut off", false],
    [200, grant(), { 'content-encoding': 'zip' }, 'its answer has an unknown encoding', false],
    [200, 'x'.repeat(1_100_000), {}, 'its answer is larger than 1 MiB', false],
    [
      200,
      '<'.repeat(50),
      { 'content-length': '60', connection: 'close' },
      'the answer was cut off after 50 bytes (ECONNRESET)',
      false,
    ],
  ])('%i %j %o', async (status, body, headers, message, permanent) => {
    const server = await answering(status, body, headers);
    const own = client(`${server.url}/token?k=c4n4ry`);
    expect(await problem(own, server.url)).toEqual([`the token URL HERE: ${message}`, permanent]);
    expect(server.requests).toHaveLength(1);
  });

  test('a server that is not there, speaks no HTTP, or hangs', async () => {
    const nobody = await refusedUrl();
    expect(await problem(client(nobody), nobody)).toEqual([
      'the token URL HERE: cannot connect to HERE (ECONNREFUSED)',
      false,
    ]);
    const odd = await serveRaw((socket) => socket.end('SSH-2.0-x\r\n'));
    expect((await problem(client(odd.url), odd.url))[0]).toMatch(/^the token URL HERE: the answer is not valid HTTP: /);
    const hangs = await serveRaw(() => {});
    const clock = new FakeClock();
    const said = problem(client(hangs.url, { clock }), hangs.url);
    await hangs.seen();
    clock.advance(29_999);
    expect(clock.timers).toBe(1);
    clock.advance(1);
    expect(await said).toEqual(['the token URL HERE: no answer within 30s', false]);
  });

  test('the end of the run ends the request', async () => {
    const hangs = await serveRaw(() => {});
    const own = client(hangs.url);
    const said = problem(own, hangs.url);
    await hangs.seen();
    own.close();
    expect((await said)[0]).toBe('the token URL HERE: the run is over');
    await expect(own.current()).rejects.toThrow('the run is over');
  });
});

describe('over TLS', () => {
  test("the server's certificate is checked, and it sees the client's own", async () => {
    const server = await serveTls({}, (_, response) => response.end(grant()));
    const around = { nowMs: Date.now() };
    const tls = tlsIdentity({ cert: pem('client.pem'), key: pem('client.key'), ca: pem('root.pem') }, around);
    expect(await client(server.url, { tls }).current()).toEqual({ value: 'abc' });
    expect(server.calls.map(({ client: name }) => name)).toEqual(['Test Client']);
    expect((await problem(client(server.url)))[0]).toContain('is not trusted');
    const strange = tlsIdentity({ ca: pem('root.pem') }, around);
    expect((await problem(client(server.url, { tls: strange })))[0]).toContain('wants a client certificate');
  });

  test('a proxy tunnels, and is not asked for what is on loopback over http', async () => {
    const asked: string[] = [];
    const proxy = createHttpServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end(grant());
    });
    proxy.on('connect', (request, socket: Socket) => {
      asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
      const target = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      for (const end of [socket, target]) end.on('error', () => {});
    });
    const { port } = await listen(proxy, new Counter());
    const own = { http: `http://127.0.0.1:${port}`, https: `http://me:pw@127.0.0.1:${port}` };
    const server = await serveTls({ requestCert: false }, (_, response) => response.end(grant()));
    const tls = tlsIdentity({ ca: pem('root.pem') }, { nowMs: Date.now() });
    expect(await client(server.url, { tls, proxy: own }).current()).toEqual({ value: 'abc' });
    expect(asked).toEqual([`CONNECT 127.0.0.1:${server.port} Basic ${btoa('me:pw')}`]);
    const plain = await answering(200, grant());
    await client(plain.url, { proxy: own }).current();
    expect(asked).toHaveLength(1);
  });

  test('a proxy that is none is refused at once', () => {
    expect(() => client('https://id.example.com', { proxy: { https: 'socks5://p:1' } })).toThrow(UsageError);
  });
});
