/** What the scripts do, in a real Redis. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FinishedCase, RedisQueue } from '../../../src/io/queue/redis-queue.js';
import type { TakenEntry } from '../../../src/io/queue/taken.js';
import { fill, queued, storedLines, testQueue, WANT, worker } from '../../helpers/queue.js';
import { redisVersion, type RedisServer, startRedis } from '../../helpers/redis-server.js';

let server: RedisServer;
beforeAll(async () => {
  if (redisVersion !== undefined) server = await startRedis();
});
afterAll(() => server?.close());

const finished = ({ entry, id, revision }: TakenEntry, status: FinishedCase['status'] = 'e'): FinishedCase => ({
  entry,
  id,
  revision,
  status,
  line: `{"caseId":"${id}","by":"${status}"}`,
});

async function taken(queue: RedisQueue, name: string, count = 100): Promise<readonly TakenEntry[]> {
  return (await queue.take(name, { ...WANT, count })).entries;
}

/** Lets the lease of a worker that joined with one millisecond end, by the clock of Redis. */
async function died(queue: RedisQueue, name: string): Promise<void> {
  const record = `1 1 1 10 a,b host/${name}`;
  await queue.link.call(['HSET', queue.keys.workers, name, record]);
  await queue.link.call(['HDEL', queue.keys.meta, 'swept']);
}

