/** The queue's source and sink, put through the conformance suites of their ports, over a real Redis. */

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EnrichmentResult } from '../../src/core/case.js';
import type { ResultSink } from '../../src/core/ports.js';
import { OutputError } from '../../src/errors.js';
import { realClock } from '../../src/host.js';
import { Deliveries } from '../../src/io/queue/delivery.js';
import { payloadRules } from '../../src/io/queue/payload.js';
import type { RedisQueue } from '../../src/io/queue/redis-queue.js';
import { refusalOf } from '../../src/io/queue/refusals.js';
import { QueueSink } from '../../src/io/sinks/queue-sink.js';
import { QueueSource, type QueueSourceOptions } from '../../src/io/sources/queue-source.js';
import { fill, storedLines, testQueue, WANT, watched } from '../helpers/queue.js';
import { redisVersion, type RedisServer, startRedis } from '../helpers/redis-server.js';
import { HAS_HANDLES, type SourceSubject, sourceChecks } from './case-source.js';
import { conforms } from './checks.js';
import { type SinkSubject, sinkChecks, TAKES_EVERY_STATUS } from './result-sink.js';

let server: RedisServer;
beforeAll(async () => {
  if (redisVersion !== undefined) server = await startRedis();
});
afterAll(() => server?.close());

function sourceOf(queue: RedisQueue, more: Partial<QueueSourceOptions> = {}): QueueSource {
  const source = new QueueSource({
    queue,
    worker: 'w',
    deliveries: new Deliveries(),
    rules: payloadRules({}, 10, 'test'),
    room: 5_000,
    follow: false,
    mostResults: 0,
    clock: realClock,
    ...more,
  });
  onTestFinished(() => source.close());
  return source;
}

/** As another program adds them. The tests read everything without storing a result, so the end is what nobody waits for. */
async function added(queue: RedisQueue, records: readonly string[]): Promise<RedisQueue> {
  for (const record of records) await queue.link.call(['XADD', queue.keys.jobs, '*', 'c', record]);
  return queue;
}

/** A source that ends once it has given everything, as if all of it were stored. */
async function ending(records: readonly string[]): Promise<QueueSource> {
  const empty = watched(async (args, go) => {
    const reply = await go();
    // Of an answer to take: nothing more in the queue when it has given no entry.
    return Array.isArray(reply) && reply.length === 5 && args[0] !== 'XRANGE' && (reply[0] as unknown[]).length === 0
      ? [[], 0, 0, 0, 0]
      : reply;
  });
  return sourceOf(await added(await testQueue(server, { connect: empty }), records));
}

async function breaking(records: readonly string[]): Promise<QueueSource> {
  let given = 0;
  const connect = watched(async (_, go) => {
    const reply = await go();
    if (!Array.isArray(reply) || reply.length !== 5) return reply;
    given += (reply[0] as unknown[]).length;
    if (given >= records.length && (reply[0] as unknown[]).length === 0) throw refusalOf('GONE', 'the queue', 'take');
    return reply;
  });
  return sourceOf(await added(await testQueue(server, { connect }), records));
}

function sourceSubject(): SourceSubject {
  return {
    open: ending,
    openBroken: breaking,
    openIdle: async (records) => sourceOf(await added(await testQueue(server), records), { follow: true }),
  };
}

/** A sink whose results are of cases that this worker holds. */
async function sinkSubject(): Promise<SinkSubject> {
  let isFull = false;
  const connect = watched((args, go) =>
    isFull && args[0]?.startsWith('EVAL') ? Promise.reject(refusalOf('OOM', 'the queue', 'EVALSHA')) : go(),
  );
  const queue = await testQueue(server, { connect });
  const admin = await testQueue(server, { name: queue.where.split('#')[1] ?? '' });
  const deliveries = new Deliveries();
  const sink = new QueueSink({ queue, worker: 'w', deliveries });
  const held = async (result: EnrichmentResult): Promise<EnrichmentResult> => {
    await fill(admin, [result.caseId ?? '']);
    const [taken] = (await admin.take('w', WANT)).entries;
    if (taken === undefined) throw new Error('nothing was taken');
    const delivery = { entry: taken.entry, id: taken.id, revision: taken.revision, isBegun: true, isLost: false };
    return { ...result, delivery };
  };
  const holding: ResultSink = {
    storesOn: sink.storesOn,
    async write(results) {
      const all = [];
      for (const result of results) all.push(await held(result));
      await sink.write(all);
    },
    finish: (run, summary) => sink.finish(run, summary),
    close: () => sink.close(),
  };
  return {
    sink: holding,
    stored: async () => (await storedLines(admin)).flatMap((line) => /^\{"caseId":"([^"]+)"/.exec(line)?.[1] ?? []),
    breakDown: () => void (isFull = true),
    mend: () => void (isFull = false),
    held: () => 0,
  };
}

