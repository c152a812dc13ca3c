/** How late a timeout is when many calls are in flight and the endpoint never answers. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeCases } from '../lib/cases.js';
import { CLIENT, measure } from '../lib/child.js';
import { enrichArgv, type Job } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import type { Program } from '../lib/programs.js';
import { percentile, spread } from '../lib/stats.js';
import { startDelayed } from '../lib/server.js';
import { printTable, type Row } from '../lib/table.js';

const LIMIT = 1000;
const CASES = 5000;
const TIMEOUT_MS = 500;

const SHARES = [0.5, 0.99, 1];

export async function timeouts({ rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, CASES);
  const endpoint = await startDelayed('never');
  const found = new Map<Program, number[][]>(programs.map((program) => [program, []]));
  try {
    const job = { port: endpoint.port, folder, file, cases: CASES, limit: LIMIT };
    for (let round = 0; round < rounds; round++) {
      for (const program of programs) found.get(program)?.push(await overshoot(program, job));
    }
  } finally {
    await endpoint.stop();
  }
  const rows = [...found].map(([{ name }, values]) => overshootRow(name, values));
  const title = `Timeouts: ${CASES} cases, ${LIMIT} in flight, ${TIMEOUT_MS} ms; how much later (ms)`;
  printTable(title, ['', 'p50', 'p99', 'max'], rows);
}

function overshootRow(name: string, rounds: readonly (readonly number[])[]): Row {
  const shares = SHARES.map((_, at) => rounds.map((values) => values[at] ?? Number.NaN));
  return [`overshoot of ${name}`, ...shares.map((values) => spread(values, 1))];
}

/** How much later than the timeout the attempts of a run ended: half of them, 99 %, and the last one. */
async function overshoot(program: Program, job: Job): Promise<number[]> {
  const flags = ['--timeout', `${TIMEOUT_MS}ms`, '--retries', '0', '--max-failures', 'none'];
  await measure(enrichArgv(program, job, ...flags), { ...CLIENT, allowed: [1] });
  const late = durations(join(job.folder, 'run.ndjson')).map((ms) => ms - TIMEOUT_MS);
  return SHARES.map((share) => percentile(late, share));
}

function durations(journal: string): number[] {
  const lines = readFileSync(journal, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { durationMs?: number });
  return lines.flatMap(({ durationMs }) => durationMs ?? []);
}
