/** What an answer means when it may come later, and where it is asked for. */

import { describe, expect, test } from 'vitest';
import type { AttemptContext, AttemptOutcome } from '../../../src/core/ports.js';
import type { PollMatch } from '../../../src/core/run/poll-match.js';
import { UsageError } from '../../../src/errors.js';
import type { HttpClientOptions } from '../../../src/io/http/client.js';
import type { PollOptions } from '../../../src/io/http/poll.js';
import { bodyOf, serve } from '../../helpers/fault-server.js';
import { attempt, clientFor } from '../../helpers/http-client.js';

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const match = (pointer: string, ...values: string[]): PollMatch => ({
  pointer,
  tokens: pointer.split('/').slice(1),
  values,
});
const DONE = { until: match('/state', 'done', 'ready') };
const FAILED = { failed: match('/state', 'failed') };

/** The outcome of one call that is answered so; `ORIGIN` in a header stands for the server's own. */
async function outcomeOf(
  { status = 202, body = '', headers = {} }: Answer,
  poll: PollOptions = {},
  more: { context?: Partial<AttemptContext>; options?: Partial<HttpClientOptions> } = {},
): Promise<{ outcome: AttemptOutcome; url: string }> {
  const server = await serve((_request, response) => {
    const own = Object.entries(headers).map(([name, value]) => [name, value.replace('ORIGIN', server.url)] as const);
    response.writeHead(status, Object.fromEntries(own)).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const client = clientFor(`${server.url}/cases/{id}`, { poll, method: 'POST', ...more.options });
  return { outcome: await attempt(client, more.context), url: server.url };
}

/** Where the answer is asked for, from the origin on; or why nowhere. */
async function placeAfter(answer: Answer, poll?: PollOptions, context?: Partial<AttemptContext>): Promise<string> {
  const { outcome, url } = await outcomeOf(answer, poll, context === undefined ? {} : { context });
  if (!outcome.ok) return `${outcome.failure.kind}: ${outcome.failure.message.replaceAll(url, 'ORIGIN')}`;
  return outcome.pending === undefined ? `taken: ${outcome.text}` : outcome.pending.url.replace(url, '');
}

describe('the place to ask at', () => {
  test.each([
    ['/jobs/7', '/jobs/7'],
    ['ORIGIN/jobs/7?token=a%20b#part', '/jobs/7?token=a%20b'],
    ['7/status', '/cases/7/status'],
    ['../jobs/7', '/jobs/7'],
    ['?job=7', '/cases/C-1?job=7'],
    [
      'http://127.0.0.1:9/jobs/7',
      'response: the answer comes later (202), at another origin, http://127.0.0.1:9, where nothing is sent',
    ],
    [
      '//other.example/jobs',
      'response: the answer comes later (202), at another origin, http://other.example, where nothing is sent',
    ],
    ['http://[', 'response: the answer comes later (202), and its Location is no URL'],
    ['blob:ORIGIN/jobs', 'response: the answer comes later (202), and its Location is no URL to ask at'],
    ['javascript:/x', 'response: the answer comes later (202), at another origin, null, where nothing is sent'],
  ])('of Location %s', async (location, place) => expect(await placeAfter({ headers: { location } })).toBe(place));

  test('is missed where there is no Location', async () => {
    expect(await placeAfter({})).toMatch(/^response: .* has no Location to ask for it at: see --poll-url$/);
  });

  test.each<[string, unknown, string]>([
    ['/jobs/{answer:/job/id}/of/{id}?x={n}', { job: { id: 'a/b' } }, '/jobs/a%2Fb/of/C-1?x=1.0'],
    ['/jobs/{answer:/id}', { id: 12345678901234567890n.toString() }, '/jobs/12345678901234567890'],
    ['/jobs/{answer:/id}', '{"id":12345678901234567890}', '/jobs/12345678901234567890'],
    ['/jobs/{answer:}', '"whole"', '/jobs/whole'],
    ['/jobs', {}, '/jobs'],
    ['/jobs/{answer:/id}', {}, 'response: the answer has nothing at /id, which --poll-url needs'],
    ['/jobs/{answer:/id}', 'no JSON', 'response: the answer has nothing at /id, which --poll-url needs'],
    [
      '/jobs/{answer:/id}',
      { id: [1] },
      'response: the answer has no string, number or boolean at /id, which --poll-url needs',
    ],
    [
      '/jobs/{answer:/id}',
      { id: null },
      'response: the answer has no string, number or boolean at /id, which --poll-url needs',
    ],
    ['/jobs/{answer:/id}/x', { id: '..' }, 'response: the path of its URL would contain a segment "." or ".."'],
  ])('by --poll-url %s of %j', async (url, body, place) => expect(await placeAfter({ body }, { url })).toBe(place));

  test('by --poll-url stays, whatever a poll is answered; without it a job may move', async () => {
    const context = { poll: 'http://x/jobs/1?t=2', attempt: 2 };
    const moved = { headers: { location: '/jobs/2' } };
    expect(await placeAfter(moved, { url: '/j/{answer:/id}' }, context)).toBe('http://x/jobs/1?t=2');
    expect(await placeAfter(moved, {}, context)).toBe('/jobs/2');
    expect(await placeAfter({}, {}, context)).toBe('http://x/jobs/1?t=2');
    expect(await placeAfter({ headers: { location: 'http://127.0.0.1:9/' } }, {}, context)).toMatch(
      /^response: .*another origin/,
    );
  });

  test.each([
    ['http://127.0.0.1:9/jobs/{answer:/id}', /is at http:\/\/127.0.0.1:9, and the endpoint at/],
    ['//other/jobs', /--poll-url/],
    ['jobs/{answer:/id}', /^--poll-url has a placeholder/],
    ['/jobs/{answer:/id', /--poll-url has an unbalanced brace/],
    ['/jobs/{answer:id}', /^--poll-url has {answer:id}, which is no JSON Pointer/],
    ['/jobs/{answer:/a~2}', /^--poll-url has {answer:\/a~2}, which is no JSON Pointer/],
  ])('can not be %s', async (url, message) => {
    const { url: origin } = await serve(() => {});
    const make = (): unknown => clientFor(`${origin}/{id}`, { poll: { url } });
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });

  test('of an earlier answer is none for the endpoint', () => {
    expect(() => clientFor('http://127.0.0.1:9/{answer:/id}')).toThrow(/there is no answer yet/);
  });
});

describe('an answer', () => {
  const location = { location: '/jobs/1' };
  test.each<[string, Answer, PollOptions, string]>([
    ['200 is it', { status: 200, body: { state: 'x' } }, {}, 'taken: {"state":"x"}'],
    ['201 with a Location is it', { status: 201, body: {}, headers: location }, {}, 'taken: {}'],
    ['one that has the value is it', { status: 200, body: { state: 'ready' } }, DONE, 'taken: {"state":"ready"}'],
    ['202 with the value is not', { body: { state: 'done' }, headers: location }, DONE, '/jobs/1'],
    ['200 with another value comes later', { status: 200, body: { state: 'new' }, headers: location }, DONE, '/jobs/1'],
    ['200 without the member comes later', { status: 200, body: {}, headers: location }, DONE, '/jobs/1'],
    ['an object is not the value', { status: 200, body: { state: { done: 1 } }, headers: location }, DONE, '/jobs/1'],
    ['an array is not either', { status: 200, body: { state: ['done'] }, headers: location }, DONE, '/jobs/1'],
    ['204 comes later', { status: 204, headers: location }, DONE, '/jobs/1'],
    [
      'a number is compared as it is written',
      { status: 200, body: '{"n":3.0}', headers: location },
      { until: match('/n', '3') },
      '/jobs/1',
    ],
    ['true is a text', { status: 200, body: { ok: true } }, { until: match('/ok', 'true') }, 'taken: {"ok":true}'],
    ['what is no JSON fails as ever', { status: 200, body: 'wait' }, DONE, 'response: the answer is not JSON'],
    [
      'the job has failed',
      { status: 200, body: { state: 'failed' } },
      { ...DONE, ...FAILED },
      'response: the job has failed: /state is failed',
    ],
    [
      'it has failed by 202 too',
      { body: { state: 'failed' }, headers: location },
      FAILED,
      'response: the job has failed: /state is failed',
    ],
    ['an accepted 404 is one', { status: 404, body: {} }, DONE, 'taken: {}'],
  ])('%s', async (_what, answer, poll, expected) => {
    const acceptStatus = [
      { from: 200, to: 299 },
      { from: 404, to: 404 },
    ];
    const { outcome } = await outcomeOf(answer, poll, { options: { acceptStatus } });
    const place = outcome.ok ? new URL(outcome.pending?.url ?? 'http://x').pathname : '';
    const said = !outcome.ok
      ? `response: ${outcome.failure.message}`
      : outcome.pending
        ? place
        : `taken: ${outcome.text}`;
    expect(said).toBe(expected);
  });

  test('says what it is waiting for and how long', async () => {
    const now = Date.now();
    const date = new Date(now).toUTCString();
    const headers = { location: '/jobs/1', date, 'retry-after': new Date(now + 90_000).toUTCString() };
    const { outcome } = await outcomeOf({ status: 202, body: { state: 'running' }, headers }, DONE);
    expect(outcome).toMatchObject({ ok: true, pending: { askedWaitMs: 90_000, seen: '/state is "running"' } });
    const odd = await outcomeOf({ status: 200, body: { state: {} }, headers }, DONE);
    expect(odd.outcome).toMatchObject({ ok: true, pending: { seen: 'an object at /state' } });
  });
});

test('a poll is a GET with the headers of the run and without a body, to the endpoint whatever the origin of its place', async () => {
  const seen: unknown[] = [];
  const server = await serve(async (request, response) => {
    const { 'content-type': type, authorization, 'idempotency-key': key, 'x-request-id': id } = request.headers;
    seen.push([request.method, request.url, await bodyOf(request), type, authorization, key, id]);
    response.end('{"done":true}');
  });
  const headers = [['authorization', 'Bearer of-the-run']] as const;
  const client = clientFor(`${server.url}/{id}`, { method: 'POST', poll: {}, headers });
  const outcome = await attempt(client, { poll: 'http://elsewhere.example/jobs/1?t=x', requestId: 'r-2', attempt: 2 });
  expect(outcome).toMatchObject({ ok: true, text: '{"done":true}' });
  expect(seen).toEqual([['GET', '/jobs/1?t=x', '', undefined, 'Bearer of-the-run', undefined, 'r-2']]);
});

describe('a place that was edited by hand', () => {
  const HOSTILE = [
    'x:.evil.test/a',
    'x:@evil.test/a',
    'x::80@evil.test/a',
    'x:http://evil.test/a',
    'blob:http://evil.test/a',
  ];

  test.each(HOSTILE)('%s is no path: nothing is sent, through a proxy neither', async (poll) => {
    const seen: unknown[] = [];
    const server = await serve((request, response) => {
      seen.push(request.url);
      response.end('{}');
    });
    const straight = clientFor(`${server.url}/{id}`, { poll: {} });
    const forwarded = clientFor('http://cases.test/{id}', { poll: {}, proxy: { http: server.url } });
    for (const client of [straight, forwarded]) {
      expect(await attempt(client, { poll })).toMatchObject({
        ok: false,
        failure: { kind: 'response', message: 'the place to ask at is no URL' },
      });
    }
    expect(seen).toEqual([]);
  });

  test.each(['//evil.test/a', 'http://me@evil.test/a', '\\\\evil.test\\a', 'https://evil.test:1/a'])(
    '%s is asked for at the endpoint alone',
    async (poll) => {
      const seen: unknown[] = [];
      const proxy = await serve((request, response) => {
        seen.push([request.url, request.headers.host]);
        response.end('{}');
      });
      await attempt(clientFor('http://cases.test/{id}', { poll: {}, proxy: { http: proxy.url } }), { poll });
      expect(seen).toEqual([['http://cases.test/a', 'cases.test']]);
    },
  );
});

test('a poll follows a redirect to the result', async () => {
  const server = await serve((request, response) => {
    if (request.url === '/jobs/1') response.writeHead(303, { location: '/results/1' }).end();
    else response.end('{"risk":1}');
  });
  const client = clientFor(`${server.url}/{id}`, { method: 'POST', poll: {} });
  expect(await attempt(client, { poll: `${server.url}/jobs/1` })).toMatchObject({ ok: true, text: '{"risk":1}' });
});

test('query values of --poll-url are secrets', async () => {
  const server = await serve((_request, response) => response.writeHead(500).end('no access with abcdef123'));
  const client = clientFor(`${server.url}/{id}`, { poll: { url: '/jobs/{answer:/id}?key=abcdef123' } });
  const outcome = await attempt(client, { poll: `${server.url}/jobs/1?key=abcdef123` });
  expect(outcome).toMatchObject({ ok: false, failure: { body: 'no access with ***' } });
  expect(client.pollDisplay).toBe(`${server.url}/jobs/{answer:/id}?key=***`);
});
