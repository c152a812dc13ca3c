import { expect, test } from 'vitest';
import { redisVersion } from '../helpers/redis-server.js';
import { queueRounds } from './queue-loop.js';

const ROUNDS = 1;

test.skipIf(redisVersion === undefined)(
  'workers and Redis are killed at any moment: one result a case, and no more calls again than deaths allow',
  async () => {
    const figures = await queueRounds(ROUNDS, 7);
    expect(figures.results).toBe(figures.cases);
    expect(figures.kills + figures.terms + figures.stops + figures.redisKills).toBeGreaterThan(3);
  },
  120_000,
);
