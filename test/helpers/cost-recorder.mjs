// `node --import cost-recorder.mjs …` with COSTS=FILE writes there, at the end, what the main thread has made: promises, timers,
// messages to and from threads. With COSTS_OF=heap it counts nothing on the way, and writes the bytes of the heap alone.

import { createHook } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { isMainThread, Worker } from 'node:worker_threads';

const counts = { promises: 0, timers: 0, messages: 0 };

if (isMainThread) {
  if (process.env.COSTS_OF !== 'heap') count();
  process.on('exit', () => {
    const { heapUsed } = process.memoryUsage();
    writeFileSync(process.env.COSTS, JSON.stringify({ ...counts, heapBytes: heapUsed }));
  });
}

function count() {
  createHook({
    init(_id, type) {
      if (type === 'PROMISE') counts.promises++;
      else if (type === 'Timeout') counts.timers++;
    },
  }).enable();
  before(Worker.prototype, 'emit', (name) => name === 'message' && counts.messages++);
  before(Worker.prototype, 'postMessage', () => counts.messages++);
}

/** Calls `note` with the arguments of every call of the method, and makes the call. */
function before(prototype, method, note) {
  const called = prototype[method];
  prototype[method] = function (...args) {
    note(...args);
    return Reflect.apply(called, this, args);
  };
}
