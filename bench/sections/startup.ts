/** How long the short commands take, against a Node that does nothing. */

import { writeCases } from '../lib/cases.js';
import { CLIENT, wallMs } from '../lib/child.js';
import { BIN } from '../lib/clients.js';
import type { BenchOptions } from '../lib/options.js';
import { median, spread } from '../lib/stats.js';
import { printTable } from '../lib/table.js';

const RUNS_A_ROUND = 4;
const CASES = 40;

export async function startup({ rounds }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, CASES);
  const commands = [
    { name: 'node -e 0', argv: [process.execPath, '-e', '0'] },
    { name: 'case-tracker --version', argv: [process.execPath, BIN, '--version'] },
    { name: 'case-tracker --help', argv: [process.execPath, BIN, '--help'] },
    { name: 'case-tracker enrich --help', argv: [process.execPath, BIN, 'enrich', '--help'] },
    { name: `case-tracker list, ${CASES} cases`, argv: [process.execPath, BIN, 'list', file] },
    { name: `case-tracker list --count`, argv: [process.execPath, BIN, 'list', file, '--count'] },
    {
      name: 'case-tracker enrich --first 1 (demo)',
      argv: [process.execPath, BIN, 'enrich', file, '--endpoint', 'demo', '--first', '1'],
    },
  ];
  const times = commands.map(() => [] as number[]);
  for (let run = 0; run < rounds * RUNS_A_ROUND; run++) {
    for (const [at, { argv }] of commands.entries()) times[at]?.push(await wallMs(argv, CLIENT));
  }
  const [bare = []] = times;
  const rows = commands.map(({ name }, at) => {
    const own = times[at] ?? [];
    return [name, median(own).toFixed(0), spread(own.map((ms, run) => ms / (bare[run] ?? 1)))];
  });
  printTable('Start-up', ['command', 'ms', ': node -e 0'], rows);
}
