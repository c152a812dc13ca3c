import { expect, test } from 'vitest';
import { EqualRequests } from '../../../src/core/run/equal-requests.js';

test('counts the requests that an earlier case has too', () => {
  const requests = new EqualRequests(7);
  for (const [id, request] of ['ax', 'by', 'cx', 'dx', 'ey'].map((text) => [text[0] ?? '', text[1] ?? ''] as const))
    requests.add(id, request);
  const { distinct, repeated, example, isPartial } = requests;
  expect([distinct, repeated, example, isPartial]).toEqual([2, 3, 'c', false]);
});

test('says when it has compared only some', () => {
  const requests = new EqualRequests(7, 2);
  for (const request of ['x', 'y', 'x']) requests.add('id', request);
  expect([requests.isPartial, requests.distinct]).toEqual([true, 3]);
});
