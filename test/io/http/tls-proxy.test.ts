import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { proxyFor } from '../../../src/io/http/proxy.js';
import { FakeClock } from '../../helpers/clock.js';
import { Counter, listen, refusedUrl, serve, type FaultServer } from '../../helpers/fault-server.js';
import { attempt, clientFor, failedAttempt } from '../../helpers/http-client.js';

const certFile = fileURLToPath(new URL('tls/cert.pem', import.meta.url));
const cert = readFileSync(certFile);
const key = readFileSync(new URL('tls/key.pem', import.meta.url));
const distClient = pathToFileURL(fileURLToPath(new URL('../../../dist/io/http/client.js', import.meta.url))).href;

function serveTls(): Promise<FaultServer> {
  const server = createHttpsServer({ cert, key }, (request, response) => response.end(JSON.stringify(request.url)));
  return listen(server, new Counter(), 'https');
}

interface ProxyServer extends FaultServer {
  readonly requests: IncomingMessage[];
}

/** A proxy that tunnels and forwards, or refuses everything with `refuse`. */
async function serveProxy(refuse?: number): Promise<ProxyServer> {
  const requests: IncomingMessage[] = [];
  const server = createHttpServer((request, response) => {
    requests.push(request);
    if (refuse === undefined) response.end(JSON.stringify(request.url));
    else response.writeHead(refuse).end('go away');
  });
  server.on('connect', (request, socket: Socket) => {
    requests.push(request);
    if (refuse === undefined) tunnel(request.url ?? '', socket);
    else socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
  });
  return Object.assign(await listen(server, new Counter()), { requests });
}

function tunnel(authority: string, socket: Socket): void {
  const target = connect(Number(authority.split(':')[1]), authority.split(':')[0], () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    target.pipe(socket).pipe(target);
  });
  for (const end of [socket, target]) end.on('error', () => {});
}

/** A call from a process of its own, whose environment trusts the certificate. */
async function callFromProcess(options: object, env: Record<string, string>): Promise<unknown> {
  const script = `
    import { HttpEnrichmentClient } from '${distClient}';
    const clock = { now: () => 0, wallNow: () => 0, setTimer: () => ({ cancel() {} }) };
    const client = new HttpEnrichmentClient({ ...${JSON.stringify(options)}, clock });
    const { signal } = new AbortController();
    const context = { attempt: 1, requestId: 'r', timeoutMs: 9000, deadline: false, signal };
    process.stdout.write(JSON.stringify(await client.enrich({ id: 'C-1', text: '{"id":"C-1"}' }, context)));
    await client.close();`;
  const args = ['--input-type=module', '--no-warnings', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
  return JSON.parse(stdout);
}

describe('certificates', () => {
  test('one that nobody vouches for is refused, whatever the environment says', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const server = await serveTls();
    const { failure } = await failedAttempt(clientFor(server.url));
    vi.unstubAllEnvs();
    expect(failure).toEqual({
      kind: 'network',
      message: 'the certificate of 127.0.0.1, issued by Test Authority, is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      retryable: false,
      requestId: 'r-1',
    });
  });

  test('NODE_EXTRA_CA_CERTS is honoured, directly and through a tunnel; the process ends by itself', async () => {
    const server = await serveTls();
    const proxy = await serveProxy();
    const env = { NODE_EXTRA_CA_CERTS: certFile };
    const endpoint = `${server.url}/x/{id}`;
    const through = { endpoint, proxy: { https: proxy.url } };
    const outcomes = await Promise.all([callFromProcess({ endpoint }, env), callFromProcess(through, env)]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: true, text: '"/x/C-1"' });
    expect(proxy.requests.map(({ method, url }) => [method, url])).toEqual([['CONNECT', `127.0.0.1:${server.port}`]]);
  });

  test('https at a port that speaks http says so', async () => {
    const server = await serve((_request, response) => response.end('{}'));
    const { failure } = await failedAttempt(clientFor(server.url.replace('http:', 'https:')));
    expect(failure.kind).toBe('network');
    expect(failure.message).toMatch(/^cannot connect to https:.*: it does not speak TLS$/);
  });
});

