/** What it gives when the endpoint takes many cases in one call. */

import { writeCases } from '../lib/cases.js';
import type { Client, Job } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { enrichClients } from '../lib/programs.js';
import { compare } from '../lib/rounds.js';
import { startDelayed } from '../lib/server.js';

const SIZE = 100;

export async function batch({ cases, limit, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, cases);
  for (const delayMs of [0, 20]) {
    const endpoint = await startDelayed(delayMs);
    try {
      const title = `Batches: ${cases} cases, ${limit} in flight, ${endpoint.name} (floor: one call a case)`;
      const batched = enrichClients(programs, ` --batch ${SIZE}`, '--batch', String(SIZE)).map(withoutId);
      await compare(
        title,
        [...enrichClients(programs), ...batched],
        { port: endpoint.port, folder, file, cases, limit },
        rounds,
      );
    } finally {
      await endpoint.stop();
    }
  }
}

/** A batch has one address for all its cases. */
function withoutId(client: Client): Client {
  const argv = client.argv.bind(client);
  // The same object: one of another revision names it as what it is held against.
  return Object.assign(client, {
    argv: (job: Job) => argv(job).map((word) => word.replace('/enrichments/{id}', '/enrichments')),
  });
}
