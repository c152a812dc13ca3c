/** The same with an endpoint that takes its time: then waiting is nearly all there is. */

import { writeCases } from '../lib/cases.js';
import { FETCH, FLOOR } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { enrichClients } from '../lib/programs.js';
import { compare } from '../lib/rounds.js';
import { startDelayed } from '../lib/server.js';

// Long enough for the start of a program to weigh little.
const SECONDS = 20;

export async function latency({ limit, rounds, quick, programs }: BenchOptions, folder: string): Promise<void> {
  for (const delayMs of [20, 100]) {
    const cases = Math.round((SECONDS * limit * 1000) / delayMs);
    const file = writeCases(folder, cases);
    const endpoint = await startDelayed(delayMs);
    try {
      const title = `Latency: ${cases} cases, ${limit} in flight, ${endpoint.name}`;
      const clients = [FLOOR, ...enrichClients(programs), ...(quick ? [] : [FETCH])];
      await compare(title, clients, { port: endpoint.port, folder, file, cases, limit }, rounds);
    } finally {
      await endpoint.stop();
    }
  }
}
