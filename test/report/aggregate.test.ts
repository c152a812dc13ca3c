import { describe, expect, test } from 'vitest';
import { FailureGroups, labelOf, placeText } from '../../src/report/aggregate.js';
import { failed } from '../helpers/saved.js';

describe('failure groups', () => {
  test.each([
    [{ kind: 'http', httpStatus: 503 }, 'http 503'],
    [{ kind: 'timeout', phase: 'body' }, 'timeout body'],
    [{ kind: 'network', code: 'ECONNRESET' }, 'network ECONNRESET'],
    [{ kind: 'response', httpStatus: 200 }, 'response'],
  ] as const)('%j is called %s', (error, label) => {
    expect(labelOf({ message: '', retryable: false, ...error })).toBe(label);
  });

  test('have the first three ids and the first answer, the largest group first', () => {
    const groups = new FailureGroups();
    groups.add(failed(0, { kind: 'timeout', phase: 'connect' }));
    for (let index = 1; index < 6; index++) groups.add(failed(index, index === 2 ? { body: 'busy' } : {}));
    const [first, second] = groups.sorted();
    expect(first).toMatchObject({ label: 'http 503', count: 5, body: 'busy' });
    expect(first?.examples.map(({ id }) => id)).toEqual(['CASE-1', 'CASE-2', 'CASE-3']);
    expect(second).toMatchObject({ label: 'timeout connect', count: 1 });
  });

  test('are bounded: from 60 causes on the rest of a kind is one group', () => {
    const groups = new FailureGroups();
    for (let index = 0; index < 500; index++) groups.add(failed(index, { kind: 'network', code: `E${index}` }));
    expect(groups.sorted()).toHaveLength(61);
    expect(groups.sorted()[0]).toMatchObject({ label: 'network (other)', count: 440 });
  });
});

describe('places', () => {
  test.each([
    [{ file: 'a.ndjson', line: 7 }, 'a.ndjson:7'],
    [{ file: 'a.json', index: 0 }, 'a.json, record 0'],
    [{ file: '-' }, '-'],
    [undefined, ''],
  ])('%j is shown as %j', (place, text) => expect(placeText(place)).toBe(text));
});
