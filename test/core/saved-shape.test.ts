import { describe, expect, test } from 'vitest';
import { isSavedEnd, resultProblem } from '../../src/core/saved-shape.js';
import { enriched, saved, unenriched } from '../helpers/durable.js';
import { runInfo, summary } from '../helpers/sample-run.js';

const good = saved(enriched('a'));
const bad = saved(unenriched('b'));
const end = { run: runInfo(), summary: summary() };

test.each([good, bad, saved(unenriched(null, 'invalid', { source: { file: 'f', line: 1 } }))])(
  'a result has no problem: %#',
  (result) => {
    expect(resultProblem({ ...result })).toBeUndefined();
  },
);

test.each([
  [{ ...good, caseId: 7 }, 'no caseId'],
  [{ ...good, caseId: null }, 'no caseId'],
  [{ ...good, status: 'done' }, 'no status that is known'],
  [{ ...good, attempts: '1' }, 'no counts'],
  [{ ...good, at: 'yesterday' }, 'no time'],
  [{ ...good, key: 1 }, 'a key that is not a string'],
  [{ ...good, enrichedCase: [] }, 'no enrichedCase'],
  [{ ...bad, error: {} }, 'no error'],
  [{ ...bad, error: { kind: 'http', message: 5 } }, 'no error'],
  [{ ...good, source: 'cases.json' }, 'a source without file'],
  [{ ...good, tries: [{}] }, 'tries without times'],
])('what is wrong is named: %#', (result, problem) => {
  expect(resultProblem({ ...result })).toBe(problem);
});

describe('a closing line', () => {
  test('is told from a result', () => {
    expect([isSavedEnd({ ...end }), isSavedEnd({ ...good })]).toEqual([true, false]);
  });

  test.each([
    ['no limits', { ...end, run: { ...end.run, limits: {} } }],
    ['no date', { ...end, run: { ...end.run, finishedAt: 'later' } }],
    ['a shard that is none', { ...end, run: { ...end.run, shard: {} } }],
    ['no counts', { ...end, summary: {} }],
    ['a caseId', { ...end, caseId: 'a' }],
  ])('with %s is none', (_, value) => {
    expect(isSavedEnd(value)).toBe(false);
  });
});
