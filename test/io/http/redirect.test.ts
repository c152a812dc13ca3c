import { describe, expect, test } from 'vitest';
import { Case } from '../../../src/core/case.js';
import { serve } from '../../helpers/fault-server.js';
import { attempt, clientFor, failedAttempt } from '../../helpers/http-client.js';

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('a GET follows %i within the origin', async (status) => {
    const ids: unknown[] = [];
    const server = await serve((request, response) => {
      ids.push(request.headers['x-request-id']);
      if (request.url === '/C-1') response.writeHead(status, { location: '/new?a=1#x' }).end('moved');
      else response.end(JSON.stringify(request.url));
    });
    const client = clientFor(server.url);
    expect(await attempt(client)).toMatchObject({ ok: true, text: '"/new?a=1"' });
    expect(ids).toEqual(['r-1', 'r-1']);
    expect(client.connectionsOpened).toBe(1);
  });

  test('a POST takes its body along on 307 and 308', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/C-1') response.writeHead(308, { location: '/new' }).end();
      else request.pipe(response);
    });
    const outcome = await attempt(clientFor(server.url, { method: 'POST' }));
    expect(outcome).toMatchObject({ ok: true, text: '{"id":"C-1","title":"a b","n":1.0}' });
  });

  test('to a blob: of the origin has no path to follow', async () => {
    const paths: unknown[] = [];
    const server = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: `blob:${server.url}/x` }).end();
    });
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'http', httpStatus: 302 });
    expect(paths).toEqual(['/C-1']);
  });

  test.each([301, 302, 303])('a POST does not become a GET on %i', async (status) => {
    const server = await serve((_request, response) => response.writeHead(status, { location: '/new' }).end());
    const { failure } = await failedAttempt(clientFor(server.url, { method: 'POST' }));
    expect(failure).toMatchObject({ kind: 'http', httpStatus: status, retryable: false });
  });

  test.each([
    [3, { ok: true, text: '"there"' }],
    [4, { ok: false, failure: { kind: 'response', message: 'redirected more than 3 times' } }],
  ])('of %i in a row', async (hops, expected) => {
    const server = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('"there"');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const aCase = new Case('x', `{"id":"x","hops":${hops}}`);
    expect(await attempt(clientFor(`${server.url}/{hops}`), {}, aCase)).toMatchObject(expected);
  });

  test('a loop ends', async () => {
    let calls = 0;
    const server = await serve((request, response) => {
      calls++;
      response.writeHead(302, { location: request.url ?? '/' }).end();
    });
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'response', message: 'redirected more than 3 times', retryable: false });
    expect(calls).toBe(4);
  });

  test('another origin never hears of it', async () => {
    let heard = 0;
    const other = await serve((_request, response) => {
      heard++;
      response.end('{}');
    });
    const server = await serve((_request, response) =>
      response.writeHead(307, { location: `${other.url}/x?token=abc` }).end(),
    );
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'response', message: expect.stringContaining(other.url) as string });
    expect(failure.message).not.toContain('token');
    expect(heard).toBe(0);
  });

  test('http to https says which endpoint to use', async () => {
    const server = await serve((_request, response) =>
      response.writeHead(301, { location: 'https://127.0.0.1/cases/C-1' }).end(),
    );
    const { failure } = await failedAttempt(clientFor(`${server.url}/cases/{id}?k=v1v2`));
    expect(failure).toMatchObject({
      kind: 'response',
      message: 'redirected to https: make the endpoint https://127.0.0.1/cases/{id}?k=***',
    });
  });

  test.each([
    ['no Location', {}],
    ['an empty one', { location: '' }],
    ['one that is no URL', { location: 'http://' }],
  ])('a redirect with %s is an http failure', async (_what, headers) => {
    const server = await serve((_request, response) => response.writeHead(302, headers).end());
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'http', httpStatus: 302, message: '302 Found' });
  });

  test('304 is no redirect', async () => {
    const server = await serve((_request, response) => response.writeHead(304, { location: '/x' }).end());
    expect((await failedAttempt(clientFor(server.url))).failure).toMatchObject({ kind: 'http', httpStatus: 304 });
  });

  test('one with an endless body is not waited for', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(302, { location: '/new' }).write('x'.repeat(200_000));
    });
    const { failure } = await failedAttempt(clientFor(server.url));
    expect(failure).toMatchObject({ kind: 'response', message: 'redirected with a body of more than 65536 bytes' });
  });
});
