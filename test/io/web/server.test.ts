import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { urlHost, urlOf } from '../../../src/io/web/address.js';
import { CLOSING_MS } from '../../../src/io/web/web-sockets.js';
import { UsageError } from '../../../src/errors.js';
import { FakeClock } from '../../helpers/clock.js';
import { BEARER, deferred, openSocket, rawRequest, RawClient, webServer } from '../../helpers/web-server.js';

/** Message and hint of the usage error that opening the server ends with. */
async function refusal(options: Parameters<typeof webServer>[0]): Promise<string> {
  const error: unknown = await webServer(options).catch((cause: unknown) => cause);
  if (!(error instanceof UsageError)) throw new Error(`no usage error: ${String(error)}`);
  return `${error.message} | ${error.hint ?? ''}`;
}

describe('where it listens', () => {
  test('its URL has the port that was free', async () => {
    const { url } = await webServer();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
    expect(await fetch(url, { headers: BEARER }).then((answer) => answer.json())).toEqual({ ok: true });
  });

  test('at loopback alone: another address of the machine is refused', async () => {
    const { port } = await webServer();
    await expect(fetch(`http://127.0.0.2:${port}/`, { headers: BEARER })).rejects.toThrow('fetch failed');
  });

  test('a port that is taken is refused', async () => {
    const { port } = await webServer();
    expect(await refusal({ port })).toBe(`port ${port} of 127.0.0.1 is in use | another port, or 0 for a free one`);
  });

  test.each(['0.0.0.0', '0', '::', '[::]', '0:0:0:0:0:0:0:0', '::0', '*', ''])(
    'every interface is refused: %j',
    async (host) => {
      expect(await refusal({ host })).toMatch(/ is every interface of this machine, .* \| the one address or name/);
    },
  );

  test('a host that is elsewhere, or nowhere, is refused', async () => {
    expect(await refusal({ host: '192.0.2.1' })).toMatch(
      /^192\.0\.2\.1 is no address of this machine \| 127\.0\.0\.1, or/,
    );
    expect(await refusal({ host: 'nowhere.invalid' })).toMatch(/^(there is no host|the host) nowhere\.invalid/);
  });

  test.each([
    ['127.0.0.1', 'http://127.0.0.1:80'],
    ['localhost', 'http://localhost:80'],
    ['::1', 'http://[::1]:80'],
    ['[fd00::5]', 'http://[fd00::5]:80'],
  ])('%s as a URL: %s', (host, url) => expect([urlOf(host, 80), urlHost(urlHost(host))]).toEqual([url, urlHost(host)]));
});

describe('its end', () => {
  test('is at once where nobody is connected, and the same for everybody who asks', async () => {
    const clock = new FakeClock();
    const server = await webServer({ clock });
    await Promise.all([server.close(), server.close()]);
    expect(clock.timers).toBe(0);
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });

  test('is a goodbye for those who watch', async () => {
    const server = await webServer({ socketRoute: () => () => {} });
    const socket = await openSocket(server, '/');
    const [[code]] = await Promise.all([once(socket, 'close'), server.close()]);
    expect(code).toBe(1000);
  });

  test('lets an answer that is under way come out', async () => {
    const [asked, answer] = [deferred<void>(), deferred<Response>()];
    const server = await webServer({ fetch: () => (asked.resolve(), answer.promise) });
    const answered = fetch(server.url, { headers: BEARER }).then((response) => response.json());
    await asked.promise;
    const closing = server.close();
    answer.resolve(Response.json({ late: true }));
    expect(await answered).toEqual({ late: true });
    await closing;
  });

  test.each([
    ['an idle one', rawRequest('/'), '"ok":true'],
    ['one that says nothing', '', ''],
    ['one in the middle of its headers', 'GET / HT', ''],
    ['one whose body does not come', rawRequest('POST /slow', { 'content-length': '9' }), ''],
    ['one that waits for an answer', rawRequest('/never'), ''],
  ])('waits for no connection: %s', async (_, text, heard) => {
    const clock = new FakeClock();
    const server = await webServer({ clock, fetch: answer });
    const client = new RawClient(server.port).send(text);
    await client.until(heard);
    await fetch(server.url, { headers: BEARER });
    await server.close();
    expect(clock.now()).toBeLessThanOrEqual(CLOSING_MS + 100);
    expect(clock.timers).toBe(0);
    await client.ended();
    expect(server.bugs).toEqual([]);
  });

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/slow') return new Response(await request.text());
    if (pathname === '/never') {
      await once(request.signal, 'abort');
    }
    return Response.json({ ok: true });
  }
});
