/** Cases from a queue in Redis, against the same from a file. */

import { writeCases } from '../lib/cases.js';
import { atEnd, isInstalled, measure } from '../lib/child.js';
import { callFlags, type Client } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { argvOf, clientsOf, enrichClients, OURS } from '../lib/programs.js';
import { compare } from '../lib/rounds.js';
import { startFast } from '../lib/server.js';
import { note } from '../lib/table.js';

export async function queue({ cases, limit, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  if (!isInstalled('redis-server')) return note('queue: left out, there is no redis-server here');
  const { startRedis } = await import('../../test/helpers/redis-server.js');
  const file = writeCases(folder, cases);
  const redis = await startRedis();
  atEnd(() => void redis.kill());
  const endpoint = await startFast(folder);
  const url = redis.queue('bench');
  const empty = (): void => void redis.cli('flushall');
  const filled = async (): Promise<void> => {
    empty();
    await measure(argvOf(OURS, 'enqueue', file, '--queue', url));
  };
  const put = clientsOf(programs, 'enqueue', (program) => argvOf(program, 'enqueue', file, '--queue', url));
  const work = clientsOf(programs, 'enrich --queue', (program, job) =>
    argvOf(program, 'enrich', '--queue', url, ...callFlags(job)),
  );
  const prepared = (clients: readonly Client[], prepare: () => Promise<void> | void): Client[] =>
    clients.map((client) => Object.assign(client, { prepare }));
  try {
    const title = `Queue: ${cases} cases, ${limit} in flight, ${endpoint.name} (floor: from a file to a journal)`;
    const clients = [...enrichClients(programs), ...prepared(put, empty), ...prepared(work, filled)];
    await compare(title, clients, { port: endpoint.port, folder, file, cases, limit }, rounds);
  } finally {
    await endpoint.stop();
    await redis.close();
  }
}
