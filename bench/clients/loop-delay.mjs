// `node --import loop-delay.mjs …` prints, at the end and on stderr, how long events of the main thread had to wait.

import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
histogram.enable();
process.on('exit', () => {
  const ms = (value) => Math.max(0, value / 1e6 - RESOLUTION_MS).toFixed(2);
  process.stderr.write(
    `loop-delay ${ms(histogram.percentile(50))} ${ms(histogram.percentile(99))} ${ms(histogram.max)}\n`,
  );
});
