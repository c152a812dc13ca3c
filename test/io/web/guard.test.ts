import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guard, type RequestFacts } from '../../../src/io/web/guard.js';

const TOKEN = 'k3Jd-8_fQ.w~2LmNpR';
const HOST = '127.0.0.1:8484';
const PAGE = 'http://127.0.0.1:8484';

const check = guard({ hostName: '127.0.0.1', token: TOKEN, openPaths: ['/'] });
const onNetwork = guard({ hostName: 'build.example.com', token: TOKEN, openPaths: ['/'] });
const onIpv6 = guard({ hostName: '[fd00::5]', token: TOKEN, openPaths: [] });

/** A request that is let through, changed in this way. */
function facts(change: Partial<RequestFacts> = {}): RequestFacts {
  return {
    method: 'GET',
    path: '/api/run',
    host: HOST,
    origin: undefined,
    fetchSite: undefined,
    fetchMode: undefined,
    fetchDest: undefined,
    authorization: `Bearer ${TOKEN}`,
    upgrades: false,
    protocols: [],
    ...change,
  };
}

const statusOf = (change: Partial<RequestFacts>, by = check): number => by(facts(change))?.status ?? 200;

test('a program with the token, and nothing that a browser says, is let through', () => {
  expect(check(facts())).toBeNull();
});

describe('host name', () => {
  test.each([
    'localhost',
    'localhost:1',
    'LOCALHOST:8484',
    '127.0.0.1',
    '127.0.0.1:65535',
    '127.255.0.3:80',
    '[::1]',
    '[::1]:8484',
  ])('%s is this machine, at any port', (host) => expect(statusOf({ host })).toBe(200));

  test.each([
    [undefined],
    [''],
    [' '],
    [':8484'],
    ['evil.com'],
    ['evil.com:8484'],
    ['127.0.0.1.evil.com'],
    ['127.0.0.1.evil.com:8484'],
    ['127.0.0.1.nip.io'],
    ['localhost.evil'],
    ['localhost.evil.com'],
    ['evil.com.localhost'],
    ['app.localhost'],
    ['localhost.'],
    ['127.0.0.1.'],
    ['localhost:8484:8484'],
    ['localhost:65536'],
    ['127.0.0.1:99999'],
    ['localhost:'],
    ['localhost:port'],
    ['localhost@evil.com'],
    ['user@localhost'],
    ['localhost/evil.com'],
    ['localhost, evil.com'],
    ['localhost evil.com'],
    ['evil.com#localhost'],
    ['127.1'],
    ['127.0.0.256'],
    ['127.0.0.01'],
    ['127.0.0.1.1'],
    ['0127.0.0.1'],
    ['2130706433'],
    ['0x7f.0.0.1'],
    ['%6cocalhost'],
    ['ｌocalhost'],
    ['0.0.0.0'],
    ['128.0.0.1'],
    ['10.0.0.5'],
    ['::1'],
    ['[::]'],
    ['[::1'],
    ['[::1%lo]'],
    ['[::ffff:127.0.0.1]'],
    ['build.example.com'],
  ])('%s is refused', (host) => expect(statusOf({ host })).toBe(421));

  test('no text but those names passes', () => {
    const NAMES = /^(localhost|127(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}|\[::1\])(:\d{1,5})?$/i;
    const piece = fc.constantFrom(
      'localhost',
      '127.0.0.1',
      '[::1]',
      '.',
      ':',
      '8484',
      'evil.com',
      '@',
      ' ',
      '/',
      '%00',
    );
    const host = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(host, (text) => (statusOf({ host: text }) === 200) === NAMES.test(text)),
      { seed: 1, numRuns: 2000 },
    );
  });

  test.each(['build.example.com', 'BUILD.example.com:8484', 'localhost:1', '127.0.0.1'])(
    'served at another address: %s',
    (host) => expect(statusOf({ host }, onNetwork)).toBe(200),
  );

  test.each(['build.example.com.evil.com', 'evil.build.example.com', 'buildXexample.com', '192.168.1.20'])(
    'served at another address: %s is refused',
    (host) => expect(statusOf({ host }, onNetwork)).toBe(421),
  );

  test('served at an IPv6 address', () => {
    expect(['[fd00::5]:8484', '[FD00::5]', '[fd00::6]', 'fd00::5'].map((host) => statusOf({ host }, onIpv6))).toEqual([
      200, 200, 421, 421,
    ]);
  });
});

