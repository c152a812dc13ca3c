/** Clients side by side: every round runs each of them once, so that a drift of the machine touches all alike. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
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
const PAIR_HEAD = ['held against', 'rate : other', 'CPU : other'];

/**
 * Runs the rounds and prints one table; the first client is what the others are held against. Clients of another revision
 * are held against this checkout's in a second one.
 */
export async function compare(title: string, clients: readonly Client[], job: Job, rounds: number): Promise<void> {
  const runs = new Map<Client, Run[]>(clients.map((client) => [client, []]));
  for (let round = 0; round < rounds; round++) {
    // Who comes first would profit or suffer from it in each round.
    for (const client of round % 2 === 0 ? clients : clients.toReversed()) {
      const run = await runOnce(client, job);
      runs.get(client)?.push(run);
      note(`round ${round + 1}: ${client.name}: ${Math.round(run.rate)}/s, ${run.cpuUsPerCase.toFixed(0)} µs`);
    }
  }
  const runsOf = (client: Client | undefined): readonly Run[] => (client && runs.get(client)) ?? [];
  const rows = clients.map((client) => rowOf(client, runsOf(client), runsOf(clients[0])));
  printTable(title, HEAD, rows);
  const others = clients.filter((client) => client.revisionOf !== undefined);
  if (others.length === 0) return;
  const pairs = others.map((client) => pairOf(client, runsOf(client.revisionOf), runsOf(client)));
  printTable(`${title}: this checkout against the other revision`, PAIR_HEAD, pairs);
}

/**
 * Runs all clients of a round at the same time, so that whatever else the machine does touches all alike; prints CPU time.
 * Each gets a part of the core: what a client does by time rather than by case (frames of a page) weighs that much more.
 */
export async function compareAtOnce(
  title: string,
  clients: readonly Client[],
  job: Job,
  rounds: number,
): Promise<void> {
  const jobs = clients.map((_, at): Job => ({ ...job, folder: ownFolder(job.folder, at) }));
  const all: Run[][] = [];
  for (let round = 0; round < rounds; round++) {
    all.push(await Promise.all(clients.map((client, at) => runOnce(client, jobs[at] ?? job))));
    note(`round ${round + 1}: all at once`);
  }
  const rows = clients.map(({ name }, at): Row => {
    const runs = all.flatMap((round) => round[at] ?? []);
    const floors = all.flatMap((round) => round[0] ?? []);
    const cpu = median(runs.map((run) => run.cpuUsPerCase)).toFixed(0);
    return [name, cpu, spread(ratios(runs, floors, 'cpuUsPerCase'), 3), peakOf(runs)];
  });
  printTable(title, ['client', 'CPU µs/case', 'CPU : floor', 'peak MiB'], rows);
}

/** Clients that run at the same time write files of the same name. */
function ownFolder(folder: string, at: number): string {
  const own = join(folder, `client-${at}`);
  mkdirSync(own, { recursive: true });
  return own;
}

function peakOf(runs: readonly Run[]): string {
  return median(runs.map((run) => run.peakMiB)).toFixed(0);
}

async function runOnce(client: Client, job: Job): Promise<Run> {
  await client.prepare?.(job);
  const onStderr = client.listener?.();
  const cost = await measure(client.argv(job), { ...CLIENT, ...(onStderr && { onStderr }) });
  const cases = client.requests?.(cost.stdout) ?? job.cases;
  return { ...cost, rate: (cases / cost.wallMs) * 1000, cpuUsPerCase: (cost.cpuMs / cases) * 1000 };
}

function rowOf({ name }: Client, runs: readonly Run[], floors: readonly Run[]): Row {
  return [
    name,
    String(Math.round(median(runs.map((run) => run.rate)))),
    spread(ratios(runs, floors, 'rate')),
    median(runs.map((run) => run.cpuUsPerCase)).toFixed(0),
    spread(ratios(runs, floors, 'cpuUsPerCase')),
    peakOf(runs),
  ];
}

function pairOf({ name }: Client, ours: readonly Run[], theirs: readonly Run[]): Row {
  return [name, spread(ratios(ours, theirs, 'rate')), spread(ratios(ours, theirs, 'cpuUsPerCase'))];
}

/** Within each round. */
function ratios(runs: readonly Run[], base: readonly Run[], of: 'rate' | 'cpuUsPerCase'): number[] {
  return runs.map((run, round) => run[of] / (base[round]?.[of] ?? Number.NaN));
}
