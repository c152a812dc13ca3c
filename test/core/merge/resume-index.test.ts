import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RESULT_STATUSES, type ResultStatus } from '../../../src/core/case.js';
import { duplicateMessage } from '../../../src/core/cases/duplicate.js';
import { KeyedHash } from '../../../src/core/hash/keyed-hash.js';
import { type OnlyKind, ResumeIndex } from '../../../src/core/merge/resume-index.js';
import { decide, Resumption } from '../../../src/core/merge/resumption.js';

const NO_LUCK = { kind: 'http', httpStatus: 503, message: 'no luck', retryable: true } as const;

type Line = readonly [caseId: string, status: ResultStatus, key?: string];

function indexOf(...lines: Line[]): ResumeIndex {
  const index = new ResumeIndex(new KeyedHash(1, 2));
  for (const [caseId, status, key] of lines) {
    index.add({
      caseId,
      status,
      index: 0,
      error: status === 'enriched' ? null : NO_LUCK,
      ...(key !== undefined && { key }),
    });
  }
  return index;
}

describe('what a journal knows of a case', () => {
  test.each<[string, Line[], string, boolean, boolean]>([
    ['nothing', [['b', 'enriched', 'k']], 'missing', false, false],
    ['enriched', [['a', 'enriched', 'k']], 'enriched', true, false],
    ['enriched under another key', [['a', 'enriched', 'other']], 'enriched', false, true],
    ['failed', [['a', 'failed', 'k']], 'failed', false, false],
    [
      'failed, then enriched',
      [
        ['a', 'failed', 'k'],
        ['a', 'enriched', 'k'],
      ],
      'enriched',
      true,
      false,
    ],
    [
      'enriched, then failed',
      [
        ['a', 'enriched', 'k'],
        ['a', 'failed', 'k'],
      ],
      'failed',
      false,
      false,
    ],
    [
      'enriched, then cancelled',
      [
        ['a', 'enriched', 'k'],
        ['a', 'cancelled', 'k'],
      ],
      'cancelled',
      false,
      false,
    ],
    [
      'enriched twice',
      [
        ['a', 'enriched', 'old'],
        ['a', 'enriched', 'k'],
      ],
      'enriched',
      true,
      false,
    ],
    [
      'enriched, and an invalid record with its id',
      [
        ['a', 'enriched', 'k'],
        ['a', 'invalid'],
      ],
      'enriched',
      true,
      false,
    ],
    [
      'failed, and an invalid record with its id',
      [
        ['a', 'failed', 'k'],
        ['a', 'invalid'],
      ],
      'failed',
      false,
      false,
    ],
    ['invalid', [['a', 'invalid']], 'invalid', false, false],
    [
      'invalid, then enriched',
      [
        ['a', 'invalid'],
        ['a', 'enriched', 'k'],
      ],
      'enriched',
      true,
      false,
    ],
  ])('%s', (_, lines, status, isDone, isChanged) => {
    const index = indexOf(...lines);
    expect([index.status('a'), index.isDone('a', 'k'), index.isChanged('a', 'k')]).toEqual([status, isDone, isChanged]);
  });

  test('a client that names no key has its cases done by their id', () => {
    expect(indexOf(['a', 'enriched']).isDone('a', undefined)).toBe(true);
    expect(indexOf(['a', 'enriched', 'k']).isDone('a', undefined)).toBe(false);
  });

  test('agrees with a map that keeps everything, for any order of lines', () => {
    const id = fc.constantFrom('a', 'b', 'ä', '\0', '\ud800', '__proto__', '');
    const key = fc.constantFrom('k1', 'k2');
    const line = fc.tuple(id, fc.constantFrom(...RESULT_STATUSES), key);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), id, key, (lines, askedId, askedKey) => {
        const index = indexOf(...lines);
        const mine = lines.filter(([caseId]) => caseId === askedId);
        const newest = mine.findLast(([, status]) => status !== 'invalid');
        expect(index.status(askedId)).toBe(newest?.[1] ?? mine.at(-1)?.[1] ?? 'missing');
        expect(index.isOf('invalid', askedId)).toBe(mine.length > 0 && newest === undefined);
        expect(index.hasFailedAlike(askedId, NO_LUCK)).toBe(newest?.[1] === 'failed');
        expect(index.hasFailedAlike(askedId, { ...NO_LUCK, httpStatus: 401 })).toBe(false);
        expect(index.isDone(askedId, askedKey)).toBe(newest?.[1] === 'enriched' && newest[2] === askedKey);
        expect(index.size).toBe(new Set(lines.map(([caseId]) => caseId)).size);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('--only invalid', () => {
  const invalidAt = (line: number, caseId: string | null, message = 'title is not a string') => ({
    caseId,
    status: 'invalid' as const,
    index: line - 1,
    error: { kind: 'case' as const, message, retryable: false },
    source: { file: 'cases.ndjson', line },
  });
  const other = (caseId: string, status: ResultStatus) => ({ caseId, status, index: 0, error: NO_LUCK });
  const called = (lines: Parameters<ResumeIndex['add']>[0][], caseId: string, line: number): boolean => {
    const index = new ResumeIndex(new KeyedHash(1, 2));
    for (const one of lines) index.add(one);
    return decide(index, caseId, 'k', ['invalid'], { file: './cases.ndjson', line }) === 'call';
  };
  const duplicate = invalidAt(7, 'a', duplicateMessage('a'));

  test.each<[string, Parameters<ResumeIndex['add']>[0][], number, boolean]>([
    ['a case that is known only as an invalid record, wherever it stands now', [invalidAt(7, 'a')], 9, true],
    ['a record that had no id and has one now', [invalidAt(7, null)], 7, true],
    ['a record whose id was of another one', [invalidAt(7, 'b', duplicateMessage('b'))], 7, true],
    ['a case that has failed and then was invalid', [other('a', 'failed'), invalidAt(7, 'a')], 7, true],
    ['not a new case beside an invalid record', [invalidAt(7, null)], 8, false],
    ['not a case whose duplicate is invalid', [other('a', 'failed'), duplicate], 3, false],
    ['not a case that was never called and whose duplicate is invalid', [duplicate], 3, false],
    ['not a case that has failed since it was mended', [invalidAt(7, 'a'), other('a', 'failed')], 7, false],
    ['not a failed case beside an invalid record with its id', [other('a', 'failed'), invalidAt(7, 'a')], 9, false],
  ])('calls %s', (_, lines, line, expected) => {
    expect(called(lines, 'a', line)).toBe(expected);
  });

  test('a duplicate says nothing about the case with its id: it is still missing', () => {
    const index = new ResumeIndex(new KeyedHash(1, 2));
    index.add(duplicate);
    expect([index.status('a'), index.size, decide(index, 'a', 'k', ['missing'])]).toEqual(['missing', 0, 'call']);
  });
});

describe('what is called in a resumed run', () => {
  const index = indexOf(
    ['done', 'enriched', 'k'],
    ['changed', 'enriched', 'old'],
    ['failed', 'failed', 'k'],
    ['cancelled', 'cancelled', 'k'],
    ['invalid', 'invalid'],
    ['twice', 'failed', 'k'],
    ['twice', 'invalid'],
  );
  const ids = ['done', 'changed', 'failed', 'cancelled', 'invalid', 'twice', 'new'];

  test.each<[OnlyKind[], string[]]>([
    [[], ['changed', 'failed', 'cancelled', 'invalid', 'twice', 'new']],
    [['failed'], ['failed', 'twice']],
    [
      ['cancelled', 'missing'],
      ['cancelled', 'new'],
    ],
    [['invalid'], ['invalid']],
  ])('--only %j: %j', (only, called) => {
    expect(ids.filter((id) => decide(index, id, 'k', only) === 'call')).toEqual(called);
    expect(decide(index, 'done', 'k', only)).toBe('done');
  });

  test('is counted by how the case stands to the journal', () => {
    const resumption = new Resumption(
      indexOf(['a', 'enriched', 'k'], ['b', 'enriched', 'old'], ['c', 'failed'], ['d', 'failed']),
      ['missing'],
    );
    for (const id of ['a', 'b', 'c', 'e']) resumption.decide(id, 'k');
    expect(resumption.counts).toEqual({
      asked: 0,
      done: 1,
      refreshed: 0,
      changed: 1,
      unfinished: 1,
      fresh: 1,
      leftOut: 2,
      leftOutMissing: 0,
      leftOutInvalid: 0,
      vanished: 1,
    });
  });

  test('a case that is asked for twice has not vanished twice', () => {
    const resumption = new Resumption(indexOf(['a', 'enriched', 'k'], ['b', 'failed']));
    for (const id of ['a', 'a', 'new']) resumption.decide(id, 'k');
    expect(resumption.counts.vanished).toBe(1);
  });
});
