/**
 * `npm run bench:profile`: where the time and the memory of a run go. Prints the top ten self times, and what was allocated.
 * The reading thread, which is ended and does not end, leaves no profile; on one core its time is that of `postMessage`.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCases } from './lib/cases.js';
import { CLIENT, measure } from './lib/child.js';
import { enrichArgv } from './lib/clients.js';
import { readOptions } from './lib/options.js';
import { OURS } from './lib/programs.js';
import { startFast } from './lib/server.js';
import { printTable, type Row } from './lib/table.js';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface HeapNode {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

const TOP = 10;
// What V8 calls the time in which the thread has nothing to do, or another one has the core.
const WAITING = ['(idle)', '(program)'];
const { cases, limit } = readOptions(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), 'case-tracker-profile-'));
const endpoint = await startFast(folder);
try {
  const job = { port: endpoint.port, folder, file: writeCases(folder, cases), cases, limit };
  const profiled = async (...flags: string[]): Promise<void> => {
    const [node = '', ...rest] = enrichArgv(OURS, job);
    await measure([node, ...flags, ...rest], { ...CLIENT, cwd: folder });
  };
  await profiled('--cpu-prof', '--cpu-prof-interval', '500');
  for (const file of profilesIn('.cpuprofile')) printCpu(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile);
  await profiled('--heap-prof', '--heap-prof-interval', '16384');
  for (const file of profilesIn('.heapprofile'))
    printHeap((JSON.parse(readFileSync(file, 'utf8')) as { head: HeapNode }).head);
} finally {
  await endpoint.stop();
  rmSync(folder, { recursive: true, force: true });
}

function profilesIn(ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

function printCpu({ nodes, samples, timeDeltas }: CpuProfile): void {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const selfUs = new Map<string, number>();
  for (const [at, id] of samples.entries()) add(selfUs, frames.get(id) ?? '?', timeDeltas[at] ?? 0);
  for (const name of WAITING) selfUs.delete(name);
  const total = [...selfUs.values()].reduce((sum, us) => sum + us, 0);
  const rows = top(selfUs).map(([name, us]): Row => [
    name,
    (us / 1000).toFixed(0),
    percent(us, total),
    (us / cases).toFixed(2),
  ]);
  printTable(
    `CPU, main thread, ${cases} cases, ${(total / 1000).toFixed(0)} ms`,
    ['function', 'self ms', 'share', 'µs/case'],
    rows,
  );
}

/** What is alive at the end, by where it was allocated. */
function printHeap(head: HeapNode): void {
  const bytes = new Map<string, number>();
  const walk = (node: HeapNode): void => {
    add(bytes, nameOf(node.callFrame), node.selfSize);
    node.children.forEach(walk);
  };
  walk(head);
  const total = [...bytes.values()].reduce((sum, size) => sum + size, 0);
  const rows = top(bytes).map(([name, size]): Row => [name, (size / 1024).toFixed(0), percent(size, total)]);
  printTable(`Heap at the end, ${(total / 2 ** 20).toFixed(1)} MiB sampled`, ['allocated by', 'KiB', 'share'], rows);
}

function top(values: ReadonlyMap<string, number>): (readonly [string, number])[] {
  return [...values].sort(([, a], [, b]) => b - a).slice(0, TOP);
}

function add(values: Map<string, number>, name: string, value: number): void {
  values.set(name, (values.get(name) ?? 0) + value);
}

function percent(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(1)} %`;
}

/** `parse (undici/lib/dispatcher/client-h1.js:123)`. */
function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const file = url.replace(/^.*\/node_modules\//, '').replace(/^.*\/(dist|bin)\//, '$1/');
  const name = functionName === '' ? '(anonymous)' : functionName;
  return file === '' ? name : `${name} (${file}:${lineNumber + 1})`;
}
