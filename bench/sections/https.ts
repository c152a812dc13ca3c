/** The same over TLS: what the encryption leaves of the difference. */

import { writeCases } from '../lib/cases.js';
import { FLOOR } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { enrichClients } from '../lib/programs.js';
import { compare } from '../lib/rounds.js';
import { type Endpoint, startQuickTls } from '../lib/server.js';

export async function https({ cases, limit, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, cases);
  const endpoint = await startQuickTls(folder);
  try {
    const title = `HTTPS: ${cases} cases, ${limit} in flight, ${endpoint.name}`;
    const job = { port: endpoint.port, folder, file, cases, limit, ...caOf(endpoint) };
    await compare(title, [FLOOR, ...enrichClients(programs)], job, rounds);
  } finally {
    await endpoint.stop();
  }
}

function caOf({ ca }: Endpoint): { readonly ca?: string } {
  return ca === undefined ? {} : { ca };
}
