import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';

import { realClock } from '../../../src/host.js';
import {
  type DemoArrival,
  type DemoEndpoint,
  type DemoOptions,
  demoDataPath,
  loadDemoData,
  startDemoEndpoint,
} from '../../../src/io/demo/endpoint.js';
import { FakeClock } from '../../helpers/clock.js';

const data = { 'CASE-001': { riskScore: 7 }, 'a/b ü': { path: true }, '17': { number: true }, nothing: null };

let running: DemoEndpoint[] = [];

async function start(options: Partial<DemoOptions> = {}): Promise<DemoEndpoint> {
  const endpoint = await startDemoEndpoint({ clock: realClock, data, ...options });
  running.push(endpoint);
  return endpoint;
}

afterEach(async () => {
  await Promise.all(running.map((endpoint) => endpoint.close()));
  running = [];
});

function agent(): Agent {
  const own = new Agent();
  onTestFinished(() => own.destroy());
  return own;
}

async function call(endpoint: DemoEndpoint, path: string, options: Record<string, unknown> = {}, dispatcher = agent()) {
  const url = `http://127.0.0.1:${endpoint.port}${path}`;
  const { statusCode, headers, body } = await request(url, { dispatcher, ...options });
  return { status: statusCode, headers, text: await body.text() };
}

async function json(endpoint: DemoEndpoint, path: string, options: Record<string, unknown> = {}) {
  const { status, text } = await call(endpoint, path, options);
  return [status, JSON.parse(text) as unknown];
}

describe('a case', () => {
  test.each([
    ['by its path', '/cases/CASE-001', [200, { riskScore: 7 }]],
    ['by its percent-encoded path', '/cases/a%2Fb%20%C3%BC', [200, { path: true }]],
    ['by the last segment of any path, the query left out', '/v2/desk/17?verbose=1', [200, { number: true }]],
    ['whose enrichment is null', '/cases/nothing', [200, null]],
    [
      'that is not there is 404',
      '/cases/CASE-9',
      [404, { error: 'not found', message: 'there is no enrichment for case CASE-9' }],
    ],
    [
      'whose path is not percent-encoded UTF-8 is 400',
      '/cases/%ff',
      [400, { error: 'bad request', message: 'the id in the path is not percent-encoded UTF-8' }],
    ],
  ])('%s', async (_, path, expected) => {
    expect(await json(await start(), path)).toEqual(expected);
  });

  test.each([
    ['the id of the path', '/cases/CASE-001', '{"id":"nothing"}', 200, { riskScore: 7 }],
    ['a path with an id, whatever the body is', '/cases/CASE-001', 'hello', 200, { riskScore: 7 }],
    ["the body's id when the path has none", '/cases', '{"id":" CASE-001 ","title":"x"}', 200, { riskScore: 7 }],
    ["the body's integer id", '/', '{"id":17}', 200, { number: true }],
  ])('POST, PUT and PATCH take %s', async (_, path, body, status, expected) => {
    const endpoint = await start();
    for (const method of ['POST', 'PUT', 'PATCH']) {
      expect(await json(endpoint, path, { method, body })).toEqual([status, expected]);
    }
  });

  test('a body without an id is 400', async () => {
    const endpoint = await start();
    for (const body of ['', 'nonsense', '{}', '"CASE-001"', '{"id":""}']) {
      expect((await call(endpoint, '/cases', { method: 'POST', body })).status).toBe(400);
    }
  });
});

describe('a batch', () => {
  test('is answered in its order, unknown cases by an error in their place', async () => {
    const body = JSON.stringify([{ id: 17 }, { id: 'CASE-9' }, { title: 'no id' }, { id: 'CASE-001' }]);
    const [status, answers] = await json(await start(), '/cases', { method: 'POST', body });
    expect(status).toBe(200);
    expect(answers).toEqual([
      { number: true },
      { error: 'not found', message: 'there is no enrichment for case CASE-9' },
      { error: 'bad request', message: 'neither the path nor the JSON body has an id' },
      { riskScore: 7 },
    ]);
  });

  test('is an array of the same length when it is empty or the path names a case', async () => {
    const endpoint = await start();
    expect(await json(endpoint, '/cases/CASE-001', { method: 'POST', body: '[]' })).toEqual([200, []]);
  });

  test('a passing fault refuses it once, lasting ones cost only their own case', async () => {
    const sample = await start({ data: await loadDemoData(), faults: true });
    const batch = (...ids: string[]) => ({ method: 'POST', body: JSON.stringify(ids.map((id) => ({ id }))) });
    const ids = ['CASE-005', 'CASE-015', 'CASE-023', 'CASE-039', 'CASE-001'];
    expect((await call(sample, '/cases', batch(...ids))).status).toBe(503);
    const [status, answers] = await json(sample, '/cases', batch(...ids));
    expect(status).toBe(200);
    expect((answers as { error?: string }[]).map(({ error }) => error)).toEqual([
      undefined,
      'timeout',
      'not found',
      'bad gateway',
      undefined,
    ]);
  });
});