describe('a proxy for http', () => {
  test('gets the whole URL and its own credentials', async () => {
    const proxy = await serveProxy();
    const client = clientFor('http://cases.test/x/{id}?a=b', { proxy: { http: proxy.url.replace('//', '//me:pw@') } });
    expect(await attempt(client)).toMatchObject({ ok: true, text: '"http://cases.test/x/C-1?a=b"' });
    expect(proxy.requests[0]?.headers).toMatchObject({
      host: 'cases.test',
      'proxy-authorization': `Basic ${btoa('me:pw')}`,
    });
  });

  test('its 407 is a refusal by the network', async () => {
    const proxy = await serveProxy(407);
    const { failure } = await failedAttempt(clientFor('http://cases.test/x', { proxy: { http: proxy.url } }));
    expect(failure).toMatchObject({ kind: 'network', code: 'PROXY_REFUSED', httpStatus: 407, retryable: false });
    expect(failure.message).toBe(`the proxy ${proxy.url} asks for credentials (407)`);
  });

  test('a proxy that is not there is named', async () => {
    const http = await refusedUrl();
    const { failure } = await failedAttempt(clientFor('http://cases.test/x', { proxy: { http } }));
    expect(failure).toMatchObject({ kind: 'network', code: 'ECONNREFUSED', retryable: true });
    expect(failure.message).toBe(`cannot connect to the proxy ${http} (ECONNREFUSED)`);
  });

  test('NO_PROXY goes straight', async () => {
    const proxy = await serveProxy();
    const server = await serve((_request, response) => response.end('{}'));
    const client = clientFor(server.url, { proxy: { http: proxy.url, no: 'localhost, 127.0.0.1' } });
    expect(await attempt(client)).toMatchObject({ ok: true });
    expect(proxy.requests).toHaveLength(0);
  });
});

describe('a proxy for https', () => {
  test.each([403, 407, 502])('its %i is a refusal by the network', async (status) => {
    const proxy = await serveProxy(status);
    const { failure } = await failedAttempt(clientFor('https://cases.test/x', { proxy: { https: proxy.url } }));
    expect(failure).toMatchObject({ kind: 'network', code: 'PROXY_REFUSED', httpStatus: status, retryable: false });
  });

  test('a proxy that is not there is named', async () => {
    const https = await refusedUrl();
    const { failure } = await failedAttempt(clientFor('https://cases.test/x', { proxy: { https } }));
    expect(failure).toMatchObject({ code: 'ECONNREFUSED', retryable: true });
    expect(failure.message).toContain(`cannot connect to the proxy ${https}`);
  });

  test('the certificate behind the tunnel is checked', async () => {
    const server = await serveTls();
    const proxy = await serveProxy();
    const { failure } = await failedAttempt(clientFor(server.url, { proxy: { https: proxy.url } }));
    expect(failure).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', retryable: false });
    expect(proxy.requests).toHaveLength(1);
  });

  test('a proxy that never answers is a connection that does not come about', async () => {
    const clock = new FakeClock();
    const counter = new Counter();
    const server = createHttpServer();
    server.on('connect', () => counter.add());
    const proxy = await listen(server, counter);
    const client = clientFor('https://cases.test/x', { clock, proxy: { https: proxy.url } });
    const outcome = failedAttempt(client, { timeoutMs: 5000 });
    await proxy.seen();
    clock.advance(5000);
    expect((await outcome).failure).toMatchObject({ kind: 'timeout', phase: 'connect' });
  });
});

describe('which proxy', () => {
  const proxies = { http: 'plain.test:1', https: 'http://secure.test:2' };

  test.each([
    ['http goes by HTTP_PROXY, a scheme is not needed', 'http://h', undefined, 'http://plain.test:1'],
    ['https goes by HTTPS_PROXY', 'https://h', undefined, 'http://secure.test:2'],
    ['a star exempts all', 'http://h', '*', undefined],
    ['a name', 'http://h.example', 'h.example', undefined],
    ['a domain covers its hosts', 'http://a.h.example', 'h.example', undefined],
    ['a domain with a dot', 'http://a.h.example', '.h.example', undefined],
    ['a domain with a star', 'http://a.h.example', '*.h.example', undefined],
    ['capitals', 'http://a.h.example', 'H.Example', undefined],
    ['not a name that only ends alike', 'http://ah.example', 'h.example', 'http://plain.test:1'],
    ['a port', 'http://h:8080', 'x, h:8080', undefined],
    ['another port', 'http://h:8081', 'h:8080', 'http://plain.test:1'],
    ['the default port', 'http://h', 'h:80', undefined],
    ['an IPv6 address', 'http://[::1]:3000', '::1', undefined],
    ['an IPv6 address with a port', 'http://[::1]:3000', '[::1]:3000', undefined],
    ['an IPv6 address with another port', 'http://[::1]:3000', '[::1]:3001', 'http://plain.test:1'],
  ])('%s', (_what, origin, no, expected) => {
    expect(proxyFor(origin, { ...proxies, no })?.url.origin).toBe(expected);
  });

  test('none by default, and https never goes by HTTP_PROXY', () => {
    expect(proxyFor('http://h', {})).toBeUndefined();
    expect(proxyFor('https://h', { http: proxies.http })).toBeUndefined();
  });

  test('credentials of a bad address are not shown', () => {
    expect(() => proxyFor('http://h', { http: 'http://me:s3cret@:x' })).toThrow(/^(?!.*s3cret)HTTP_PROXY is not a URL/);
  });
});
