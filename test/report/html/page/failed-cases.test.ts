import { expect, test } from 'vitest';
import { FailedCases } from '../../../../src/report/html/page/failed-cases.js';

const CASES = new FailedCases({
  causes: [
    { label: 'http 503', fields: { kind: 'http', status: 503 }, tokens: ['kind:http', 'status:503'] },
    { label: 'timeout body', fields: { kind: 'timeout', phase: 'body' }, tokens: ['kind:timeout', 'phase:body'] },
  ],
  texts: ['', 'Try again', 'too slow', 'cases.json', 'lines.ndjson'],
  rows: [
    ['B', 0, 3, 90, 1, 0, 'req-1', 3, -1 - 411],
    ['a', 1, 1, 5000, 2, 0, 'req-2', 4, 7],
    ['C', 0, 2, 90, 1, 2, 'req-3', 4, 12],
  ],
  cutIds: [2],
  left: 5,
});

test.each([
  ['', ['B', 'a', 'C']],
  ['kind:http', ['B', 'C']],
  ['kind:http kind:timeout', ['B', 'a', 'C']],
  ['kind:http phase:body', []],
  ['status:503 TRY', ['B', 'C']],
  ['id:b', ['B']],
  ['file:cases.json[411]', ['B']],
  ['file:*:7 slow', ['a']],
  ['slow', ['a', 'C']],
  ['REQ-3', ['C']],
  ['503 req', ['B', 'C']],
])('%j finds %j', (query, expected) => {
  expect(CASES.find(query, '').map(({ id }) => id)).toEqual(expected);
});

test.each([
  ['id', ['a', 'B', 'C']],
  ['-id', ['C', 'B', 'a']],
  ['time', ['B', 'C', 'a']],
  ['attempts', ['a', 'C', 'B']],
  ['source', ['B', 'a', 'C']],
  ['nothing', ['B', 'a', 'C']],
])('sorted by %j they are %j', (sort, expected) => {
  expect(CASES.find('', sort).map(({ id }) => id)).toEqual(expected);
});

test('kinds are suggested first, then what most cases have', () => {
  expect(CASES.suggestions(3)).toEqual([
    ['kind:http', 2],
    ['kind:timeout', 1],
    ['status:503', 2],
  ]);
});

test('a case tells where it stands, and whether its id was cut', () => {
  expect(CASES.all.map((aCase) => [CASES.placeOf(aCase), aCase.isIdCut])).toEqual([
    ['cases.json[411]', false],
    ['lines.ndjson:7', false],
    ['lines.ndjson:12', true],
  ]);
});
