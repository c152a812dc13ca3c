/** How late a timeout is when many calls are in flight and the endpoint never answers. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeCases } from '../lib/cases.js';
import { CLIENT, measure } from '../lib/child.js';
import { enrichArgv } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { percentile, spread } from '../lib/stats.js';
import { startDelayed } from '../lib/server.js';
import { printTable } from '../lib/table.js';

const LIMIT = 1000;
const CASES = 5000;
const TIMEOUT_MS = 500;

export async function timeouts({ rounds }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, CASES);
  const endpoint = await startDelayed('never');
  const flags = ['--timeout', `${TIMEOUT_MS}ms`, '--retries', '0', '--max-failures', 'none'];
  const shares = [0.5, 0.99, 1];
  const found: number[][] = shares.map(() => []);
  try {
    for (let round = 0; round < rounds; round++) {
      const job = { port: endpoint.port, folder, file, cases: CASES, limit: LIMIT };
      await measure(enrichArgv(job, ...flags), { ...CLIENT, allowed: [1] });
      const late = durations(join(folder, 'run.ndjson')).map((ms) => ms - TIMEOUT_MS);
      for (const [at, share] of shares.entries()) found[at]?.push(percentile(late, share));
    }
  } finally {
    await endpoint.stop();
  }
  const cells = found.map((values) => spread(values, 1));
  const title = `Timeouts: ${CASES} cases, ${LIMIT} in flight, ${TIMEOUT_MS} ms; how much later (ms)`;
  printTable(title, ['', 'p50', 'p99', 'max'], [['overshoot', ...cells]]);
}

function durations(journal: string): number[] {
  const lines = readFileSync(journal, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { durationMs?: number });
  return lines.flatMap(({ durationMs }) => durationMs ?? []);
}