describe('other requests', () => {
  test.each(['/', '/cases', '/cases/'])('GET %s says what this is', async (path) => {
    const [status, index] = await json(await start(), path);
    expect([status, index]).toMatchObject([200, { endpoint: '/cases/{id}', cases: 4, faults: false }]);
  });

  test('HEAD has the headers of GET and no body', async () => {
    const endpoint = await start();
    const { status, headers, text } = await call(endpoint, '/cases/CASE-001', { method: 'HEAD' });
    expect([status, headers['content-type'], headers['content-length'], text]).toEqual([
      200,
      'application/json; charset=utf-8',
      '15',
      '',
    ]);
  });

  test('OPTIONS and a method that is not allowed name those that are', async () => {
    const endpoint = await start();
    const options = await call(endpoint, '/cases/CASE-001', { method: 'OPTIONS' });
    const refused = await call(endpoint, '/cases/CASE-001', { method: 'DELETE' });
    expect([options.status, options.text, refused.status]).toEqual([204, '', 405]);
    expect(options.headers['allow']).toBe('GET, HEAD, POST, PUT, PATCH, OPTIONS');
    expect(refused.headers['allow']).toBe(options.headers['allow']);
  });
});

describe('faults', () => {
  const flaky = async () => start({ data: await loadDemoData(), faults: true });

  test('a 503 and a 429 with Retry-After pass with the next attempt', async () => {
    const endpoint = await flaky();
    const first = [await call(endpoint, '/cases/CASE-019'), await call(endpoint, '/cases/CASE-036')];
    const second = [await call(endpoint, '/cases/CASE-019'), await call(endpoint, '/cases/CASE-036')];
    expect(first.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([
      [503, undefined],
      [429, '1'],
    ]);
    expect(second.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('a 404 and a body that is not JSON stay', async () => {
    const endpoint = await flaky();
    for (const attempt of [1, 2]) {
      expect((await call(endpoint, '/cases/CASE-035')).status, `attempt ${attempt}`).toBe(404);
      const { status, headers, text } = await call(endpoint, '/cases/CASE-039');
      expect([status, headers['content-type'], text.startsWith('<!doctype html>')]).toEqual([
        200,
        'text/html; charset=utf-8',
        true,
      ]);
    }
  });

  test('a stall is never answered, and giving it up ends it', async () => {
    let arrived = (): void => {};
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const endpoint = await start({ data: {}, faults: true, onRequest: () => arrived() });
    const abort = new AbortController();
    const stalled = call(endpoint, '/cases/CASE-015', { signal: abort.signal });
    await arrival;
    expect(endpoint.stats.inFlight).toBe(1);
    abort.abort();
    await expect(stalled).rejects.toThrow('aborted');
    expect((await call(endpoint, '/cases/CASE-001')).status).toBe(404);
  });
});

describe('time', () => {
  test('an answer waits for the delay', async () => {
    const clock = new FakeClock();
    const endpoint = await start({ clock, delayMs: 250, onRequest: () => setImmediate(() => clock.advance(249)) });
    let answered = false;
    const answer = call(endpoint, '/cases/CASE-001').then(() => (answered = true));
    while (clock.now() < 249) await new Promise(setImmediate);
    expect([answered, clock.timers]).toEqual([false, 1]);
    clock.advance(1);
    expect(await answer).toBe(true);
  });

  test('beyond the rate it is a 429 that says when to come back', async () => {
    const clock = new FakeClock();
    const endpoint = await start({ clock, ratePerSecond: 2 });
    const own = agent();
    const statuses = async (count: number) => {
      const seen = [];
      for (let n = 0; n < count; n++) seen.push((await call(endpoint, '/cases/CASE-001', {}, own)).status);
      return seen;
    };
    expect(await statuses(3)).toEqual([200, 200, 429]);
    clock.advance(500);
    expect(await statuses(2)).toEqual([200, 429]);
    clock.advance(60_000);
    expect(await statuses(3)).toEqual([200, 200, 429]);
    expect((await call(endpoint, '/cases/CASE-001')).headers['retry-after']).toBe('1');
  });

  test('a rate below one a second asks for the whole wait', async () => {
    const endpoint = await start({ clock: new FakeClock(), ratePerSecond: 0.1 });
    expect((await call(endpoint, '/cases/CASE-001')).status).toBe(200);
    const refused = await call(endpoint, '/cases/CASE-001');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '10']);
  });
});

describe('life', () => {
  test('it counts requests, connections and the most in flight', async () => {
    const clock = new FakeClock();
    let waiting = 0;
    const onRequest = () => ++waiting === 3 && setImmediate(() => clock.advance(10));
    const endpoint = await start({ clock, delayMs: 10, onRequest: () => void onRequest() });
    const own = agent();
    await Promise.all([1, 2, 3].map(() => call(endpoint, '/cases/CASE-001', {}, own)));
    expect(endpoint.stats).toMatchObject({ requests: 3, maxInFlight: 3, connections: 3 });
    expect(endpoint.url).toBe(`http://127.0.0.1:${endpoint.port}/cases/{id}`);
  });

  test('it tells of each request when it has arrived whole', async () => {
    const seen: DemoArrival[] = [];
    const endpoint = await start({ onRequest: (arrival) => seen.push(arrival) });
    await call(endpoint, '/cases/x%20y?a=b', { method: 'POST', body: '{"id":1}', headers: { 'x-request-id': 'r1' } });
    expect(seen).toMatchObject([
      { method: 'POST', url: '/cases/x%20y?a=b', body: '{"id":1}', headers: { 'x-request-id': 'r1' } },
    ]);
  });

  test('close ends stalled, delayed, idle and silent connections, and may be called twice', async () => {
    const clock = new FakeClock();
    const arrivals: (() => void)[] = [];
    const arrived = [0, 1].map(() => new Promise<void>((resolve) => arrivals.push(resolve)));
    const endpoint = await start({ clock, delayMs: 1000, faults: true, onRequest: () => arrivals.shift()?.() });
    const calls = ['CASE-015', 'CASE-001'].map((id) => call(endpoint, `/cases/${id}`).catch((error: Error) => error));
    const silent = connect(endpoint.port, '127.0.0.1');
    const ended = once(silent, 'close');
    silent.resume();
    await Promise.all([...arrived, once(silent, 'connect')]);
    await endpoint.close();
    await endpoint.close();
    for (const outcome of await Promise.all(calls)) expect(outcome).toBeInstanceOf(Error);
    await ended;
    expect(clock.timers).toBe(0);
  });

  test('a port in use is a usage error with a hint', async () => {
    const { port } = await start();
    await expect(startDemoEndpoint({ clock: realClock, data, port })).rejects.toMatchObject({
      name: 'UsageError',
      exitCode: 2,
      message: `port ${port} is in use`,
      hint: 'another --port, or none for a free one',
    });
  });

  test.runIf(process.platform === 'linux')('it serves only loopback', async () => {
    const endpoint = await start();
    expect(new URL(endpoint.url).hostname).toBe('127.0.0.1');
    const other = connect(endpoint.port, '127.0.0.2');
    const [error] = (await once(other, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});

describe('data files', () => {
  async function file(name: string, content: string | Uint8Array): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'demo-data-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, name), content);
    return folder;
  }

  test('the sample is found and is the default', async () => {
    const sample = await loadDemoData();
    expect(Object.keys(sample).length).toBeGreaterThanOrEqual(40);
    const endpoint = await startDemoEndpoint({ clock: realClock });
    running.push(endpoint);
    expect(await json(endpoint, '/cases/CASE-001')).toEqual([200, sample['CASE-001']]);
    expect(demoDataPath()).toMatch(/data[/\\]enrichments\.json$/);
  });

  test('an array of objects with an id is keyed by id, relative to the folder one stands in', async () => {
    const folder = await file('data.json', '[{"id":"A","x":1},{"id":7},{"id":"__proto__"}]');
    const loaded = await loadDemoData('data.json', folder);
    expect(Object.entries(loaded)).toEqual([
      ['7', { id: 7 }],
      ['A', { id: 'A', x: 1 }],
      ['__proto__', { id: '__proto__' }],
    ]);
  });

  test.each([
    ['text', 'hello', /^data\.json is not JSON: /],
    ['a string', '"hello"', 'data.json is neither a JSON object nor an array'],
    ['null', 'null', 'data.json is neither a JSON object nor an array'],
    ['an element without an id', '[{"id":1},{}]', 'the element with index 1 of data.json has no id'],
    ['an id twice', '[{"id":1},{"id":" 1"}]', /^the id "1" is in data\.json twice \(again at index 1\)$/],
    [
      'arrays without end',
      `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      'data.json is nested deeper than 1,000 levels',
    ],
    ['bytes that are not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'cannot read data.json: it is not UTF-8'],
  ])('%s is an input error', async (_, content, message) => {
    const folder = await file('data.json', content);
    const error = await loadDemoData('data.json', folder).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'InputError', exitCode: 3, message: expect.stringMatching(message) });
  });

  test.each([
    ['missing.json', 'cannot read missing.json: no such file'],
    ['.', 'cannot read .: it is a folder'],
  ])('%s is an input error', async (name, message) => {
    const folder = await file('data.json', '{}');
    await expect(loadDemoData(name, folder)).rejects.toMatchObject({ name: 'InputError', message });
  });
});
