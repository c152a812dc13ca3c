/** Short commands side by side, by wall and CPU time, against the first of them. */

import { CLIENT, measure, wallMs } from './child.js';
import { median, spread } from './stats.js';
import { printTable, type Row } from './table.js';

export interface Command {
  readonly name: string;
  readonly argv: readonly string[];
  /** The command of this checkout that this one, of another revision, is paired with. */
  readonly revisionOf?: Command;
}

interface Times {
  readonly wall: number[];
  readonly cpu: number[];
}

/** Runs each of them in turn, `runs` times, and prints a table; a second one pairs revisions. */
export async function compareCommands(title: string, commands: readonly Command[], runs: number): Promise<void> {
  const times = new Map<Command, Times>(commands.map((command) => [command, { wall: [], cpu: [] }]));
  for (let run = 0; run < runs; run++) {
    for (const [{ argv }, { wall, cpu }] of times) {
      wall.push(await wallMs(argv, CLIENT));
      cpu.push((await measure(argv, CLIENT)).cpuMs);
    }
  }
  const timesOf = (command: Command | undefined): Times => (command && times.get(command)) ?? { wall: [], cpu: [] };
  const base = timesOf(commands[0]);
  const bare = commands[0]?.name ?? '';
  const rows = commands.map((command): Row => rowOf(command.name, timesOf(command), base));
  printTable(title, ['command', 'ms', `: ${bare}`, 'CPU ms', `CPU : ${bare}`], rows);
  const others = commands.filter((command) => command.revisionOf !== undefined);
  if (others.length === 0) return;
  const pairs = others.map((command): Row => {
    const [ours, theirs] = [timesOf(command.revisionOf), timesOf(command)];
    return [command.name, spread(ratios(ours.wall, theirs.wall)), spread(ratios(ours.cpu, theirs.cpu))];
  });
  printTable(
    `${title}: this checkout against the other revision`,
    ['held against', 'ms : other', 'CPU : other'],
    pairs,
  );
}

function rowOf(name: string, { wall, cpu }: Times, base: Times): Row {
  return [
    name,
    median(wall).toFixed(0),
    spread(ratios(wall, base.wall)),
    median(cpu).toFixed(0),
    spread(ratios(cpu, base.cpu)),
  ];
}

/** Within each run. */
function ratios(values: readonly number[], base: readonly number[]): number[] {
  return values.map((value, run) => value / (base[run] ?? Number.NaN));
}
