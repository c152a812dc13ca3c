/** Workers of a queue as real processes: signals, deaths, rate and pause over all of them, Redis away. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ndjsonCases, type RunningBinary, runBinary, startBinary } from '../helpers/binary.js';
import { temporaryFolder } from '../helpers/folder.js';
import { flakyProxy } from '../helpers/flaky-proxy.js';
import { freshName } from '../helpers/queue.js';
import { redisVersion, type RedisServer, startRedis } from '../helpers/redis-server.js';

let server: RedisServer;
beforeAll(async () => {
  if (redisVersion !== undefined) server = await startRedis(['--appendonly', 'yes']);
});
afterAll(() => server?.close());

/** An endpoint that answers when it is let, and counts who asks. */
interface Endpoint {
  readonly url: string;
  readonly calls: Map<string, number>;
  /** When each call came, in milliseconds. */
  readonly times: number[];
  /** Answers what waits, and everything from now on. */
  release(): void;
  /** The next call is answered 429 with these seconds. */
  refuseOnce(seconds: number): void;
  /** Resolves when so many calls have come. */
  called(count: number): Promise<void>;
}

async function endpoint({ holds = false } = {}): Promise<Endpoint> {
  const calls = new Map<string, number>();
  const times: number[] = [];
  const waiting: (() => void)[] = [];
  const listeners = new Set<() => void>();
  let [isHeld, refuse] = [holds, 0];
  const http: Server = createServer((request, response) => {
    const id = (request.url ?? '').slice(1);
    calls.set(id, (calls.get(id) ?? 0) + 1);
    times.push(performance.now());
    for (const look of listeners) look();
    if (refuse > 0) {
      response.writeHead(429, { 'retry-after': String(refuse) }).end();
      refuse = 0;
      return;
    }
    const answer = (): void => void response.end('{"ok":true}');
    if (isHeld) waiting.push(answer);
    else answer();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => (http.closeAllConnections(), void http.close()));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/{id}`,
    calls,
    times,
    release() {
      isHeld = false;
      for (const answer of waiting.splice(0)) answer();
    },
    refuseOnce: (seconds) => void (refuse = seconds),
    called: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (times.length < count) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
  };
}

interface Place {
  readonly cwd: string;
  readonly queue: string;
  work(...args: readonly string[]): RunningBinary;
  json(): Promise<{ waiting: number; inWork: number; results: number; totals: { enriched: number; failed: number } }>;
}

async function filled(count: number, redis = server): Promise<Place> {
  const cwd = temporaryFolder();
  const queue = redis.queue(freshName());
  writeFileSync(join(cwd, 'cases.ndjson'), ndjsonCases(count));
  const put = await runBinary(['enqueue', 'cases.ndjson', '--queue', queue], { cwd });
  expect(put.code).toBe(0);
  return {
    cwd,
    queue,
    work: (...args) => startBinary(['enrich', '--queue', queue, '--progress', 'none', ...args], { cwd }),
    json: async () =>
      JSON.parse((await runBinary(['queue', '--queue', queue, '--format', 'json'])).stdout) as Awaited<
        ReturnType<Place['json']>
      >,
  };
}

describe.skipIf(redisVersion === undefined)('workers', () => {
  test('SIGTERM: calls in flight finish, the others are given back at once, and run elsewhere', async () => {
    const at = await endpoint({ holds: true });
    const place = await filled(20);
    const first = place.work('--endpoint', at.url, '--limit', '4');
    await at.called(4);
    first.child.kill('SIGTERM');
    await first.shows('stderr', 'finishing 4 calls');
    const second = place.work('--endpoint', at.url, '--limit', '4');
    // While the first one still waits for its own.
    await at.called(8);
    at.release();
    expect((await first.ended).code).toBe(143);
    expect((await second.ended).code).toBe(0);
    expect(at.calls.size).toBe(20);
    expect([...at.calls.values()].every((count) => count === 1)).toBe(true);
    expect(await place.json()).toMatchObject({ waiting: 0, inWork: 0, totals: { enriched: 20, failed: 0 } });
  });

  test('kill -9: what it had in work runs elsewhere once its lease has ended', async () => {
    const at = await endpoint({ holds: true });
    const place = await filled(10);
    const first = place.work('--endpoint', at.url, '--limit', '2', '--lease', '1s');
    await at.called(2);
    first.child.kill('SIGKILL');
    await first.ended;
    at.release();
    const second = await place.work('--endpoint', at.url, '--limit', '2').ended;
    expect(second.code).toBe(0);
    expect(at.calls.size).toBe(10);
    expect([...at.calls.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(12);
    expect(await place.json()).toMatchObject({ waiting: 0, inWork: 0, totals: { enriched: 10 } });
  });

  test('three workers keep one rate', async () => {
    const at = await endpoint();
    const place = await filled(60);
    const workers = [1, 2, 3].map(() => place.work('--endpoint', at.url, '--rate', '50/s'));
    for (const one of workers) expect((await one.ended).code).toBe(0);
    expect(at.calls.size).toBe(60);
    // 60 starts at 50 a second: 59 intervals, less one that may be used half an interval late.
    expect((at.times.at(-1) ?? 0) - (at.times[0] ?? 0)).toBeGreaterThan((58 * 1_000) / 50);
  });

  test('a pause that one worker is asked for holds for the others too', async () => {
    const at = await endpoint({ holds: true });
    const place = await filled(12);
    const workers = [1, 2].map(() => place.work('--endpoint', at.url, '--limit', '1'));
    // Each of them has one call in flight.
    await at.called(2);
    at.refuseOnce(1);
    at.release();
    for (const one of workers) expect((await one.ended).code).toBe(0);
    expect(at.calls.size).toBe(12);
    const asked = at.times[2] ?? 0;
    const meanwhile = at.times.filter((time) => time > asked + 200 && time < asked + 950);
    expect(meanwhile).toEqual([]);
    expect(at.times.at(-1)).toBeGreaterThan(asked + 950);
  });

  test('Redis is killed and comes back: said once, nothing called twice', async () => {
    const redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
    onTestFinished(() => redis.close());
    const at = await endpoint({ holds: true });
    const place = await filled(30, redis);
    const worker = place.work('--endpoint', at.url, '--limit', '3', '--lease', '1h');
    await at.called(3);
    await redis.kill();
    await worker.shows('stderr', 'Redis is away');
    at.release();
    await redis.restart();
    await worker.shows('stderr', 'Redis is back');
    const { code, stderr } = await worker.ended;
    expect(code).toBe(0);
    expect(stderr.match(/Redis is away/g)).toHaveLength(1);
    expect(at.calls.size).toBe(30);
    expect([...at.calls.values()].every((count) => count === 1)).toBe(true);
    expect(await place.json()).toMatchObject({ totals: { enriched: 30 } });
  });

  test('Redis stays away: exit 3 with nothing in hand, 5 with the ids of what is', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const at = await endpoint({ holds: true });
    const free = await endpoint();
    const done = await filled(1, redis);
    const idle = done.work('--endpoint', free.url, '--follow', '--queue-timeout', '300ms');
    const busy = (await filled(5, redis)).work('--endpoint', at.url, '--limit', '2', '--queue-timeout', '300ms');
    await at.called(2);
    for (let enriched = 0; enriched < 1;) enriched = (await done.json()).totals.enriched;
    await redis.kill();
    await busy.shows('stderr', 'Redis is away');
    at.release();
    const nothing = await idle.ended;
    expect(nothing.code).toBe(3);
    expect(nothing.stderr).toContain('Redis was away for');
    const held = await busy.ended;
    expect(held.code).toBe(5);
    expect(held.stderr).toMatch(/2 answered and not saved: C-[12], C-[12]/);
  });

  test('a queue that is emptied under a worker: exit 3, and it says so', async () => {
    const at = await endpoint({ holds: true });
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const place = await filled(5, redis);
    const worker = place.work('--endpoint', at.url, '--limit', '2');
    await at.called(2);
    redis.cli('FLUSHALL');
    at.release();
    const { code, stderr } = await worker.ended;
    expect(code).toBe(3);
    expect(stderr).toContain('was emptied, or Redis has lost its data');
  });

  test('a password is in no output, and a wrong one, or none, is exit 3', async () => {
    const redis = await startRedis(['--requirepass', 'geheimes-Wort']);
    onTestFinished(() => redis.close());
    const url = (login: string): string => `redis://${login}127.0.0.1:${redis.port}/0#q`;
    for (const login of ['', ':falsch@', 'nobody:falsch@']) {
      const { code, stderr } = await runBinary(['queue', '--queue', url(login)]);
      expect([code, stderr.includes('refuses the log-in')]).toEqual([3, true]);
      expect(stderr).not.toContain('falsch');
    }
    const at = await endpoint();
    const args = ['enrich', '--queue', url(':geheimes-Wort@'), '--endpoint', at.url, '--log-level', 'trace'];
    const { code, stderr } = await runBinary(args);
    expect(code).toBe(0);
    expect(stderr).toContain('nothing waits in');
    expect(stderr).not.toContain('geheimes-Wort');
    const wrong = await runBinary(['queue', '--queue', `redis://:geheimes-Wort@127.0.0.1:${redis.port}/x#q`]);
    expect([wrong.code, wrong.stderr.includes('geheimes')]).toEqual([2, false]);
  });

  test('a Redis that may throw cases away is refused, and so is one that is not there', async () => {
    const redis = await startRedis(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru']);
    onTestFinished(() => redis.close());
    const evicting = await runBinary(['queue', '--queue', redis.queue('q')]);
    expect([evicting.code, evicting.stderr.includes('maxmemory-policy allkeys-lru')]).toEqual([2, true]);
    const none = await runBinary(['queue', '--queue', 'redis://127.0.0.1:1/0#q']);
    expect([none.code, none.stderr.includes('nothing listens there')]).toEqual([3, true]);
  });

  test('a user who may not do something is told what', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    redis.cli('ACL', 'SETUSER', 'few', 'on', '>pw', '~*', '&*', '+@all', '-xadd');
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'cases.ndjson'), ndjsonCases(1));
    const url = `redis://few:pw@127.0.0.1:${redis.port}/0#q`;
    const { code, stderr } = await runBinary(['enqueue', 'cases.ndjson', '--queue', url], { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(/may not do what a queue needs/);
  });

  test('--max-queue makes a pipe wait, --max-results the worker', async () => {
    const at = await endpoint();
    const place = await filled(1);
    const fed = startBinary(['enqueue', '-', '--queue', place.queue, '--max-queue', '1'], { stdin: ndjsonCases(40) });
    const worker = place.work('--endpoint', at.url, '--follow', '--max-results', '10', '--limit', '2');
    await worker.shows('stderr', '10 results are not collected (--max-results): waiting');
    expect((await place.json()).results).toBeLessThanOrEqual(10);
    const collect = startBinary(['report', '--queue', place.queue, '-o', 'run.ndjson', '--follow'], { cwd: place.cwd });
    await at.called(40);
    expect((await fed.ended).code).toBe(0);
    for (const one of [worker, collect]) one.child.kill('SIGTERM');
    expect((await worker.ended).code).toBe(143);
    expect((await collect.ended).code).toBe(143);
    expect(at.calls.size).toBe(40);
  });

  test.each([
    ['loses its connection after every 20 commands', { cutAfter: 20 }],
    ['is slow', { delayMs: 30 }],
  ])('a Redis that %s: every case once', async (_, options) => {
    const at = await endpoint();
    const place = await filled(200);
    const proxy = await flakyProxy(server.port, options);
    const through = place.queue.replace(`:${server.port}/`, `:${proxy.port}/`);
    const { code } = await runBinary(['enrich', '--queue', through, '--endpoint', at.url, '--limit', '20']);
    expect(code).toBe(0);
    expect(proxy.cuts() > 0).toBe('cutAfter' in options);
    expect([...at.calls.values()].every((count) => count === 1)).toBe(true);
    expect(await place.json()).toMatchObject({ waiting: 0, inWork: 0, totals: { enriched: 200, late: 0 } });
  });
});
