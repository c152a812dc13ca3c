/** Reading large files: `list --count` against the least it takes, and what the main thread notices of it. */

import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FileForm, writeCases } from '../lib/cases.js';
import { measure } from '../lib/child.js';
import type { BenchOptions } from '../lib/options.js';
import { argvOf, type Program } from '../lib/programs.js';
import { median, spread } from '../lib/stats.js';
import { printTable } from '../lib/table.js';

const SPLITTER = fileURLToPath(new URL('../clients/splitter.mjs', import.meta.url));
const LOOP_DELAY = new URL('../clients/loop-delay.mjs', import.meta.url).href;

export async function reading({ records, rounds, programs }: BenchOptions, folder: string): Promise<void> {
  const ndjson = writeCases(folder, records, 'ndjson');
  const array = writeCases(folder, records, 'array');
  const csv = writeCases(folder, records, 'csv');
  await countTable({ ndjson, array, csv }, records, rounds, programs);
  for (const program of programs) {
    await delayTable(program, ndjson, rounds);
    await delayTable(program, csv, rounds);
  }
}

async function countTable(
  files: Readonly<Record<FileForm, string>>,
  records: number,
  rounds: number,
  programs: readonly Program[],
): Promise<void> {
  const commands = [
    { name: 'splitter + JSON.parse, one thread', argv: [process.execPath, SPLITTER, files.ndjson] },
    ...programs.flatMap((program) => countCommands(program, files)),
  ];
  const costs = commands.map(() => [] as { wallMs: number; cpuMs: number; peakMiB: number }[]);
  for (let round = 0; round < rounds; round++) {
    for (const [at, { argv }] of commands.entries()) costs[at]?.push(await measure(argv));
  }
  const [bare = []] = costs;
  const rows = commands.map(({ name }, at) => {
    const own = costs[at] ?? [];
    const ratios = (of: 'wallMs' | 'cpuMs'): number[] => own.map((cost, round) => cost[of] / (bare[round]?.[of] ?? 1));
    const peak = median(own.map((cost) => cost.peakMiB)).toFixed(0);
    return [
      name,
      median(own.map((cost) => cost.wallMs)).toFixed(0),
      spread(ratios('wallMs')),
      spread(ratios('cpuMs')),
      peak,
    ];
  });
  const title = `Reading ${records} records, ${mib(files.ndjson)} MiB`;
  printTable(title, ['reader', 'ms', 'wall : splitter', 'CPU : splitter', 'peak MiB'], rows);
}

function countCommands(
  program: Program,
  files: Readonly<Record<FileForm, string>>,
): { name: string; argv: string[] }[] {
  const command = (label: string, file: string): { name: string; argv: string[] } => {
    return { name: `${program.name} list --count, ${label}`, argv: argvOf(program, 'list', file, '--count') };
  };
  return [
    command('NDJSON', files.ndjson),
    command('one JSON array', files.array),
    command('the same as CSV', files.csv),
  ];
}

/** The delay that timers and sockets of the main thread see while the reading thread is at work. */
async function delayTable({ name, bin }: Program, file: string, rounds: number): Promise<void> {
  const list = `"${process.execPath}" --import "${LOOP_DELAY}" "${bin}" list "${file}" --format ndjson`;
  const argv = ['sh', '-c', `${list} 2>&1 >/dev/null | cat`];
  const delays: { p50: number; p99: number; max: number }[] = [];
  for (let round = 0; round < rounds; round++) delays.push(delaysIn((await measure(argv)).stdout));
  const row = (of: 'p50' | 'p99' | 'max'): string =>
    spread(
      delays.map((delay) => delay[of]),
      1,
    );
  const title = `Event-loop delay of the main thread while ${mib(file)} MiB of ${extname(file)} are read and listed (ms)`;
  printTable(
    title,
    ['', 'p50', 'p99', 'max'],
    [[`${name} list --format ndjson > /dev/null`, row('p50'), row('p99'), row('max')]],
  );
}

function delaysIn(stderr: string): { p50: number; p99: number; max: number } {
  const [, p50, p99, max] = /loop-delay (\S+) (\S+) (\S+)/.exec(stderr) ?? [];
  return { p50: Number(p50), p99: Number(p99), max: Number(max) };
}

function mib(file: string): string {
  return (statSync(file).size / 2 ** 20).toFixed(0);
}
