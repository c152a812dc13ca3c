/** The reading thread as seen from the main thread: how it is stopped, and what its ends mean. */

import type { Worker } from 'node:worker_threads';

import { InputError, shortageOf, systemCode } from '../../../errors.js';
import { realClock } from '../../../host.js';
import type { PostedError } from '../entry-batch.js';

const STOP_MS = 2_000;

/** Resolves when the thread has ended by itself, or has had its time for that. */
export function stopGently(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const timer = realClock.setTimer(STOP_MS, resolve);
    worker.once('exit', () => {
      timer.cancel();
      resolve();
    });
    worker.postMessage('stop');
    if (worker.threadId === -1) {
      timer.cancel();
      resolve();
    }
  });
}

/** The error for a reading thread that ended: a bug in it, or a lack of memory or other resources. */
export function threadError(error: Error): Error {
  const shortage = shortageOf(error) ?? THREAD_SHORTAGES.get(systemCode(error) ?? '');
  if (shortage === undefined) return new Error(`the reading thread failed: ${error.message}`, { cause: error });
  return new InputError(`the input cannot be read: ${shortage.message}`, { hint: shortage.hint, cause: error });
}

const THREAD_SHORTAGES: ReadonlyMap<string, { readonly message: string; readonly hint: string }> = new Map([
  [
    'ERR_WORKER_INIT_FAILED',
    {
      message: 'the system starts no thread for it',
      hint: 'ulimit -n (open files) and ulimit -u (processes and threads) show what is allowed',
    },
  ],
  [
    'ERR_WORKER_OUT_OF_MEMORY',
    {
      message: 'the thread that reads it has run out of memory',
      hint: 'NODE_OPTIONS=--max-old-space-size=4096 allows 4 GB',
    },
  ],
]);

/** The error that the thread has posted. */
export function thrown({ input, message, details, hint, stack }: PostedError): Error {
  if (input) return new InputError(message, { details, hint });
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
