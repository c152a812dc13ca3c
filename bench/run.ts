/** `npm run bench`: measures and prints tables on stdout; what is going on is told on stderr. */

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchOptions, readOptions, type SectionName } from './lib/options.js';
import { note } from './lib/table.js';
import { batch } from './sections/batch.js';
import { costs } from './sections/costs.js';
import { latency } from './sections/latency.js';
import { memory } from './sections/memory.js';
import { reading } from './sections/reading.js';
import { startup } from './sections/startup.js';
import { throughput } from './sections/throughput.js';
import { timeouts } from './sections/timeouts.js';

type Section = (options: BenchOptions, folder: string) => Promise<void>;

const RUN: Readonly<Record<SectionName, Section>> = {
  throughput,
  costs,
  latency,
  batch,
  startup,
  reading,
  timeouts,
  memory,
};

const options = readOptions(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), 'case-tracker-bench-'));
try {
  process.stdout.write(`Node ${process.version}, ${cpus().length} cores, ${options.rounds} rounds\n`);
  for (const name of options.sections) {
    note(`\n${name}`);
    await RUN[name](options, folder);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
