/** Peak memory with a hundred times the cases; and whether the rate holds. */

import { join } from 'node:path';
import { writeCases } from '../lib/cases.js';
import { CLIENT, type Cost, measure } from '../lib/child.js';
import { enrichArgv, type Job } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import type { Program } from '../lib/programs.js';
import { startFast } from '../lib/server.js';
import { note, printTable, type Row } from '../lib/table.js';

const FEW = 10_000;

const OUTPUTS = [
  { name: 'journal', output: 'run.ndjson', flags: [] },
  { name: 'JSON report, order of completion', output: 'report.json', flags: ['--order', 'completion'] },
  { name: 'JSON report, order of input', output: 'report.json', flags: ['--order', 'input'] },
];

export async function memory({ limit, records, programs }: BenchOptions, folder: string): Promise<void> {
  const files = [FEW, records].map((cases) => ({ cases, file: writeCases(folder, cases) }));
  const endpoint = await startFast(folder);
  const rows: Row[] = [];
  try {
    for (const { name, output, flags } of OUTPUTS) {
      for (const program of programs) {
        const costs: Cost[] = [];
        for (const { cases, file } of files) {
          const job: Job = { port: endpoint.port, folder, file, cases, limit };
          const cost = await measure(enrichArgv(program, job, ...flags, '-o', join(folder, output)), CLIENT);
          note(`memory: ${name}, ${cases} cases: ${cost.peakMiB.toFixed(0)} MiB`);
          costs.push(cost);
        }
        rows.push(rowOf(labelOf(name, program, programs), costs, records));
      }
    }
  } finally {
    await endpoint.stop();
  }
  const head = ['output', `peak MiB at ${FEW}`, `at ${records}`, 'bytes a case more', `cases/s at ${records}`];
  printTable('Memory', head, rows);
}

function labelOf(name: string, program: Program, programs: readonly Program[]): string {
  return programs.length === 1 ? name : `${name}, ${program.name}`;
}

function rowOf(name: string, [few, many]: readonly Cost[], records: number): Row {
  if (few === undefined || many === undefined) return [name];
  const more = ((many.peakMiB - few.peakMiB) * 2 ** 20) / (records - FEW);
  const rate = (records / many.wallMs) * 1000;
  return [name, few.peakMiB.toFixed(0), many.peakMiB.toFixed(0), more.toFixed(0), rate.toFixed(0)];
}
