import { expect, test } from 'vitest';
import { TokenKeeper } from '../../../src/core/run/token-keeper.js';
import { FakeClock } from '../../helpers/clock.js';

test.each([
  ['is asked less and less often', {}, [0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000]],
  ['that may be asked every second is', { checkEveryMs: 1_000 }, [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000]],
])('a provider that has no token %s', async (_, more, expected) => {
  const [clock, asked] = [new FakeClock(), [] as number[]];
  const current = () => {
    asked.push(clock.now());
    throw new Error('none');
  };
  const events = { free: () => {}, stop: () => {}, failed: () => {} };
  const keeper = new TokenKeeper({ ...more, current }, clock, null, events);
  keeper.wait(0);
  while (asked.length < expected.length) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advanceToNext();
  }
  expect(asked).toEqual(expected);
  keeper.close();
});
