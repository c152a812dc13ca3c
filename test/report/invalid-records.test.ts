import { expect, test } from 'vitest';
import { InvalidRecords, nameOf, sourceOf } from '../../src/report/invalid-records.js';
import { enriched, invalid } from '../helpers/saved.js';

test.each([
  [{ caseId: 'CASE-1' }, 'CASE-1'],
  [{ caseId: 'x'.repeat(200) }, `${'x'.repeat(99)}…`],
  [{ caseId: null, source: { file: 'a.json', index: 4 } }, 'a.json[4]'],
  [{ caseId: null, index: 7 }, 'record 7'],
])('the result %j is called %s', (more, name) => {
  expect(nameOf(enriched(0, more))).toBe(name);
});

test('a place is cut where its file is too long, not where the line is', () => {
  expect(sourceOf(enriched(0, { source: { file: 'f'.repeat(200), line: 12 } }))).toBe(`${'f'.repeat(99)}…:12`);
  expect(sourceOf(enriched(0))).toBe('');
});

test('the first invalid records are kept in short, the others counted', () => {
  const records = new InvalidRecords(2);
  for (let index = 0; index < 5; index++) records.add(invalid(index, 'm'.repeat(1000)));
  expect(records.count).toBe(5);
  expect(records.first.map(({ error }) => error?.message.length)).toEqual([200, 200]);
});

test('what is kept of an invalid record is small, whatever is in the file of results', () => {
  const huge = 'x'.repeat(1_000_000);
  const error = { kind: 'case', message: huge, retryable: false, body: huge, code: huge, requestId: huge } as const;
  const records = new InvalidRecords(1);
  records.add(enriched(0, { status: 'invalid', caseId: huge, error, source: { file: huge, line: 3 } }));
  expect(JSON.stringify(records.first).length).toBeLessThan(3000);
});
