/** `npm run torture [-- ROUNDS [FIRST]]`: the kill loop at length, with figures. A round that fails keeps its folder. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killRounds } from './kill-loop.js';

const [rounds = 500, first = 1] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'case-tracker-torture-'));
const startedAt = performance.now();
const seconds = (): string => `${Math.round((performance.now() - startedAt) / 1000)} s`;

const figures = await killRounds(rounds, {
  folder,
  first,
  lanes: 3,
  onRound: ({ rounds: done, kills, answers, lost }) => {
    if (done % 25 !== 0) return;
    const deaths = `${kills} kills, ${answers} answers, ${lost} of them lost`;
    process.stderr.write(`${done} of ${rounds} rounds, ${deaths}, ${seconds()}\n`);
  },
});
rmSync(folder, { recursive: true });
for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(18)}${value}\n`);
process.stdout.write(`${'time'.padEnd(18)}${seconds()}\n`);
