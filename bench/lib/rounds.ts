/** Clients side by side: every round runs each of them once, so that a drift of the machine touches all alike. */

import { CLIENT, measure, type Cost } from './child.js';
import type { Client, Job } from './clients.js';
import { median, spread } from './stats.js';
import { note, printTable, type Row } from './table.js';

interface Run extends Cost {
  /** Cases per second of the whole process, start and end included. */
  readonly rate: number;
  readonly cpuUsPerCase: number;
}

const HEAD = ['client', 'cases/s', 'rate : floor', 'CPU µs/case', 'CPU : floor', 'peak MiB'];

/** Runs the rounds and prints one table; the first client is what the others are held against. */
export async function compare(title: string, clients: readonly Client[], job: Job, rounds: number): Promise<void> {
  const runs = new Map<Client, Run[]>(clients.map((client) => [client, []]));
  for (let round = 0; round < rounds; round++) {
    for (const client of clients) {
      const run = await runOnce(client, job);
      runs.get(client)?.push(run);
      note(`round ${round + 1}: ${client.name}: ${Math.round(run.rate)}/s, ${run.cpuUsPerCase.toFixed(0)} µs`);
    }
  }
  const [floor] = clients;
  const floors = (floor && runs.get(floor)) ?? [];
  printTable(
    title,
    HEAD,
    clients.map((client) => rowOf(client, runs.get(client) ?? [], floors)),
  );
}

async function runOnce(client: Client, job: Job): Promise<Run> {
  const cost = await measure(client.argv(job), CLIENT);
  const cases = client.requests?.(cost.stdout) ?? job.cases;
  return { ...cost, rate: (cases / cost.wallMs) * 1000, cpuUsPerCase: (cost.cpuMs / cases) * 1000 };
}

function rowOf({ name }: Client, runs: readonly Run[], floors: readonly Run[]): Row {
  const ratios = (of: (run: Run) => number): number[] => runs.map((run, round) => of(run) / of(floors[round] ?? run));
  return [
    name,
    String(Math.round(median(runs.map((run) => run.rate)))),
    spread(ratios((run) => run.rate)),
    median(runs.map((run) => run.cpuUsPerCase)).toFixed(0),
    spread(ratios((run) => run.cpuUsPerCase)),
    median(runs.map((run) => run.peakMiB)).toFixed(0),
  ];
}
