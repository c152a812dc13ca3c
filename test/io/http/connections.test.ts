import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Connection, ConnectionPool } from '../../../src/io/http/connections.js';

/** A pool whose connections only note that they were dropped, and `count` of them borrowed. */
function poolWith(count: number): { pool: ConnectionPool; borrowed: Connection[]; dropped: Set<Connection> } {
  const dropped = new Set<Connection>();
  const borrowed: Connection[] = [];
  const pool = new ConnectionPool(count, () => {
    const connection = { drop: () => Promise.resolve(void dropped.add(connection)) } as unknown as Connection;
    return connection;
  });
  for (let at = 0; at < count; at++) pool.borrow({ proceed: (connection) => void borrowed.push(connection) });
  return { pool, borrowed, dropped };
}

test('a thousand discarded connections are not dropped in one turn of the event loop, but all of them are', async () => {
  const { pool, borrowed, dropped } = poolWith(1000);
  for (const connection of borrowed) pool.discard(connection);
  expect(dropped.size).toBe(0);
  let turns = 0;
  for (let before = -1; dropped.size < 1000; turns++) {
    expect(dropped.size).toBeGreaterThan(before);
    before = dropped.size;
    await nextTurn();
  }
  expect(turns).toBeGreaterThan(10);
});

test('a discarded connection is lent again only after it was dropped', async () => {
  const { pool, borrowed, dropped } = poolWith(1);
  const [connection] = borrowed;
  if (connection === undefined) throw new Error('no connection');
  const lent: { again: boolean; wasDropped: boolean }[] = [];
  pool.borrow({ proceed: (next) => void lent.push({ again: next === connection, wasDropped: dropped.has(next) }) });
  pool.discard(connection);
  expect(lent).toEqual([]);
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  expect(lent).toEqual([{ again: true, wasDropped: true }]);
});
