/** How many cases a second, and at what price, with an endpoint that answers at once. */

import { writeCases } from '../lib/cases.js';
import { FLOOR, peers } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { enrichClients } from '../lib/programs.js';
import { compare } from '../lib/rounds.js';
import { startFast } from '../lib/server.js';

export async function throughput(options: BenchOptions, folder: string): Promise<void> {
  const { cases, limit, rounds, programs } = options;
  const file = writeCases(folder, cases);
  const endpoint = await startFast(folder);
  try {
    const clients = [FLOOR, ...enrichClients(programs), ...(options.quick ? [] : peers())];
    const title = `Throughput: ${cases} cases, ${limit} in flight, ${endpoint.name}`;
    await compare(title, clients, { port: endpoint.port, folder, file, cases, limit }, rounds);
  } finally {
    await endpoint.stop();
  }
}
