import { describe, expect, test } from 'vitest';
import type { AttemptOutcome } from '../../../src/core/ports.js';
import type { HttpClientOptions } from '../../../src/io/http/client.js';
import { serve } from '../../helpers/fault-server.js';
import { attempt, clientFor } from '../../helpers/http-client.js';

interface Answer {
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
}

/** The outcome of a call that is answered so, where 404, 410 and 303 are accepted unless other statuses are given. */
async function outcomeOf(
  { status, body = '', headers = {} }: Answer,
  options: Partial<HttpClientOptions> = {},
): Promise<AttemptOutcome> {
  const server = await serve((_request, response) => response.writeHead(status, headers).end(body));
  const acceptStatus = [200, 303, 404, 410].map((one) => ({ from: one, to: one }));
  return attempt(clientFor(server.url, { acceptStatus, ...options }));
}

const PICK = { pick: '/data/risk' };
const SCHEMA = { responseSchema: { check: () => 'too small', hash: 'x' } };

describe('an accepted status outside of 2xx', () => {
  test.each<[string, Answer, Partial<HttpClientOptions>, string]>([
    ['its JSON', { status: 404, body: '{"known": false}' }, {}, '{"known": false}'],
    ['what is picked of it', { status: 404, body: '{"data":{"risk":1.0}}' }, PICK, '1.0'],
    ['null where nothing is to be picked', { status: 404, body: '{"error":"unknown"}' }, PICK, 'null'],
    ['null where the body is empty', { status: 404 }, {}, 'null'],
    ['null where the body is a page', { status: 404, body: '<h1>Not found</h1>' }, PICK, 'null'],
    ['null where the body is not UTF-8', { status: 404, body: Buffer.from([0x22, 0xff, 0x22]) }, {}, 'null'],
    ['null where there is no JSON that the schema could be for', { status: 404, body: 'gone' }, SCHEMA, 'null'],
  ])('enriches with %s', async (_what, answer, options, text) => {
    expect(await outcomeOf(answer, options)).toEqual({ ok: true, text, httpStatus: 404 });
  });

  test('fails where its JSON is against the schema', async () => {
    const outcome = await outcomeOf({ status: 404, body: '{"n":1}' }, SCHEMA);
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'response', retryable: false } });
  });

  test('is bounded like any answer', async () => {
    const outcome = await outcomeOf({ status: 404, body: '"0123456789"' }, { maxResponseBytes: 5 });
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'response', message: /larger than 5 bytes/ } });
  });

  test('is not followed when it is a redirect', async () => {
    const outcome = await outcomeOf({ status: 303, headers: { location: '/elsewhere' } });
    expect(outcome).toEqual({ ok: true, text: 'null', httpStatus: 303 });
  });
});

test('a status that is not accepted fails, a 2xx too', async () => {
  const acceptStatus = [{ from: 404, to: 404 }];
  const outcome = await outcomeOf({ status: 201, body: '{}' }, { acceptStatus });
  expect(outcome).toMatchObject({ ok: false, failure: { kind: 'http', httpStatus: 201, retryable: false } });
});

describe('202', () => {
  const later: Answer = { status: 202, body: '{"state":"queued"}', headers: { 'retry-after': '1' } };

  test('is a failure that another run may mend', async () => {
    const outcome = await outcomeOf(later, { acceptStatus: [{ from: 200, to: 299 }] });
    expect(outcome).toEqual({
      ok: false,
      failure: {
        kind: 'response',
        message: 'the answer comes later (202 Accepted)',
        httpStatus: 202,
        retryable: true,
        requestId: 'r-1',
        body: '{"state":"queued"}',
      },
    });
  });

  test('is an answer where it is named', async () => {
    const outcome = await outcomeOf(later, { acceptStatus: [{ from: 202, to: 202 }] });
    expect(outcome).toEqual({ ok: true, text: '{"state":"queued"}', httpStatus: 202 });
  });
});
