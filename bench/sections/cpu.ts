/** What a case costs in CPU time, measured so that one per cent can be told: all clients run at the same time. */

import { writeCases } from '../lib/cases.js';
import { FLOOR } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { enrichClients } from '../lib/programs.js';
import { startQuick } from '../lib/server.js';
import { compareTogether } from '../lib/together.js';

const SMALL_ANSWER = 88;

export async function cpu({ cases, limit, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, cases);
  const endpoint = await startQuick(SMALL_ANSWER);
  try {
    const clients = [FLOOR, ...enrichClients(programs)];
    const title = `CPU of ${clients.length} clients at once: ${cases} cases, ${limit} in flight, ${endpoint.name}`;
    await compareTogether(title, clients, { port: endpoint.port, folder, file, cases, limit }, rounds);
  } finally {
    await endpoint.stop();
  }
}
