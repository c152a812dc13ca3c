/** CSV at either end, against NDJSON into a journal. */

import { join } from 'node:path';
import { type FileForm, writeCases } from '../lib/cases.js';
import { type Client, enrichArgv, type Job } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { clientsOf, type Program } from '../lib/programs.js';
import { compare } from '../lib/rounds.js';
import { startFast } from '../lib/server.js';

const WAYS: readonly { readonly name: string; readonly from: FileForm; readonly output: string }[] = [
  { name: 'NDJSON to a journal', from: 'ndjson', output: 'run.ndjson' },
  { name: 'CSV to a journal', from: 'csv', output: 'run.ndjson' },
  { name: 'NDJSON to CSV', from: 'ndjson', output: 'run.csv' },
  { name: 'CSV to CSV', from: 'csv', output: 'run.csv' },
];

export async function csv({ cases, limit, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const files = { ndjson: writeCases(folder, cases), csv: writeCases(folder, cases, 'csv') };
  const endpoint = await startFast(folder);
  const clients = WAYS.flatMap(({ name, from, output }): Client[] =>
    clientsOf(programs, `enrich, ${name}`, (program: Program, job: Job) =>
      enrichArgv(program, { ...job, file: files[from as 'ndjson' | 'csv'] }, '-o', join(folder, output)),
    ),
  );
  try {
    const title = `CSV: ${cases} cases, ${limit} in flight, ${endpoint.name} (floor: NDJSON to a journal)`;
    await compare(title, clients, { port: endpoint.port, folder, file: files.ndjson, cases, limit }, rounds);
  } finally {
    await endpoint.stop();
  }
}
