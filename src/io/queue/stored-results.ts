/** What is read from a queue without taking anything: its results, what it knows of ids, the cases that wait. */

import { stateField } from './keys.js';
import type { RedisQueue } from './redis-queue.js';
import { QueueGone } from './refusals.js';

export interface StoredResult {
  /** Its id in the stream, which grows from result to result. */
  readonly id: string;
  readonly line: string;
}

/** An entry of a stream: its id, and its fields and values in turn. */
export type StreamEntry = readonly [id: string, fields: readonly string[]];

/** Results that came after this one, all when it is empty; at most `count`. */
export async function resultsAfter(queue: RedisQueue, after: string, count: number): Promise<readonly StoredResult[]> {
  const from = after === '' ? '-' : `(${after}`;
  const reply = await queue.link.call(['XRANGE', queue.keys.results, from, '+', 'COUNT', String(count)]);
  return (reply as unknown as readonly StreamEntry[]).map(([id, fields]) => ({ id, line: valueOf(fields, 'r') ?? '' }));
}

/** Removes the results up to this one. */
export async function trimResults(queue: RedisQueue, upTo: string): Promise<void> {
  const [ms = '0', sequence = '0'] = upTo.split('-');
  await queue.link.call(['XTRIM', queue.keys.results, 'MINID', `${ms}-${BigInt(sequence) + 1n}`]);
}

/** What the queue knows of a case. */
export interface KnownCase {
  readonly digest: string;
  /** True when its newest text has no result yet. */
  readonly isOpen: boolean;
}

/** What the queue knows of these ids. */
export async function knownCases(
  queue: RedisQueue,
  ids: readonly string[],
): Promise<readonly (KnownCase | undefined)[]> {
  if (ids.length === 0) return [];
  const reply = await queue.link.call(['HMGET', queue.keys.state, ...ids.map(stateField)]);
  return (reply as readonly (string | null)[]).map((state) => {
    const [, digest = '', status] = state?.split('|') ?? [];
    return status === undefined ? undefined : { digest, isOpen: status === 'w' };
  });
}

/** The first cases that wait or are in work; they stay where they are. */
export async function firstCases(queue: RedisQueue, count: number): Promise<readonly StreamEntry[]> {
  const reply = await queue.link.call(['XRANGE', queue.keys.jobs, '-', '+', 'COUNT', String(count)]);
  return reply as unknown as readonly StreamEntry[];
}

/** Throws QueueGone when the queue is not the one that was opened. */
export async function assertSame(queue: RedisQueue): Promise<void> {
  if ((await queue.link.call(['HGET', queue.keys.meta, 'id'])) === queue.id) return;
  throw new QueueGone(`${queue.where} was emptied, or Redis has lost its data`, {
    hint: 'enqueue the cases again, and collect into another file; appendonly yes in redis.conf keeps them',
  });
}

/** The value of a field of a stream's entry. */
export function valueOf(fields: readonly string[], name: string): string | undefined {
  const at = fields.findIndex((field, place) => place % 2 === 0 && field === name);
  return at === -1 ? undefined : fields[at + 1];
}
