import { describe, expect, test } from 'vitest';
import { Case } from '../../../src/core/case.js';
import type { AttemptContext, AttemptOutcome, EnrichmentClient } from '../../../src/core/ports.js';
import { ClientCaller } from '../../../src/core/run/client-call.js';
import { FakeClock } from '../../helpers/clock.js';

function called(enrich: (aCase: Case, context: AttemptContext) => unknown): Promise<AttemptOutcome> {
  const { signal } = new AbortController();
  const context = { attempt: 1, requestId: 'run-1', timeoutMs: 1_000, deadline: false, signal };
  const client = { enrich } as EnrichmentClient;
  const clock = new FakeClock();
  const caller = new ClientCaller(client, clock, signal);
  return clock.run(new Promise((ended) => caller.call(new Case('a', '{"id":"a"}'), context, ended)));
}

describe('what a client returns', () => {
  test.each<[string, unknown, string]>([
    ['an object', { owner: 'amara', since: undefined }, '{"owner":"amara"}'],
    ['an array', [1, 'two'], '[1,"two"]'],
    ['a text', 'a "b"\n', String.raw`"a \"b\"\n"`],
    ['a number', -0.5, '-0.5'],
    ['false', false, 'false'],
    ['null', null, 'null'],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['an answer that says ok', { ok: true }, '{"ok":true}'],
    ['an answer that says ok, with a number as text', { ok: true, text: 5 }, '{"ok":true,"text":5}'],
    ['an answer that says no', { ok: false, reason: 'closed' }, '{"ok":false,"reason":"closed"}'],
  ])('%s is the enrichment, with and without a promise', async (_, value, text) => {
    expect(await called(() => value)).toEqual({ ok: true, text });
    expect(await called(async () => value)).toEqual({ ok: true, text });
  });

  test.each<AttemptOutcome>([
    { ok: true, text: '1.0', httpStatus: 200 },
    { ok: false, failure: { kind: 'network', message: 'not yet', retryable: true }, askedWaitMs: 5 },
  ])('an outcome is taken as it is: %j', async (outcome) => {
    expect(await called(() => outcome)).toBe(outcome);
    expect(await called(async () => outcome)).toBe(outcome);
  });

  const circle: unknown[] = [];
  circle.push(circle);
  const trap = {
    get ok(): boolean {
      throw new Error('no entry');
    },
  };
  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'the client returned undefined, which is no JSON value'],
    ['NaN', Number.NaN, 'the client returned NaN, which is no JSON value'],
    ['a function', () => 1, 'the client returned a function, which is no JSON value'],
    ['a symbol', Symbol('s'), 'the client returned a symbol, which is no JSON value'],
    ['a big integer', 1n, "the client's answer can't be written as JSON: Do not know how to serialize a BigInt"],
    ['a circle', circle, "the client's answer can't be written as JSON: Converting circular structure"],
    ['an object that throws', trap, "the client's answer can't be written as JSON: no entry"],
    ['a failure that is a text', { ok: false, failure: 'down' }, "the client's failure is not { kind, message"],
    ['a failure that is null', { ok: false, failure: null }, "the client's failure is not { kind, message"],
    ['a failure without a message', { ok: false, failure: { kind: 'http' } }, "the client's failure is not { kind,"],
  ])('%s is a failure of that case', async (_, value, message) => {
    const outcome = await called(() => value);
    const failure = { kind: 'response', retryable: false, requestId: 'run-1' };
    expect(outcome).toMatchObject({ ok: false, failure: { ...failure, message: expect.stringContaining(message) } });
  });
});

describe('a client that fails', () => {
  const down = new Error('down');
  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw down;
      },
    ],
    ['rejects', () => Promise.reject(down)],
  ])('%s, and the case has a failure that is not repeated', async (_, enrich) => {
    const failure = { kind: 'response', message: 'the client failed: down', retryable: false };
    expect(await called(enrich)).toMatchObject({ ok: false, failure });
  });

  test('is given up after the timeout', async () => {
    const outcome = await called(() => new Promise(() => {}));
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'timeout', message: 'no answer within 1000ms' } });
  });
});
