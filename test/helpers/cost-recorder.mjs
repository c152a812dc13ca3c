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
  const { emit, postMessage } = Worker.prototype;
  Worker.prototype.emit = function (name, ...rest) {
    if (name === 'message') counts.messages++;
    return emit.call(this, name, ...rest);
  };
  Worker.prototype.postMessage = function (...args) {
    counts.messages++;
    return postMessage.apply(this, args);
  };
}
