/** What it costs to be watched: the live page without anybody, with a reader, with one that never reads; a webhook. */

import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { writeCases } from '../lib/cases.js';
import type { Client } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { joiner } from '../lib/joiner.js';
import { enrichClients, knows, type Program } from '../lib/programs.js';
import { compare, compareAtOnce } from '../lib/rounds.js';
import { startQuick } from '../lib/server.js';
import { note } from '../lib/table.js';
import { lateness } from './lateness.js';

export async function watched({ cases, limit, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, cases);
  const endpoint = await startQuick(0);
  const hook = createServer((request, response) => request.resume().on('end', () => response.end())).listen(0);
  await once(hook, 'listening');
  try {
    const hooks = hooksFile(folder, (hook.address() as AddressInfo).port);
    const clients = [
      ...enrichClients(programs),
      ...withFlag(programs, '--live', liveClients),
      ...withFlag(programs, '--notify', (able) => enrichClients(able, ' --notify', '--notify', `@${hooks}`)),
    ];
    const title = `Watched: ${cases} cases, ${limit} in flight, ${endpoint.name} (floor: not watched)`;
    const job = { port: endpoint.port, folder, file, cases, limit };
    await compare(title, clients, job, rounds);
    await compareAtOnce(`${title}, all at once: CPU time only`, clients, job, rounds);
  } finally {
    hook.close();
    await endpoint.stop();
  }
  for (const program of programs.filter((one) => knows(one, '--live'))) await lateness(program, folder, rounds);
}

/** The clients of those programs that have the flag. */
function withFlag(
  programs: readonly Program[],
  flag: string,
  clients: (able: readonly Program[]) => Client[],
): Client[] {
  const able = programs.filter((program) => knows(program, flag));
  for (const { name } of programs.filter((one) => !able.includes(one))) note(`watched: ${name} has no ${flag}`);
  return clients(able);
}

function liveClients(programs: readonly Program[]): Client[] {
  const live = (label: string): Client[] => enrichClients(programs, ` --live, ${label}`, '--live');
  return [
    ...live('nobody there'),
    ...live('a reader').map((client) => Object.assign(client, { listener: () => joiner(() => {}) })),
    ...live('one that never reads').map((client) =>
      Object.assign(client, { listener: () => joiner((socket) => socket.pause()) }),
    ),
  ];
}

/** A file with one webhook URL. */
function hooksFile(folder: string, port: number): string {
  const path = join(folder, 'hooks.txt');
  writeFileSync(path, `http://127.0.0.1:${port}/hook\n`, { mode: 0o600 });
  return path;
}
