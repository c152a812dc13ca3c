/** `npm run bench`: measures and prints tables on stdout; what is going on is told on stderr. */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChildren } from './lib/child.js';
import { type BenchOptions, readOptions, type SectionName } from './lib/options.js';
import { OURS, type Program } from './lib/programs.js';
import { type Revision, revision } from './lib/revision.js';
import { note } from './lib/table.js';
import { batch } from './sections/batch.js';
import { costs } from './sections/costs.js';
import { cpu } from './sections/cpu.js';
import { csv } from './sections/csv.js';
import { https } from './sections/https.js';
import { large } from './sections/large.js';
import { latency } from './sections/latency.js';
import { memory } from './sections/memory.js';
import { queue } from './sections/queue.js';
import { reading } from './sections/reading.js';
import { startup } from './sections/startup.js';
import { table } from './sections/table.js';
import { throughput } from './sections/throughput.js';
import { timeouts } from './sections/timeouts.js';
import { watched } from './sections/watched.js';

type Section = (options: BenchOptions, folder: string) => Promise<void>;

const RUN: Readonly<Record<SectionName, Section>> = {
  throughput,
  cpu,
  costs,
  latency,
  batch,
  https,
  large,
  csv,
  queue,
  table,
  watched,
  startup,
  reading,
  timeouts,
  memory,
};

const options = readOptions(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), 'case-tracker-bench-'));
// What sections put into temporary folders goes too; PostgreSQL runs as another user.
chmodSync(folder, 0o755);
process.env['TMPDIR'] = folder;
const others: Revision[] = [];
process.once('SIGINT', () => stop(130)).once('SIGTERM', () => stop(143));
try {
  process.stdout.write(`Node ${process.version}, ${cpus().length} cores, ${options.rounds} rounds\n`);
  const programs = await programsToMeasure();
  for (const name of options.sections) {
    note(`\n${name}`);
    await RUN[name]({ ...options, programs }, folder);
  }
} finally {
  leaveNothing();
}

async function programsToMeasure(): Promise<Program[]> {
  others.push(...options.against.map((name) => revision(name, folder)));
  const programs = [OURS];
  for (const other of others) programs.push(await other.build());
  return programs;
}

function stop(code: number): void {
  leaveNothing();
  process.exit(code);
}

function leaveNothing(): void {
  endChildren();
  for (const other of others) other.remove();
  rmSync(folder, { recursive: true, force: true });
}
