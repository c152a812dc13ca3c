/** What it costs to be watched: the live page without anybody, with a reader, with one that never reads; a webhook. */

import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { writeCases } from '../lib/cases.js';
import type { Client } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { enrichClients, knows, type Program } from '../lib/programs.js';
import { compare } from '../lib/rounds.js';
import { startFast } from '../lib/server.js';
import { note } from '../lib/table.js';

export async function watched({ cases, limit, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, cases);
  const endpoint = await startFast(folder);
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
    await compare(title, clients, { port: endpoint.port, folder, file, cases, limit }, rounds);
  } finally {
    hook.close();
    await endpoint.stop();
  }
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

/** Joins the page whose address is said on stderr, and stays until the end. */
function joiner(joined: (socket: WebSocket) => void): (text: string) => void {
  let said = '';
  let isJoined = false;
  return (text) => {
    said += text;
    const [, host, token] = /http:\/\/(\S+?)\/#(\S+)\s/.exec(said) ?? [];
    if (isJoined || host === undefined || token === undefined) return;
    isJoined = true;
    const protocols = ['case-tracker.v1', `bearer.${token}`];
    const socket = new WebSocket(`ws://${host}/api/run/events`, protocols, { origin: `http://${host}` });
    socket.on('open', () => joined(socket)).on('error', (error) => note(`watched: ${error.message}`));
  };
}

/** A file with one webhook URL. */
function hooksFile(folder: string, port: number): string {
  const path = join(folder, 'hooks.txt');
  writeFileSync(path, `http://127.0.0.1:${port}/hook\n`, { mode: 0o600 });
  return path;
}
