import { describe, expect, test } from 'vitest';
import { endpointWords } from '../../../src/core/results/endpoint-words.js';
import { serve } from '../../helpers/fault-server.js';
import { clientFor, failedAttempt } from '../../helpers/http-client.js';

test('secrets that the endpoint echoes are hidden in message and body', async () => {
  const server = await serve((request, response) => {
    const { authorization } = request.headers;
    response.statusMessage = `no access for ${String(request.headers['x-api-key'])}`;
    response.writeHead(401).end(JSON.stringify({ authorization, url: request.url, echo: `pa"ss/w` }));
  });
  const url = server.url.replace('//', '//me:p%40ssword@');
  const headers = [['x-api-key', 'k3y-of-mine']] as const;
  const client = clientFor(`${url}/{id}?token=t0k%2Fen`, { headers, secrets: ['pa"ss/w'] });
  const { failure } = await failedAttempt(client);
  expect(failure.message).toBe('401 no access for ***');
  expect(failure.body).toBe('{"authorization":"***","url":"/C-1?token=***","echo":"***"}');
});

test.each([
  [
    'JSON with unicode escapes',
    (token: string) => token.replaceAll('+', String.raw`\u002B`).replaceAll('/', String.raw`\u002f`),
  ],
  ['HTML escapes', (token: string) => token.replaceAll('+', '&#x2B;').replaceAll('/', '&sol;')],
  ['percent', (token: string) => encodeURIComponent(token)],
  ['base64', (token: string) => Buffer.from(`v1:${token}`).toString('base64')],
])('a 401 that echoes a header in %s shows it nowhere, decoded or not', async (_what, escape) => {
  const server = await serve((_request, response) => {
    response.writeHead(401).end(`{"message":"no access for ${escape('Zm9v+Zg/9Q+x')}"}`);
  });
  const { failure } = await failedAttempt(clientFor(server.url, { headers: [['x-api-key', 'Zm9v+Zg/9Q+x']] }));
  expect(failure.body).toBe('{"message":"no access for ***"}');
  expect(endpointWords(failure.body)).toBe('no access for ***');
});

test('a header secret of 28 KB and more is hidden when it is echoed', async () => {
  const server = await serve((request, response) => {
    response.writeHead(400).end(`you sent ${String(request.headers['x-long'])}`);
  });
  const long = Array.from({ length: 900 }, (_, at) => `k/${at}+`).join('');
  const client = clientFor(server.url, { headers: [['x-long', long]], secrets: [long.repeat(6)] });
  expect((await failedAttempt(client)).failure.body).toBe('you sent ***');
});

describe('the answer to a batch that echoes a header', () => {
  const token = 't0k/en+of+mine';
  const client = clientFor.bind(undefined, 'http://127.0.0.1:1/', {
    method: 'POST',
    headers: [['authorization', `Bearer ${token}`]],
    batch: { size: 2 },
  });

  test.each([
    ['in its error', { error: `no access for ${token}` }],
    ['in the message of its error', { error: { message: `no access for ${token}` } }],
    ['beside its error', { error: true, message: `no access for ${token}`, authorization: `Bearer ${token}` }],
    ['at the end of a long one', { error: `${'x'.repeat(188)} ${token}` }],
    ['across the edge of the shown body', { error: 'no', more: 'x'.repeat(454), authorization: token }],
  ])('%s shows it neither in message nor body', (_what, part) => {
    const escaped = JSON.stringify(part).replaceAll('+', String.raw`\u002B`);
    for (const text of [JSON.stringify([part, part]), `{"a":${escaped},"b":${escaped}}`]) {
      const outcomes = client().batch?.split(text, ['a', 'b']) ?? [];
      expect(outcomes).toHaveLength(2);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ ok: false, failure: { kind: 'response', retryable: false } });
        expect(JSON.stringify(outcome)).not.toMatch(/t0k/);
        expect(JSON.stringify(outcome)).toContain('***');
      }
    }
  });
});

test('a secret at the edge of the shown body is hidden too', async () => {
  const server = await serve((_request, response) => {
    response.writeHead(500).end(`${'x'.repeat(504)}supersecret`);
  });
  const client = clientFor(server.url, { secrets: ['supersecret'] });
  expect((await failedAttempt(client)).failure.body).toBe(`${'x'.repeat(504)}***`);
});
