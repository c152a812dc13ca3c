/**
 * Clients at the same time on the same core: whatever disturbs one of them disturbs the others alike, so that the ratios of
 * their CPU times hold within 1 % where runs one after another differ by 20 %. Rates mean nothing here.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT, measure } from './child.js';
import type { Client, Job } from './clients.js';
import { median, middle } from './stats.js';
import { note, printTable, type Row } from './table.js';

const HEAD = ['client', 'CPU µs/case', 'CPU : floor'];

/**
 * Runs the rounds and prints one table; the first client is what the others are held against. Clients of another revision
 * are held against this checkout's in a second one.
 */
export async function compareTogether(
  title: string,
  clients: readonly Client[],
  job: Job,
  rounds: number,
): Promise<void> {
  const found: number[][] = clients.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const costs = await runTogether(clients, job, round);
    costs.forEach((cost, at) => found[at]?.push(cost));
    note(`round ${round + 1}: ${costs.map((cost) => cost.toFixed(2)).join(', ')} µs`);
  }
  const of = new Map(clients.map((client, at) => [client, found[at] ?? []]));
  const rows = clients.map((client): Row => {
    const costs = of.get(client) ?? [];
    return [client.name, median(costs).toFixed(1), middle(ratios(costs, found[0]))];
  });
  printTable(title, HEAD, rows);
  const others = clients.filter(({ revisionOf }) => revisionOf !== undefined);
  if (others.length === 0) return;
  const pairs = others.map((client): Row => {
    const ours = client.revisionOf && of.get(client.revisionOf);
    return [client.name, middle(ratios(ours ?? [], of.get(client)))];
  });
  printTable(`${title}: this checkout against other revisions`, ['held against', 'CPU : other'], pairs);
}

/** Microseconds of CPU time a case, in the order of the clients; each has a folder of its own to write to. */
async function runTogether(clients: readonly Client[], job: Job, round: number): Promise<number[]> {
  const costs: number[] = [];
  // Who is started first runs alone for a moment.
  const order = [...clients.keys()].map((_, at) => (at + round) % clients.length);
  await Promise.all(
    order.map(async (at) => {
      const client = clients[at];
      if (client === undefined) return;
      const folder = join(job.folder, `together-${at}`);
      mkdirSync(folder, { recursive: true });
      costs[at] = ((await measure(client.argv({ ...job, folder }), CLIENT)).cpuMs / job.cases) * 1000;
    }),
  );
  return costs;
}

/** Within each round. */
function ratios(costs: readonly number[], base: readonly number[] = []): number[] {
  return costs.map((cost, round) => cost / (base[round] ?? Number.NaN));
}
