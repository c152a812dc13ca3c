/** What it gives when the endpoint takes many cases in one call. */

import { writeCases } from '../lib/cases.js';
import { type Client, OURS, enrichArgv } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { compare } from '../lib/rounds.js';
import { startDelayed } from '../lib/server.js';

const SIZE = 100;

const BATCHED: Client = {
  name: `case-tracker enrich --batch ${SIZE}`,
  argv: (job) => {
    const argv = enrichArgv(job, '--batch', String(SIZE));
    return argv.map((word) => word.replace('/enrichments/{id}', '/enrichments'));
  },
};

export async function batch({ cases, limit, rounds }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, cases);
  for (const delayMs of [0, 20]) {
    const endpoint = await startDelayed(delayMs);
    try {
      const title = `Batches: ${cases} cases, ${limit} in flight, ${endpoint.name} (floor: one call a case)`;
      await compare(title, [OURS, BATCHED], { port: endpoint.port, folder, file, cases, limit }, rounds);
    } finally {
      await endpoint.stop();
    }
  }
}
