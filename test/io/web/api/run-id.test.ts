import { expect, test } from 'vitest';
import { isRunId, RunIds } from '../../../../src/io/web/api/run-id.js';

test('after a folder of the last moment that there is, ids are by the clock', () => {
  const now = Date.UTC(2026, 10, 24);
  const ids = new RunIds('99991231t235959999-aaaaaaaaaaaaaaaaaaaaaaaa');
  const [first, second] = [ids.next(now), ids.next(now)];
  expect([first, second].map(isRunId)).toEqual([true, true]);
  expect(first.startsWith('20261124t000000000-')).toBe(true);
  expect(second > first).toBe(true);
});
