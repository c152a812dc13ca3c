/** Queues in the Redis of a test: opened, filled and emptied as other programs would. */

import { onTestFinished } from 'vitest';
import { parseQueueAddress, type QueueAddress } from '../../src/core/queue-address.js';
import { realClock } from '../../src/host.js';
import { type Connect, connectRedis, type Connection } from '../../src/io/queue/connection.js';
import { textDigest } from '../../src/io/queue/digest.js';
import { openQueue, type QueueOptions, type RedisQueue } from '../../src/io/queue/redis-queue.js';
import type { RedisServer } from './redis-server.js';

export function addressOf(url: string): QueueAddress {
  const parsed = parseQueueAddress(url);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.address;
}

let queues = 0;

/** A name that no other test has. */
export function freshName(): string {
  return `q${process.pid}-${++queues}`;
}

/** Opens it for this test. */
export async function testQueue(
  server: RedisServer,
  { name = freshName(), ...options }: Partial<QueueOptions> & { readonly name?: string } = {},
): Promise<RedisQueue> {
  const queue = await openQueue({
    address: addressOf(server.queue(name)),
    clock: realClock,
    random: Math.random,
    timeoutMs: 5_000,
    create: true,
    ...options,
  });
  onTestFinished(() => queue.close());
  return queue;
}

/** Cases with these ids. */
export async function fill(queue: RedisQueue, ids: readonly string[]): Promise<void> {
  const cases = ids.map((id) => queued(id));
  await queue.enqueue(cases, { again: false, most: 0 });
}

export function queued(id: string, text = JSON.stringify({ id })): Parameters<RedisQueue['enqueue']>[0][number] {
  return { id, text, digest: textDigest(text), place: `cases.ndjson:${1}` };
}

export const WANT = { count: 100, mostResults: 0, deliveries: 10, longest: 1 << 24 };

/** Result lines that are in Redis now. */
export async function storedLines(queue: RedisQueue): Promise<string[]> {
  const reply = await queue.link.call(['XRANGE', queue.keys.results, '-', '+']);
  return (reply as readonly (readonly [string, readonly string[]])[]).map(([, fields]) => fields[1] ?? '');
}

/** A connection whose commands a test can look at, hold up or refuse. */
export function watched(
  send: (args: readonly string[], go: () => ReturnType<Connection['send']>) => ReturnType<Connection['send']>,
): Connect {
  return async (options) => {
    const connection = await connectRedis(options);
    return {
      send: (args) => send(args, () => connection.send(args)),
      subscribe: (channel, heard) => connection.subscribe(channel, heard),
      destroy: () => connection.destroy(),
    };
  };
}

export function worker(
  name: string,
  more: { leaseMs?: number; settings?: string } = {},
): Parameters<RedisQueue['join']>[0] {
  return { name, leaseMs: 15_000, limit: 10, settings: 'a,b', label: `host/${name}`, ...more };
}