describe.skipIf(redisVersion === undefined)('queue', () => {
  // Storing and acknowledging are one step, in the sink: the entries have handles all the same.
  conforms('a source', sourceChecks, sourceSubject, [HAS_HANDLES]);
  // A case that was cut short has no result: it is given back.
  conforms('a sink', sinkChecks, sinkSubject, [TAKES_EVERY_STATUS]);

  test('every entry has a handle of its own', async () => {
    const source = await ending(['{"id":"a"}', '{"id":7}', '{"title":"no id"}']);
    const handles = [];
    for await (const batch of source) handles.push(...batch.map(({ delivery }) => delivery));
    expect(new Set(handles).size).toBe(3);
    expect(handles).not.toContain(undefined);
  });

  test('a cancelled case is given back, not stored', async () => {
    const { sink, stored } = await sinkSubject();
    const { unenriched } = await import('../helpers/samples.js');
    await sink.write([unenriched('cut', 'cancelled'), unenriched('done', 'failed')]);
    expect(await stored()).toEqual(['done']);
  });

  test('a sink that is refused says so with the cases that are not stored', async () => {
    const { sink, breakDown } = await sinkSubject();
    breakDown();
    const { enriched } = await import('../helpers/samples.js');
    await expect(sink.write([enriched('lost')])).rejects.toBeInstanceOf(OutputError);
  });

  test.each([
    ['is no JSON', 'not JSON', 'not JSON'],
    ['is no object', '[1]', 'found an array'],
    ['has an id that is no id', '{"id":{}}', 'id is an object'],
    ['is nested too deep', `{"id":"a","x":${'['.repeat(1_001)}${']'.repeat(1_001)}}`, 'nested deeper'],
  ])('a payload that %s is a result', async (_, text, problem) => {
    const [entry] = await firstBatch(await ending([text]));
    expect(entry).toMatchObject({ kind: 'invalid', message: expect.stringContaining(problem) as string });
  });

  test('a payload without a case, and one that is too large, are results', async () => {
    const queue = await testQueue(server);
    await queue.link.call(['XADD', queue.keys.jobs, '*', 'x', '1']);
    await queue.link.call(['XADD', queue.keys.jobs, '*', 'c', `{"id":"${'x'.repeat(1 << 24)}"}`]);
    const entries = await firstBatch(sourceOf(queue));
    expect(entries.map((entry) => (entry.kind === 'invalid' ? entry.message : ''))).toEqual([
      'it has no field c with the case',
      'larger than 16 MiB',
    ]);
  });

  test('a payload of a newer version is given back, and ends the worker', async () => {
    const queue = await testQueue(server);
    await queue.link.call(['XADD', queue.keys.jobs, '*', 'v', '99', 'c', '{"id":"a"}']);
    await expect(firstBatch(sourceOf(queue))).rejects.toMatchObject({ exitCode: 2 });
    expect(await queue.stats()).toMatchObject({ waiting: 1, inWork: 0, givenBack: 1 });
  });

  test('a case that ten workers died with is failed, and one that nine died with is not', async () => {
    const queue = await testQueue(server);
    await fill(queue, ['a']);
    const failures = [];
    for (let death = 0; death <= 10; death++) {
      const [entry] = await firstBatch(sourceOf(queue, { worker: `w${death}` }));
      failures.push(entry?.kind === 'case' ? entry.failure?.message : 'none');
      await queue.link.call(['HSET', queue.keys.workers, `w${death}`, '1 1 1 10 s host/1']);
      await queue.link.call(['HDEL', queue.keys.meta, 'swept']);
    }
    expect(failures.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => undefined));
    expect(failures[10]).toBe('10 workers died with it in work (--max-deliveries)');
  });
});

async function firstBatch(source: QueueSource): Promise<readonly import('../../src/core/case.js').Entry[]> {
  const next = await source[Symbol.asyncIterator]().next();
  return next.done ? [] : next.value;
}
