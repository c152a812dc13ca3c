/** Answers of 100 KB: then bytes count, not calls. */

import { writeCases } from '../lib/cases.js';
import { FLOOR } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { enrichClients } from '../lib/programs.js';
import { compare } from '../lib/rounds.js';
import { startQuick } from '../lib/server.js';

const BYTES = 100_000;
// Each case is 100 KB in the journal: 20,000 cases would be 2 GB.
const FEWER = 10;

export async function large({ cases, limit, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const count = Math.max(1, Math.round(cases / FEWER));
  const file = writeCases(folder, count);
  const endpoint = await startQuick(BYTES);
  try {
    const title = `Answers of ${BYTES / 1000} KB: ${count} cases, ${limit} in flight, ${endpoint.name}`;
    const job = { port: endpoint.port, folder, file, cases: count, limit };
    await compare(title, [FLOOR, ...enrichClients(programs)], job, rounds);
  } finally {
    await endpoint.stop();
  }
}
