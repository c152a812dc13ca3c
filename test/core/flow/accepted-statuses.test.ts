import { describe, expect, test } from 'vitest';
import { AcceptedStatuses, toldStatus } from '../../../src/core/flow/accepted-statuses.js';

const accepted = (list: AcceptedStatuses): number[] =>
  Array.from({ length: 1000 }, (_, status) => status).filter((status) => list.has(status));

describe('accepted statuses', () => {
  test('are every 2xx but 202 when nothing is said', () => {
    const all = accepted(new AcceptedStatuses());
    expect([all[0], all.at(-1), all.length, all.includes(202)]).toEqual([200, 299, 99, false]);
  });

  test('have 202 only where it is named: a range that passes over it means the others', () => {
    const around = [{ from: 200, to: 299 }];
    expect(new AcceptedStatuses(around).has(202)).toBe(false);
    expect(new AcceptedStatuses([...around, { from: 202, to: 202 }]).has(202)).toBe(true);
    expect(new AcceptedStatuses([{ from: 202, to: 204 }]).has(202)).toBe(true);
    expect(new AcceptedStatuses([{ from: 200, to: 202 }]).hasLater).toBe(true);
  });

  test('are no others than those that are named', () => {
    expect(accepted(new AcceptedStatuses([{ from: 404, to: 404 }]))).toEqual([404]);
  });
});

test.each([
  [undefined, undefined],
  [200, undefined],
  [299, undefined],
  [404, 404],
  [304, 304],
  [1, undefined],
  [404.5, undefined],
  [NaN, undefined],
])('a result tells the status %s as %s', (status, told) => expect(toldStatus(status)).toBe(told));
