import { execFile } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Connector } from '../../../src/io/http/connector.js';
import { tlsIdentity, type TlsOptions } from '../../../src/io/http/tls.js';
import { HttpEnrichmentClient } from '../../../src/library.js';
import { PASSPHRASE, pem, pemPath, serveTls } from '../../helpers/certificates.js';
import { START } from '../../helpers/clock.js';
import { Counter, listen, serveRaw } from '../../helpers/fault-server.js';
import { attempt, CASE, clientFor, failedAttempt } from '../../helpers/http-client.js';

const ca = pem('root.pem');
const good: TlsOptions = { ca, cert: pem('client.pem'), key: pem('client.key') };
const stranger: TlsOptions = { ca, cert: pem('stranger.pem'), key: pem('stranger.key') };

function identity(options: TlsOptions) {
  return tlsIdentity(options, { nowMs: START });
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('an endpoint that wants a client certificate, %s', (version) => {
  const only = { minVersion: version, maxVersion: version };

  test.each<[string, TlsOptions]>([
    ['certificate and key', good],
    ['a locked key', { ...good, key: pem('locked.key'), passphrase: PASSPHRASE }],
    ['PKCS#12', { ca, pfx: pem('client.pfx'), passphrase: PASSPHRASE }],
  ])('gets %s, at every connection and within its redirects', async (_, options) => {
    const server = await serveTls(only);
    const client = clientFor(`${server.url}/from`, { tls: identity(options), limit: 3 });
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => attempt(client)));
    expect(outcomes).toEqual([1, 2, 3, 4].map(() => ({ ok: true, text: '"Test Client"', httpStatus: 200 })));
    expect(server.calls).toHaveLength(8);
    expect(new Set(server.calls.map((call) => `${call.client} ${call.url}`))).toEqual(
      new Set(['Test Client /from/C-1', 'Test Client /x/C-1']),
    );
  });

  test('says so when there is none: not worth another attempt', async () => {
    const server = await serveTls(only);
    const { failure } = await failedAttempt(clientFor(server.url, { tls: identity({ ca }) }));
    expect(failure).toMatchObject({ kind: 'network', retryable: false });
    const code =
      version === 'TLSv1.3' ? 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' : /^ERR_SSL_SSL.*_ALERT_HANDSHAKE_FAILURE$/;
    expect(failure.code).toMatch(code);
    const words =
      version === 'TLSv1.3'
        ? 'wants a client certificate'
        : 'refused the TLS handshake: it may want a client certificate';
    expect(failure.message).toBe(`${server.url} ${words} (${failure.code})`);
  });

  test('and closes at one that it does not know: that is told from an ordinary cut', async () => {
    const server = await serveTls(only);
    const { failure } = await failedAttempt(clientFor(server.url, { tls: identity(stranger) }));
    expect(failure).toMatchObject({ kind: 'network', code: 'ECONNRESET' });
    const when = version === 'TLSv1.3' ? 'right after' : 'in';
    expect(failure.message).toBe(`${server.url} closed the connection ${when} the TLS handshake (ECONNRESET)`);
    expect(server.calls).toEqual([]);
  });

  test('an ordinary cut, at the first call or a later one, is none', async () => {
    let calls = 0;
    const own = { ...only, cert: Buffer.concat([pem('server.pem'), pem('middle.pem')]), key: pem('server.key') };
    const cutting = createHttpsServer(own, (request, response) => {
      // In a later turn: what ends the handshake has been sent then.
      if (++calls === 2) response.end('1');
      else setImmediate(() => setImmediate(() => request.socket.destroy()));
    });
    const { url } = await listen(cutting, new Counter(), 'https');
    const client = clientFor(url, { tls: identity({ ca }) });
    const failures = [await failedAttempt(client)];
    expect(await attempt(client)).toMatchObject({ ok: true });
    failures.push(await failedAttempt(client), await failedAttempt(client));
    for (const { failure } of failures) {
      expect(failure.message).toMatch(/^the connection was (?:closed|lost) before an answer came \(ECONNRESET\)$/);
      expect(failure.retryable).toBe(true);
    }
  });
});

test('an alert about a certificate that was shown says that it is not accepted, and is not repeated', async () => {
  // A fatal alert (2) of 42 to 48, at the first message, in the words of TLS.
  for (const [number, words] of [
    [42, 'does not accept the client certificate'],
    [45, 'does not accept the client certificate'],
    [48, 'does not accept the client certificate'],
    [40, 'refused the TLS handshake'],
  ] as const) {
    const { url } = await serveRaw((socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, number])));
    const { failure } = await failedAttempt(clientFor(url.replace('http:', 'https:'), { tls: identity(good) }));
    expect(failure.message).toContain(` ${words} (ERR_SSL_`);
    expect(failure.retryable).toBe(false);
  }
});

