/** The entry of the reading thread: joins its port to readInputs. */

import { parentPort, workerData } from 'node:worker_threads';

import { Credits } from './credits.js';
import { readInputs } from './read-inputs.js';
import type { ReadPlan } from './read-inputs.js';

const port = parentPort;
if (port === null) throw new Error('source-worker runs as a worker thread');

const credits = new Credits();
const stop = new AbortController();
port.on('message', (message) => {
  if (message === 'stop') stop.abort();
  credits.give();
});

const reading = readInputs(workerData as ReadPlan, {
  post: (message) => port.postMessage(message),
  credit: () => credits.take(),
  signal: stop.signal,
});
// No top-level await: the built file is CommonJS, which starts faster.
reading.then(
  () => port.close(),
  (error: unknown) =>
    setImmediate(() => {
      throw error;
    }),
);
