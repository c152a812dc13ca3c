/**
 * What a case costs, held as numbers of things that are made for it: they are the same on every machine, seconds are not.
 * Two runs are compared, a short and a long one, so that the start of the program is no part of it.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCommand } from './helpers/binary.js';
import { EXECUTABLE } from './helpers/program.js';

const RECORDER = new URL('helpers/cost-recorder.mjs', import.meta.url).href;
/** Both have a reading thread. */
const [FEW, MANY] = [1500, 3000];
/** Nothing is collected and nothing compiled, so that the heap at the end is what was allocated. */
const ALLOCATING = ['--max-semi-space-size=512', '--min-semi-space-size=512', '--max-lazy', '--no-opt'];

interface Costs {
  readonly promises: number;
  readonly timers: number;
  readonly messages: number;
  readonly heapBytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'case-tracker-cost-'));
const BODY = '{"score":0.87,"segment":"enterprise","related":[12,40,7]}';
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;
const endpoint = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    for (let left = chunk.toString('latin1').split('\r\n\r\n').length - 1; left > 0; left--) socket.write(ANSWER);
  });
});

beforeAll(() => new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  endpoint.close();
  rmSync(folder, { recursive: true });
});

/** What a run over so many cases makes, each of about 200 bytes, compressed so that a thread reads them on every machine. */
async function costsOf(cases: number, of: 'counts' | 'heap', limit: number): Promise<Costs> {
  const [file, costs] = [join(folder, `cases-${cases}.ndjson.gz`), join(folder, `costs-${cases}.json`)];
  const line = (_: unknown, at: number): string => `{"id":"case-${at}","title":"${'x'.repeat(200)}"}\n`;
  writeFileSync(file, gzipSync(Array.from({ length: cases }, line).join('')));
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/{id}`;
  const node = [process.execPath, ...(of === 'heap' ? ALLOCATING : []), '--import', RECORDER, EXECUTABLE];
  const args = [
    'enrich',
    file,
    '--endpoint',
    url,
    '--limit',
    String(limit),
    '-o',
    `run-${cases}.ndjson`,
    '--overwrite',
  ];
  const { code } = await startCommand([...node, ...args], { env: { COSTS: costs, COSTS_OF: of }, cwd: folder }).ended;
  expect(code).toBe(0);
  return JSON.parse(readFileSync(costs, 'utf8')) as Costs;
}

/** What one case more costs. The two runs wait for their endpoint most of the time, and do so together. */
async function costOfCase(of: 'counts' | 'heap', limit: number): Promise<Costs> {
  const [few, many] = await Promise.all([costsOf(FEW, of, limit), costsOf(MANY, of, limit)]);
  const each = (name: keyof Costs): number => (many[name] - few[name]) / (MANY - FEW);
  return {
    promises: each('promises'),
    timers: each('timers'),
    messages: each('messages'),
    heapBytes: each('heapBytes'),
  };
}

const FEW_ENOUGH = 'no more than before';

/** The message says what to do, to whoever sees it red. */
function expectBelow(limit: number, found: number, what: string): void {
  const advice =
    `${found} ${what} a case, and the limit is ${limit}. If the change needs them, raise the limit in test/cost.test.ts and say ` +
    'why in the commit; if not, something is made for each case that could be made once (npm run bench:profile shows where)';
  expect(found < limit ? FEW_ENOUGH : advice).toBe(FEW_ENOUGH);
}

test('a case alone in its turn of the event loop costs exactly as many promises and timers as before', async () => {
  const { promises, timers, messages } = await costOfCase('counts', 1);
  // 32.06 of them: with one call in flight every case has a turn of its own, so this is what a case and a turn take together.
  expectBelow(32.5, promises, 'promises');
  expectBelow(2.05, timers, 'timers');
  // 14 for 1,000 cases, to the reading thread and from it.
  expectBelow(0.016, messages, 'messages between the threads');
  expect(Math.min(promises, timers, messages)).toBeGreaterThan(0);
}, 60_000);

test('cases that are under way together share what a turn takes: no timer of its own for any of them', async () => {
  const { promises, timers } = await costOfCase('counts', 20);
  // 5 to 7 and 0.01 to 0.06, by how many answers come in one turn.
  expectBelow(12, promises, 'promises');
  expectBelow(0.5, timers, 'timers');
}, 60_000);

// Other versions of V8 have objects of other sizes.
test.runIf(process.version.startsWith('v20.'))(
  'a case allocates no more than it did',
  async () => {
    const { heapBytes } = await costOfCase('heap', 1);
    // 29,900 in code that is not optimised, where every fraction is an object, and with a turn for each case.
    expectBelow(31_000, heapBytes, 'bytes of the heap');
    expect(heapBytes).toBeGreaterThan(5000);
  },
  60_000,
);
