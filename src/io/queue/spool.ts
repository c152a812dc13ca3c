/** A copy of the results of a queue in a file of its own, for reports that read them twice. */

import { mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisQueue } from './redis-queue.js';
import { resultsAfter } from './stored-results.js';

const AT_ONCE = 1_000;

export interface Spool extends Disposable {
  readonly path: string;
}

/** Copies all that are there now. They stay in the queue. Disposing removes the file. */
export async function spoolResults(queue: RedisQueue, signal: AbortSignal): Promise<Spool> {
  const folder = mkdtempSync(join(tmpdir(), 'case-tracker-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'results.ndjson');
    const fd = openSync(path, 'wx', 0o600);
    try {
      for (let last = ''; ;) {
        signal.throwIfAborted();
        const results = await resultsAfter(queue, last, AT_ONCE);
        if (results.length === 0) break;
        writeSync(fd, results.map(({ line }) => `${line}\n`).join(''));
        last = results.at(-1)?.id ?? last;
      }
    } finally {
      closeSync(fd);
    }
    return { path, [Symbol.dispose]: remove };
  } catch (error) {
    remove();
    throw error;
  }
}
