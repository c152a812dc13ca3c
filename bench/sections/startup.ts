/** How long the short commands take, against a Node that does nothing. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCases } from '../lib/cases.js';
import { type Command, compareCommands } from '../lib/commands.js';
import type { BenchOptions } from '../lib/options.js';
import { argvOf, type Program } from '../lib/programs.js';
import { startQuick } from '../lib/server.js';

const RUNS_A_ROUND = 4;
const CASES = 40;
// The demo endpoint knows no others.
const DEMO_CASES = fileURLToPath(new URL('../../data/cases.json', import.meta.url));

export async function startup({ rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const file = writeCases(folder, CASES);
  const endpoint = await startQuick(0);
  try {
    const commands = commandsOf(programs, file, endpoint.port, join(folder, 'run.ndjson'));
    await compareCommands('Start-up', commands, rounds * RUNS_A_ROUND);
  } finally {
    await endpoint.stop();
  }
}

function commandsOf(programs: readonly Program[], file: string, port: number, output: string): Command[] {
  const first = ['enrich', file, '--first', '1', '--endpoint'];
  const there = [...first, `http://127.0.0.1:${port}/{id}`];
  return [
    { name: 'node -e 0', argv: [process.execPath, '-e', '0'] },
    ...commandOf(programs, '--version', ['--version']),
    ...commandOf(programs, '--help', ['--help']),
    ...commandOf(programs, 'enrich --help', ['enrich', '--help']),
    ...commandOf(programs, `list, ${CASES} cases`, ['list', file]),
    ...commandOf(programs, 'list --count', ['list', file, '--count']),
    ...commandOf(programs, 'enrich --first 1', there),
    ...commandOf(programs, 'enrich --first 1 -o', [...there, '-o', output, '--overwrite']),
    ...commandOf(programs, 'enrich --first 1 (demo)', ['enrich', DEMO_CASES, '--first', '1', '--endpoint', 'demo']),
  ];
}

function commandOf(programs: readonly Program[], label: string, args: string[]): Command[] {
  const commands = programs.map((program): Command => {
    return { name: `${program.name} ${label}`, argv: argvOf(program, ...args) };
  });
  const [ours, ...others] = commands;
  return ours === undefined
    ? []
    : [ours, ...others.map((other): Command => Object.assign(other, { revisionOf: ours }))];
}