describe('origin', () => {
  test.each([
    [HOST, PAGE],
    [HOST, 'HTTP://127.0.0.1:8484'],
    ['localhost:9000', 'http://localhost:9000'],
    ['localhost', 'http://localhost'],
    ['localhost:80', 'http://localhost'],
    ['localhost', 'http://localhost:80'],
    ['[::1]:8484', 'http://[::1]:8484'],
    // A proxy that speaks https for us.
    ['localhost', 'https://localhost'],
    ['localhost:8443', 'https://localhost:8443'],
  ])('at %s a page of %s is our own', (host, origin) => expect(statusOf({ host, origin })).toBe(200));

  test.each([
    ['null'],
    [''],
    ['http://evil.com'],
    ['https://evil.com:8484'],
    ['http://127.0.0.1:3000'],
    ['http://127.0.0.1'],
    ['https://127.0.0.1'],
    ['http://localhost:8484'],
    ['http://127.0.0.2:8484'],
    ['http://[::1]:8484'],
    ['http://127.0.0.1:8484.evil.com'],
    ['http://127.0.0.1:84840'],
    ['http://evil.com@127.0.0.1:8484'],
    ['http://127.0.0.1:8484/'],
    ['http://127.0.0.1:8484, http://evil.com'],
    ['127.0.0.1:8484'],
    ['//127.0.0.1:8484'],
    ['ws://127.0.0.1:8484'],
    ['file://127.0.0.1:8484'],
    ['chrome-extension://127.0.0.1:8484'],
  ])('%s is not, even with the token', (origin) => expect(statusOf({ origin })).toBe(403));

  test('a page that was served under a rebound name is stopped by its name', () => {
    expect(statusOf({ host: 'evil.com:8484', origin: 'http://evil.com:8484', fetchSite: 'same-origin' })).toBe(421);
  });
});

describe('Sec-Fetch-Site', () => {
  test.each(['same-origin', 'none', undefined])('%s passes', (fetchSite) => expect(statusOf({ fetchSite })).toBe(200));

  test.each(['cross-site', 'same-site', '', 'None', 'same-origin, cross-site', 'whatever'])(
    '%j is refused, even with the token',
    (fetchSite) => expect(statusOf({ fetchSite })).toBe(403),
  );

  const visit = {
    path: '/',
    authorization: undefined,
    fetchSite: 'cross-site',
    fetchMode: 'navigate',
    fetchDest: 'document',
  };

  test('a link in a chat may lead to the shell of the page', () => {
    expect(['cross-site', 'same-site'].map((fetchSite) => statusOf({ ...visit, fetchSite }))).toEqual([200, 200]);
  });

  test.each<[string, Partial<RequestFacts>]>([
    ['to a path with data', { path: '/api/run', authorization: `Bearer ${TOKEN}` }],
    ['by a form', { method: 'POST' }],
    ['with an origin', { origin: 'null' }],
    ['in a frame', { fetchDest: 'iframe' }],
    ['as an object', { fetchDest: 'object' }],
    ['by fetch', { fetchMode: 'no-cors', fetchDest: 'empty' }],
    ['by fetch with CORS', { fetchMode: 'cors', fetchDest: 'empty' }],
    ['as a script', { fetchMode: 'no-cors', fetchDest: 'script' }],
    ['without a mode', { fetchMode: undefined }],
    ['without a destination', { fetchDest: undefined }],
  ])('not %s', (_, change) => expect(statusOf({ ...visit, ...change })).toBe(403));
});

