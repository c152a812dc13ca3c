import { expect, test } from 'vitest';
import { MOST_MS, send, type Sent } from '../../../../src/io/watch/notify/sending.js';
import { FakeClock } from '../../../helpers/clock.js';
import { refusedUrl, serveRaw } from '../../../helpers/fault-server.js';
import { hookServer, status } from '../../../helpers/hook-server.js';

const BODY = '{"text":"✓"}';

interface How {
  readonly clock?: FakeClock;
  readonly signal?: AbortSignal;
}

/** A step is short: an answer that comes has to be earlier than the timeout by the fake clock. */
function sentTo(
  url: string,
  { clock = new FakeClock(), signal = new AbortController().signal }: How = {},
): Promise<Sent> {
  const hook = { url, origin: new URL(url).origin, on: [] };
  return clock.passDuring(send({ hook, body: BODY, clock, userAgent: 'case-tracker/9', signal }), 0.5);
}

test('one POST of JSON, to the path and query of the URL', async () => {
  const server = await hookServer();
  expect(await sentTo(`${server.url}/services/T0?x=1`)).toEqual({ ok: true });
  expect(server.heard).toMatchObject([
    {
      url: '/services/T0?x=1',
      body: { text: '✓' },
      headers: { 'content-type': 'application/json', 'user-agent': 'case-tracker/9' },
    },
  ]);
});

test('500 and then taken: tried again', async () => {
  const server = await hookServer((response, number) => status(response, number < 3 ? 500 : 204));
  expect(await sentTo(server.url)).toEqual({ ok: true });
  expect(server.heard).toHaveLength(3);
});

test.each([
  [400, 1],
  [404, 1],
  [408, 3],
  [410, 1],
  [429, 3],
  [502, 3],
])('%i: %i tries at most', async (code, tries) => {
  const server = await hookServer((response) => status(response, code));
  expect(await sentTo(server.url)).toEqual({ ok: false, problem: `it answered ${code}`, tries, isCut: false });
  expect(server.heard).toHaveLength(tries);
});

test.each([301, 302, 303, 307, 308])('a redirect (%i) is a failure, and nobody goes there', async (code) => {
  const server = await hookServer((response) => status(response, code, { location: '/elsewhere' }));
  expect(await sentTo(server.url)).toMatchObject({ problem: `${code}, and redirects are not followed`, tries: 1 });
  expect(server.heard).toHaveLength(1);
});

test('a wait that is asked for is kept, and one that is too long ends the tries', async () => {
  const clock = new FakeClock();
  const server = await hookServer((response, number) =>
    number === 1 ? status(response, 429, { 'retry-after': '7' }) : status(response, 503, { 'retry-after': '60' }),
  );
  expect(await sentTo(server.url, { clock })).toMatchObject({ ok: false, problem: 'it answered 503', tries: 2 });
  expect(clock.now()).toBeGreaterThanOrEqual(7_000);
  expect(clock.now()).toBeLessThan(MOST_MS);
});

test('a server that never answers: three tries, within 15 s together', async () => {
  const clock = new FakeClock();
  const server = await hookServer(() => {});
  expect(await sentTo(server.url, { clock })).toEqual({
    ok: false,
    problem: 'no answer within 4.4s',
    tries: 3,
    isCut: false,
  });
  expect(clock.now()).toBeLessThanOrEqual(MOST_MS);
  expect(clock.timers).toBe(0);
});

test('an answer that never ends counts by its status, and little of it is read', async () => {
  const clock = new FakeClock();
  let written = 0;
  const dripping = await hookServer((response) => response.write('x'));
  const endless = await hookServer((response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(16_384))) written += 16_384;
      response.once('drain', more);
    };
    more();
  });
  expect(await sentTo(dripping.url, { clock })).toEqual({ ok: true });
  expect(clock.now()).toBeLessThan(4_400);
  expect(await sentTo(endless.url)).toEqual({ ok: true });
  expect(written).toBeLessThan(50_000_000);
});

test('nobody there, no such host, no HTTP: tried three times, and told by the host alone', async () => {
  const refused = await refusedUrl();
  const secret = '/services/s3cr3t';
  expect(await sentTo(refused + secret)).toMatchObject({
    problem: `cannot connect to ${refused} (ECONNREFUSED)`,
    tries: 3,
  });
  expect(await sentTo(`http://nowhere.invalid${secret}`)).toMatchObject({
    problem: expect.stringMatching(/^cannot find the host nowhere\.invalid \(E[A-Z_]+\)$/),
  });
  const raw = await serveRaw((socket) => socket.end('SSH-2.0-x\r\n'));
  expect(await sentTo(raw.url + secret)).toMatchObject({
    problem: expect.stringMatching(/^the answer is not valid HTTP/),
  });
});

test('cut off while it waits for an answer, while it waits to try again, and before it begins', async () => {
  const hanging = await hookServer(() => {});
  const cut = new AbortController();
  const sending = sentTo(hanging.url, { signal: cut.signal });
  await hanging.seen();
  cut.abort();
  expect(await sending).toMatchObject({ ok: false, isCut: true, tries: 1 });

  const clock = new FakeClock();
  const later = new AbortController();
  const failing = await hookServer((response) => status(response, 500));
  clock.setTimer(450, () => later.abort());
  expect(await sentTo(failing.url, { clock, signal: later.signal })).toMatchObject({ ok: false, isCut: true });
  expect(clock.timers).toBe(0);

  expect(await sentTo(hanging.url, { signal: AbortSignal.abort() })).toMatchObject({ ok: false, isCut: true });
  expect(hanging.heard).toHaveLength(1);
});