describe.skipIf(redisVersion === undefined)('scripts', () => {
  test('the same case that waits or is enriched is skipped, a failed one comes again, a changed one anew', async () => {
    const queue = await testQueue(server);
    const put = (text?: string) => queue.enqueue([queued('a', text)], { again: false, most: 0 });
    expect(await put()).toMatchObject({ added: 1 });
    expect(await put()).toMatchObject({ added: 0, skipped: 1 });
    const [first] = await taken(queue, 'w');
    await queue.finish('w', [finished(first as TakenEntry, 'f')]);
    expect(await put()).toMatchObject({ again: 1 });
    const [second] = await taken(queue, 'w');
    expect(second).toMatchObject({ id: 'a', revision: '2', deliveries: 0 });
    await queue.finish('w', [finished(second as TakenEntry)]);
    expect(await put()).toMatchObject({ skipped: 1 });
    expect(await put('{"id":"a","n":1}')).toMatchObject({ changed: 1 });
    expect(await queue.enqueue([queued('a', '{"id":"a","n":1}')], { again: true, most: 0 })).toMatchObject({
      again: 1,
    });
  });

  test('a text that was replaced is dropped before its call, and its result after it', async () => {
    const queue = await testQueue(server);
    await fill(queue, ['a', 'b']);
    const [a] = await taken(queue, 'w', 1);
    await queue.enqueue(
      ['a', 'b'].map((id) => queued(id, `{"id":"${id}","n":1.0}`)),
      { again: false, most: 0 },
    );
    const entries = await taken(queue, 'w');
    expect(entries.map(({ text }) => text)).toEqual(['{"id":"a","n":1.0}', '{"id":"b","n":1.0}']);
    expect(await queue.finish('w', [finished(a as TakenEntry)])).toMatchObject({ superseded: 1, finished: 0 });
    expect(await storedLines(queue)).toEqual([]);
    expect((await queue.stats()).totals).toMatchObject({ superseded: 2 });
  });

  test('the first result of a case is taken, a later one is dropped and counted', async () => {
    const queue = await testQueue(server);
    await fill(queue, ['a']);
    const [one] = await taken(queue, 'w1');
    await died(queue, 'w1');
    const [same] = await taken(queue, 'w2');
    expect(same).toMatchObject({ entry: one?.entry, deliveries: 1 });
    expect(await queue.finish('w2', [finished(same as TakenEntry, 'f')])).toMatchObject({ late: 0, failed: 1 });
    expect(await queue.finish('w1', [finished(one as TakenEntry)])).toMatchObject({ late: 1, finished: 1 });
    expect(await storedLines(queue)).toEqual(['{"caseId":"a","by":"f"}']);
  });

  test('a finish that is made again because its answer was lost stores nothing twice, and is not late', async () => {
    const queue = await testQueue(server);
    await fill(queue, ['a']);
    const [one] = await taken(queue, 'w');
    const call = ['finish', [finished(one as TakenEntry)]] as const;
    const before = await queue.finish('w', call[1]);
    // The same call number: what a link does that lost the answer.
    const again = await (async () => {
      const other = await testQueue(server, { name: queue.where.split('#')[1] ?? '' });
      return other.finish('w', call[1]);
    })();
    expect(again).toEqual(before);
    expect(await storedLines(queue)).toHaveLength(1);
  });

  test('what a worker gives back goes to the next one at once, and does not count as delivered', async () => {
    const queue = await testQueue(server);
    await fill(queue, ['a', 'b']);
    for (let round = 0; round < 12; round++) {
      const entries = await taken(queue, 'w');
      expect(entries.map(({ id, deliveries }) => [id, deliveries])).toEqual([
        ['a', 0],
        ['b', 0],
      ]);
      await queue.release(
        'w',
        entries.map(({ entry }) => entry),
      );
    }
    expect(await queue.stats()).toMatchObject({ waiting: 2, inWork: 0, givenBack: 2 });
  });

  test('only what is still its own can be given back', async () => {
    const queue = await testQueue(server);
    await fill(queue, ['a']);
    const [one] = await taken(queue, 'w1');
    await died(queue, 'w1');
    await taken(queue, 'w2');
    await queue.release('w1', [one?.entry ?? '']);
    expect(await taken(queue, 'w3')).toEqual([]);
    expect(await queue.owned('w2')).toEqual([one?.entry]);
  });

  test('a worker that is gone loses its cases, one that is there does not, however long it takes', async () => {
    const queue = await testQueue(server);
    await queue.join(worker('w1', { leaseMs: 3_600_000 }));
    await fill(queue, ['a', 'b']);
    await taken(queue, 'w1', 1);
    await queue.link.call(['HDEL', queue.keys.meta, 'swept']);
    expect((await taken(queue, 'w2')).map(({ id }) => id)).toEqual(['b']);
    await died(queue, 'w1');
    expect((await taken(queue, 'w2')).map(({ id }) => id)).toEqual(['a']);
    expect((await queue.stats()).workers.map(({ name }) => name)).not.toContain('w1');
    expect(await queue.renew(worker('w1'))).toMatchObject({ wasGone: true });
  });

  test('deaths are counted, nine as well as ten', async () => {
    const queue = await testQueue(server);
    await fill(queue, ['a']);
    for (let death = 0; death <= 10; death++) {
      expect((await taken(queue, `w${death}`)).map(({ deliveries }) => deliveries)).toEqual([death]);
      await died(queue, `w${death}`);
    }
  });

  test('when the answer to a take is lost, what it gave is given back', async () => {
    const queue = await testQueue(server);
    await fill(queue, ['a', 'b', 'c']);
    const [known] = await taken(queue, 'w', 1);
    await taken(queue, 'w');
    await queue.releaseOthers('w', [known?.entry ?? '']);
    expect((await taken(queue, 'w2')).map(({ id }) => id)).toEqual(['b', 'c']);
  });

  test('leaving gives back everything and takes the worker out', async () => {
    const queue = await testQueue(server);
    await queue.join(worker('w'));
    await fill(queue, ['a']);
    const [one] = await taken(queue, 'w');
    await queue.finish('w', [], '{"run":{}}');
    await queue.leave('w');
    expect(await queue.stats()).toMatchObject({ inWork: 0, waiting: 1, workers: [] });
    expect((await taken(queue, 'w2'))[0]?.entry).toBe(one?.entry);
    expect(String(await queue.link.call(['HKEYS', queue.keys.counters]))).not.toContain('seq');
  });

  test('cases of other programs are registered: once in work or enriched, they are not called again', async () => {
    const queue = await testQueue(server);
    const add = (text: string) => queue.link.call(['XADD', queue.keys.jobs, '*', 'c', text]);
    await add('{"id":"a"}');
    await add('{"id":"a"}');
    const entries = await taken(queue, 'w');
    const cases = entries.map(({ entry }) => ({ entry, id: 'a', digest: 'same' }));
    expect(await queue.adopt(cases)).toEqual(['1', '']);
    // Delivered again after a death, it keeps its revision.
    expect(await queue.adopt(cases.slice(0, 1))).toEqual(['1']);
    expect(await queue.enqueue([{ ...queued('a'), digest: 'same' }], { again: false, most: 0 })).toMatchObject({
      skipped: 1,
    });
    expect(await queue.enqueue([{ ...queued('a'), digest: 'newer' }], { again: false, most: 0 })).toMatchObject({
      changed: 1,
    });
    // The newer text waits further back: the older one is not for calling any more.
    expect(await queue.adopt(cases.slice(0, 1))).toEqual(['']);
  });

  test('a worker with other settings is told which, as long as the others are there', async () => {
    const queue = await testQueue(server);
    expect(await queue.join(worker('w1'))).toMatchObject({ wasGone: false });
    expect(await queue.join(worker('w2', { settings: 'a,c' }))).toEqual({ others: 'a,b' });
    await died(queue, 'w1');
    expect(await queue.join(worker('w2', { settings: 'a,c' }))).toMatchObject({ wasGone: false });
  });

  test('a pause is the longest that was asked for, and every answer tells what is left', async () => {
    const queue = await testQueue(server);
    const heard: number[] = [];
    await queue.onPause((ms) => heard.push(ms));
    await queue.pause(60_000);
    await queue.pause(1_000);
    const left = (await queue.renew(worker('w'))).pauseMs;
    expect(left).toBeGreaterThan(50_000);
    expect((await queue.take('w', WANT)).pauseMs).toBeGreaterThan(50_000);
    expect((await queue.reserve(1, 10)).pauseMs).toBeGreaterThan(50_000);
    expect((await queue.finish('w', [])).pauseMs).toBeGreaterThan(50_000);
    expect(heard).toEqual([60_000]);
  });

  test('slots are handed out one after another, to whoever asks', async () => {
    const queue = await testQueue(server);
    const first = await queue.reserve(5, 1_000);
    const second = await queue.reserve(1, 1_000);
    expect(first.firstMs).toBe(0);
    expect(second.firstMs).toBeGreaterThan(4_000);
    expect(second.firstMs).toBeLessThanOrEqual(5_000);
  });

  test('too many cases or results: nothing is put in, nothing is taken', async () => {
    const queue = await testQueue(server);
    await fill(queue, ['a', 'b']);
    expect(await queue.enqueue([queued('c')], { again: false, most: 2 })).toBeUndefined();
    const [one] = await taken(queue, 'w', 1);
    expect(await queue.take('w', { ...WANT, mostResults: 1 })).toMatchObject({ entries: [], isFull: true });
    await queue.finish('w', [finished(one as TakenEntry)]);
    expect(await queue.take('w', { ...WANT, mostResults: 1 })).toMatchObject({ entries: [], isFull: true });
    expect((await queue.take('w', { ...WANT, mostResults: 2 })).entries).toHaveLength(1);
  });

  test.each([
    'with spaces |and {}',
    `NUL ${String.fromCharCode(0)} in it`,
    'x'.repeat(1 << 20),
    '\u{1F600}',
    '\ud800a',
  ])('an id like %.12s is an id like any other', async (id) => {
    const queue = await testQueue(server);
    await fill(queue, [id, 'other']);
    const [one] = await taken(queue, 'w');
    expect(await queue.finish('w', [{ ...finished(one as TakenEntry), line: '{}', id }])).toMatchObject({
      finished: 1,
    });
    await queue.enqueue([queued(id)], { again: false, most: 0 });
    expect((await queue.stats()).waiting + (await queue.stats()).inWork).toBe(1);
  });

  test('halves of surrogate pairs do not make two ids one', async () => {
    const queue = await testQueue(server);
    expect(
      await queue.enqueue(
        ['a\ud800', 'a\ud801'].map((id) => queued(id)),
        { again: false, most: 0 },
      ),
    ).toMatchObject({ added: 2 });
  });

  test('a queue that was emptied is not the same one any more', async () => {
    const queue = await testQueue(server);
    await fill(queue, ['a']);
    await queue.link.call(['DEL', ...Object.values(queue.keys)]);
    for (const act of [
      () => queue.take('w', WANT),
      () => fill(queue, ['b']),
      () => queue.finish('w', []),
      () => queue.renew(worker('w')),
    ]) {
      await expect(act()).rejects.toMatchObject({
        exitCode: 3,
        message: expect.stringContaining('was emptied') as string,
      });
    }
  });

  test('a key of another kind under our name is named', async () => {
    const name = 'taken-name';
    server.cli('SET', `ct:{${name}}:state`, 'x');
    await expect(testQueue(server, { name })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(`ct:{${name}}:state is a string, not a hash`) as string,
    });
  });

  test('at the memory limit a result is stored whole, and a new case is refused', async () => {
    const full = await startRedis(['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction']);
    try {
      const queue = await testQueue(full);
      await fill(queue, ['a']);
      const [one] = await taken(queue, 'w');
      full.cli('CONFIG', 'SET', 'maxmemory', '1');
      await expect(fill(queue, ['b'])).rejects.toMatchObject({
        exitCode: 5,
        message: expect.stringContaining('Redis is full') as string,
      });
      expect(await queue.finish('w', [finished(one as TakenEntry)])).toMatchObject({ finished: 1 });
      expect(await queue.reserve(1, 10)).toMatchObject({ firstMs: 0 });
      expect(await queue.join(worker('w'))).toMatchObject({ wasGone: false });
      expect(await storedLines(queue)).toHaveLength(1);
    } finally {
      await full.close();
    }
  });
});