describe('token', () => {
  test.each([[`Bearer ${TOKEN}`], [`bearer ${TOKEN}`], [`BEARER   ${TOKEN}  `]])('%s passes', (authorization) =>
    expect(statusOf({ authorization })).toBe(200),
  );

  test.each([
    [undefined],
    [''],
    ['Bearer'],
    ['Bearer '],
    [TOKEN],
    [`Basic ${TOKEN}`],
    [`Bearer: ${TOKEN}`],
    [`Bearer ${TOKEN.slice(0, -1)}`],
    [`Bearer ${TOKEN.slice(1)}`],
    [`Bearer ${TOKEN}x`],
    [`Bearer x${TOKEN}`],
    [`Bearer ${TOKEN} ${TOKEN}`],
    [`Bearer ${TOKEN}, Bearer ${TOKEN}`],
    [`Bearer ${TOKEN.toLowerCase()}`],
    [`Bearer ${TOKEN}\u0000`],
    ['Bearer undefined'],
    ['Bearer *'],
  ])('%s is refused', (authorization) => expect(statusOf({ authorization })).toBe(401));

  test.each([
    [['case-tracker.v1', `bearer.${TOKEN}`], 200],
    [[`bearer.${TOKEN}`, 'case-tracker.v1'], 200],
    [[`bearer.${TOKEN}`], 200],
    [['bearer.wrong-wrong-wrong-w', `bearer.${TOKEN}`], 200],
    [['case-tracker.v1'], 401],
    [['case-tracker.v1', 'bearer.'], 401],
    [['case-tracker.v1', TOKEN], 401],
    [[`Bearer.${TOKEN}`], 401],
    [[`bearer.${TOKEN}x`], 401],
    [[`bearer.${TOKEN.slice(0, -1)}`], 401],
    [['bearer', TOKEN], 401],
    [[], 401],
  ])('a WebSocket that offers %j: %d', (protocols, status) => {
    expect(statusOf({ authorization: undefined, upgrades: true, protocols })).toBe(status);
  });

  test.each([
    ['GET', '/', 200],
    ['HEAD', '/', 200],
    ['POST', '/', 401],
    ['DELETE', '/', 401],
    ['OPTIONS', '/', 401],
    ['GET', '/api/run', 401],
    ['GET', '/healthz', 401],
    ['GET', '//', 401],
    ['GET', '', 401],
    ['POST', '/api/run/stop', 401],
  ])('%s %s without one: %d', (method, path, status) => {
    expect(statusOf({ method, path, authorization: undefined })).toBe(status);
  });

  test('no WebSocket is open, wherever it is', () => {
    expect(statusOf({ path: '/', authorization: undefined, upgrades: true })).toBe(401);
  });

  test('where nothing is open, nothing is', () => {
    expect(statusOf({ path: '/', authorization: undefined, host: '[::1]' }, onIpv6)).toBe(401);
  });
});

test('name before page before token, so that a page learns nothing about the token', () => {
  const evil = { host: 'evil.com', origin: 'http://evil.com', fetchSite: 'cross-site', authorization: undefined };
  expect(check(facts(evil))).toMatchObject({ status: 421, error: 'wrong_host' });
  expect(check(facts({ ...evil, host: HOST }))).toMatchObject({ status: 403, error: 'foreign_origin' });
  expect(check(facts({ authorization: undefined }))).toMatchObject({ status: 401, error: 'unauthorized' });
});

test('a refusal says what mends it, and repeats nothing of the request', () => {
  expect(onNetwork(facts({ host: 'evil.com<script>' }))?.message).toBe(
    'this server is called build.example.com or localhost: ask for it by that name',
  );
  expect(check(facts({ authorization: 'Bearer s3cret-s3cret-s3cret' }))?.message).not.toContain('s3cret');
});
