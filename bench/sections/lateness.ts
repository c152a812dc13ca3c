/** How late the page is: from an answer to the message that counts it, and from the last answer to the end of the process. */

import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { WebSocket } from 'ws';
import { writeCases } from '../lib/cases.js';
import { CLIENT, measure } from '../lib/child.js';
import { enrichArgv } from '../lib/clients.js';
import { joiner } from '../lib/joiner.js';
import type { Program } from '../lib/programs.js';
import { percentile, spread } from '../lib/stats.js';
import { note, printTable, type Row } from '../lib/table.js';

const CASES = 3_000;
const LIMIT = 20;
/** What the endpoint takes: runs last about 3 s then. */
const ANSWER_MS = 20;

/** Who watches: nothing, a reader, or one that reads nothing after the first message. */
type Watcher = 'no --live' | 'a reader' | 'one that never reads';

/** When each answer was sent, in order. */
type Answers = number[];

interface Late {
  /** From an answer to the message that counts it. */
  readonly shownMs: readonly number[];
  /** From the last answer to the end of the process. */
  readonly endMs: number;
}

export async function lateness(program: Program, folder: string, rounds: number): Promise<void> {
  const file = writeCases(mkdtempSync(join(folder, 'late-')), CASES);
  const watchers: readonly Watcher[] = ['no --live', 'a reader', 'one that never reads'];
  const all = new Map<Watcher, Late[]>(watchers.map((watcher) => [watcher, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [watcher, late] of all) late.push(await runOnce(program, folder, file, watcher));
    note(`round ${round + 1}: lateness of ${program.name}`);
  }
  const title = `${program.name}, ${CASES} cases of ${ANSWER_MS} ms: ms from an answer to the message that counts it; to the end`;
  printTable(title, ['watched by', 'p50', 'p99', 'most', 'last answer to end'], [...all].map(rowOf));
}

function rowOf([watcher, runs]: readonly [Watcher, readonly Late[]]): Row {
  const shown = runs.flatMap(({ shownMs }) => shownMs);
  const of = (share: number): string => (shown.length === 0 ? '' : percentile(shown, share).toFixed(0));
  const ends = spread(
    runs.map(({ endMs }) => endMs),
    0,
  );
  return [watcher, of(0.5), of(0.99), of(1), ends];
}

async function runOnce(program: Program, folder: string, file: string, watcher: Watcher): Promise<Late> {
  const answers: Answers = [];
  const server = await endpoint(answers);
  const shownMs: number[] = [];
  const { port } = server.address() as AddressInfo;
  const job = { port, folder, file, cases: CASES, limit: LIMIT };
  const onStderr = joiner((socket) => (watcher === 'a reader' ? read(socket, answers, shownMs) : socket.pause()));
  try {
    const live = watcher === 'no --live' ? [] : ['--live'];
    await measure(enrichArgv(program, job, ...live), { ...CLIENT, onStderr });
    const endMs = performance.now() - (answers.at(-1) ?? 0);
    return { shownMs, endMs };
  } finally {
    server.close();
  }
}

/** Takes down how old each answer is when a message counts it for the first time. */
function read(socket: WebSocket, answers: Answers, shownMs: number[]): void {
  let counted = 0;
  socket.on('message', (data: Buffer) => {
    const now = performance.now();
    const { state, summary } = JSON.parse(data.toString()) as { state?: { done: number }; summary?: { total: number } };
    const done = state?.done ?? summary?.total ?? 0;
    for (; counted < done; counted++) shownMs.push(now - (answers[counted] ?? now));
  });
}

async function endpoint(answers: Answers): Promise<Server> {
  const server = createServer((_, response) => {
    setTimeout(() => {
      answers.push(performance.now());
      response.setHeader('content-type', 'application/json').end('{"score":0.87}');
    }, ANSWER_MS);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
