/** What each promise costs: the floor with one duty of `enrich` after another, and the whole program. */

import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { writeCases } from '../lib/cases.js';
import { FLOOR, type Client } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { enrichClients } from '../lib/programs.js';
import { compare } from '../lib/rounds.js';
import { startFast } from '../lib/server.js';

const STEPS = fileURLToPath(new URL('../clients/steps.mjs', import.meta.url));
const DUTIES = ['+ three headers', '+ reading', '+ keys', '+ answers checked, results appended'];

export async function costs({ cases, limit, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, cases);
  const endpoint = await startFast(folder);
  try {
    const job = { port: endpoint.port, folder, file, cases, limit };
    const clients = [FLOOR, ...DUTIES.map(stepClient), ...enrichClients(programs)];
    await compare(`Costs: ${cases} cases, ${limit} in flight`, clients, job, rounds);
  } finally {
    await endpoint.stop();
  }
}

function stepClient(name: string, at: number): Client {
  return {
    name,
    argv: ({ port, folder, file, cases, limit }) => {
      const given = [port, file, cases, limit, at + 1, join(folder, 'steps.ndjson')].map(String);
      return [process.execPath, STEPS, ...given];
    },
  };
}