describe('authorities', () => {
  test.each([
    ['a root', 'root.pem'],
    ['an intermediate one alone', 'middle.pem'],
    ['the very certificate', 'server.pem'],
  ])('%s is trusted', async (_, name) => {
    const server = await serveTls({ requestCert: false });
    const client = clientFor(server.url, { tls: identity({ ca: pem(name) }) });
    expect(await attempt(client)).toMatchObject({ ok: true, text: '"nobody"' });
  });

  test('are needed, and others do not help', async () => {
    const server = await serveTls({ requestCert: false });
    for (const options of [{}, { tls: identity({ ca: pem('stranger.pem') }) }]) {
      const { failure } = await failedAttempt(clientFor(server.url, options));
      expect(failure.message).toMatch(
        /^the certificate of 127\.0\.0\.1, issued by Test Intermediate, is not trusted \(UNABLE_TO_GET_ISSUER_CERT_LOCALLY\)$/,
      );
      expect(failure.retryable).toBe(false);
    }
  });

  test('do not make a certificate right that is for another name', async () => {
    const server = await serveTls({ requestCert: false, cert: pem('stranger.pem'), key: pem('stranger.key') });
    const { failure } = await failedAttempt(clientFor(server.url, { tls: identity({ ca: pem('stranger.pem') }) }));
    expect(failure.code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

const dist = (path: string) => pathToFileURL(fileURLToPath(new URL(`../../../dist/${path}`, import.meta.url))).href;

/** A call from a process of its own, in which NODE_EXTRA_CA_CERTS counts. */
async function callFromProcess(options: object, tls: object, extra: string): Promise<unknown> {
  const script = `
    import { readFileSync } from 'node:fs';
    import { HttpEnrichmentClient } from '${dist('library.js')}';
    const tls = Object.fromEntries(Object.entries(${JSON.stringify(tls)}).map(([key, path]) => [key, readFileSync(path)]));
    const client = new HttpEnrichmentClient({ ...${JSON.stringify(options)}, tls });
    const context = { attempt: 1, requestId: 'r', timeoutMs: 9000, deadline: false, signal: new AbortController().signal };
    process.stdout.write(JSON.stringify(await client.enrich({ id: 'C-1', text: '{"id":"C-1"}' }, context)));
    await client.close();`;
  const args = ['--input-type=module', '--no-warnings', '-e', script];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: pemPath(extra) };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout);
}

test('authorities of one’s own stand beside those of NODE_EXTRA_CA_CERTS', async () => {
  const server = await serveTls({ requestCert: false });
  const outcome = await callFromProcess({ endpoint: server.url }, { ca: pemPath('stranger.pem') }, 'root.pem');
  expect(outcome).toMatchObject({ ok: true, text: '"nobody"' });
});

describe('a proxy', () => {
  /** An https proxy that asks for client certificates, and takes none. */
  async function serveProxy() {
    const shown: (string | undefined)[] = [];
    const own = { cert: pem('cert.pem'), key: pem('key.pem'), requestCert: true, rejectUnauthorized: false };
    const server = createHttpsServer(own);
    server.on('connect', (request, socket: Socket) => {
      shown.push((request.socket as TLSSocket).getPeerX509Certificate()?.subject);
      const [host, port] = (request.url ?? '').split(':');
      const target = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      for (const end of [socket, target]) end.on('error', () => {});
    });
    return Object.assign(await listen(server, new Counter(), 'https'), { shown });
  }

  test('with https never sees the client certificate: the endpoint does, within the tunnel', async () => {
    const [server, proxy] = [await serveTls(), await serveProxy()];
    const files = { ca: pemPath('root.pem'), cert: pemPath('client.pem'), key: pemPath('client.key') };
    const options = { endpoint: server.url, proxy: { https: proxy.url } };
    const outcome = await callFromProcess(options, files, 'cert.pem');
    expect(outcome).toMatchObject({ ok: true, text: '"Test Client"' });
    expect(proxy.shown).toEqual([undefined]);
  });

  test('is not trusted by the authorities of the endpoint', async () => {
    const [server, proxy] = [await serveTls(), await serveProxy()];
    const client = clientFor(server.url, { tls: identity({ ca: pem('cert.pem') }), proxy: { https: proxy.url } });
    const { failure } = await failedAttempt(client);
    expect(failure.message).toContain('cannot connect to the proxy');
  });

  test('with http tunnels it as well', async () => {
    const server = await serveTls();
    const tunnel = createHttpServer().on('connect', (request, socket: Socket) => {
      const target = connect(Number((request.url ?? '').split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      for (const end of [socket, target]) end.on('error', () => {});
    });
    const proxy = await listen(tunnel, new Counter());
    const client = clientFor(server.url, { tls: identity(good), proxy: { https: proxy.url } });
    expect(await attempt(client)).toMatchObject({ ok: true, text: '"Test Client"' });
  });

  test('that requests are sent to (http) neither sees the certificate nor is trusted by its authorities', async () => {
    const { url, port } = await serveTls();
    const connector = new Connector(
      { url: new URL(url), authorization: undefined, secrets: [] },
      false,
      identity(good),
    );
    const error = await new Promise((resolve) => {
      connector.open({ hostname: '127.0.0.1', port: String(port), protocol: 'https:' }, (...result) =>
        resolve(result[0]),
      );
    });
    expect(error).toMatchObject({
      message: `cannot connect to the proxy ${url} (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)`,
    });
  });
});

describe('for programs', () => {
  test('the client takes the parts as they are', async () => {
    const server = await serveTls();
    const client = new HttpEnrichmentClient({ endpoint: server.url, tls: good });
    expect(await attempt(client)).toMatchObject({ ok: true, text: '"Test Client"' });
    await client.close();
  });

  test('what can’t work is thrown at once', () => {
    const make = (endpoint: string, tls: TlsOptions) => () => new HttpEnrichmentClient({ endpoint, tls });
    expect(make('https://h', { cert: pem('client.pem') })).toThrow('tls.cert has no private key in it');
    expect(make('http://h', good)).toThrow('tls is for https, and the endpoint is http:, not https:');
  });

  test('the key of a request does not depend on it, and its passphrase is never shown', () => {
    const plain = clientFor('https://h/x');
    const own = clientFor('https://h/x', {
      tls: identity({ ...good, key: pem('locked.key'), passphrase: PASSPHRASE }),
    });
    expect(own.prepare(CASE)).toEqual(plain.prepare(CASE));
    expect(own.redact(`a ${PASSPHRASE} b`)).toBe('a *** b');
  });
});
