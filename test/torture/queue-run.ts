/** `npm run torture:queue [-- ROUNDS [FIRST]]`: the kill loop of a queue at length, with figures. */

import { queueRounds } from './queue-loop.js';

const [rounds = 50, first = 1] = process.argv.slice(2).map(Number);
const startedAt = performance.now();
const seconds = (): string => `${Math.round((performance.now() - startedAt) / 1000)} s`;

const figures = await queueRounds(rounds, first, ({ rounds: done, kills, redisKills, extraCalls, bound }) => {
  process.stderr.write(
    `${done} rounds, ${kills} + ${redisKills} kills, ${extraCalls} of ${bound} extra calls, ${seconds()}\n`,
  );
});
for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(18)}${value}\n`);
process.stdout.write(`${'time'.padEnd(18)}${seconds()}\n`);
