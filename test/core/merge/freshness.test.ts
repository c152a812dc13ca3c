import { describe, expect, test } from 'vitest';
import { KeyedHash } from '../../../src/core/hash/keyed-hash.js';
import { Freshness } from '../../../src/core/merge/freshness.js';
import { MergeIndex } from '../../../src/core/merge/merge-index.js';
import { type OnlyKind, ResumeIndex } from '../../../src/core/merge/resume-index.js';
import { type Decision, decide, Resumption } from '../../../src/core/merge/resumption.js';
import type { SavedResult } from '../../../src/core/results/run-info.js';
import { enriched, saved, unenriched } from '../../helpers/samples.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 22);

const ago = (days: number): string => new Date(NOW - days * DAY).toISOString();
const good = (days: number, more: object = {}): SavedResult =>
  saved(enriched('a', { at: ago(days), key: 'k', ...more }));
const bad = (more: object = {}, retryable = true): SavedResult =>
  saved(
    unenriched('a', 'failed', { at: ago(0), key: 'k', error: { kind: 'http', message: 'no', retryable }, ...more }),
  );
const cut = (more: object = {}): SavedResult => saved(unenriched('a', 'cancelled', { at: ago(0), key: 'k', ...more }));
const stale = (days: number): SavedResult => ({ ...good(days), stale: true });
const REFRESH = { refresh: true } as const;

function resume(lines: readonly SavedResult[], refreshDays: number | undefined): ResumeIndex {
  const freshness = refreshDays === undefined ? undefined : new Freshness(refreshDays * DAY, NOW);
  const index = new ResumeIndex(new KeyedHash(1, 2), freshness);
  for (const line of lines) index.add(line);
  return index;
}

describe('what is done about a case of a resumed run', () => {
  test.each<[string, SavedResult[], number | undefined, Decision]>([
    ['younger', [good(29)], 30, 'done'],
    ['exactly as old', [good(30)], 30, 'done'],
    ['older', [good(31)], 30, 'refresh'],
    ['older, and nothing is ever too old', [good(31)], undefined, 'done'],
    ['enriched again since', [good(31), good(1, REFRESH)], 30, 'done'],
    ['the newest line counts, though the clock stepped back between them', [good(1), good(31, REFRESH)], 30, 'refresh'],
    ['from the future: the clock stepped back', [good(-400)], 30, 'done'],
    ['older, under another key', [good(31, { key: 'old' })], 30, 'call'],
    ['a refresh that failed', [good(31), bad(REFRESH)], 30, 'refresh'],
    ['a refresh that failed, and now nothing is too old', [good(31), bad(REFRESH)], undefined, 'refresh'],
    ['two refreshes that failed', [good(31), bad(REFRESH), bad(REFRESH)], 30, 'refresh'],
    ['a refresh that was cut short', [good(31), cut(REFRESH)], 30, 'refresh'],
    ['a failure that is no refresh', [good(31), bad()], 30, 'call'],
    ['a refresh that failed, of another text', [good(31), bad({ ...REFRESH, key: 'old' })], 30, 'call'],
    ['a refresh without the enrichment', [bad(REFRESH)], 30, 'call'],
    ['stale in a merged journal', [stale(31)], 30, 'refresh'],
    ['stale in a merged journal, however young', [stale(1)], undefined, 'refresh'],
    ['stale in a merged journal, and refreshed since', [stale(31), good(0, REFRESH)], 30, 'done'],
    ['stale in a merged journal, and failed again', [stale(31), bad(REFRESH)], 30, 'refresh'],
  ])('%s', (_, lines, days, decision) => {
    expect(decide(resume(lines, days), 'a', 'k', [])).toBe(decision);
  });

  test('an enrichment that is too old is refreshed whatever --only names; a refresh that failed counts as failed', () => {
    expect(decide(resume([good(31)], 30), 'a', 'k', ['missing'])).toBe('refresh');
    expect(decide(resume([good(31), bad(REFRESH)], 30), 'a', 'k', ['missing'])).toBe('left-out');
    expect(resume([good(31), bad(REFRESH)], 30).status('a')).toBe('failed');
  });

  test('is counted', () => {
    const resumption = new Resumption(resume([good(31)], 30));
    resumption.decide('a', 'k');
    expect(resumption.counts).toMatchObject({ done: 0, refreshed: 1, changed: 0, unfinished: 0, fresh: 0 });
  });

  test('a failure that is known is recognised, a refresh or not', () => {
    for (const line of [bad(), bad(REFRESH)]) {
      const index = resume([good(31), line], 30);
      const known = index.hasFailedAlike('a', { kind: 'http', message: 'no', retryable: true });
      expect([known, index.hasFailedAlike('a', { kind: 'timeout', message: 'no', retryable: true })]).toEqual([
        true,
        false,
      ]);
    }
  });
});

describe('--only retryable and changed', () => {
  test.each<[string, SavedResult[], string, OnlyKind[]]>([
    ['failed, worth another run', [bad()], 'k', ['failed', 'retryable']],
    ['failed for good', [bad({}, false)], 'k', ['failed']],
    ['failed for good, and changed', [bad({}, false)], 'new', ['failed', 'changed']],
    ['failed, before that for good', [bad({}, false), bad()], 'k', ['failed', 'retryable']],
    ['enriched, and changed', [good(1)], 'new', ['changed']],
    ['cancelled', [cut()], 'k', ['cancelled']],
    ['cancelled, and changed', [cut()], 'new', ['cancelled', 'changed']],
    ['failed under no key', [bad({ key: undefined })], 'k', ['failed', 'retryable']],
    ['stale in a merged journal', [stale(3)], 'k', ['failed', 'retryable']],
    ['nothing known', [], 'k', ['missing']],
  ])('%s', (_, lines, key, expected) => {
    const kinds = ['failed', 'retryable', 'cancelled', 'invalid', 'changed', 'missing'] as const;
    const index = resume(lines, undefined);
    expect(kinds.filter((kind) => decide(index, 'a', key, [kind]) !== 'left-out')).toEqual(expected);
  });
});

test('dates in the future are counted, those of a clock that is a little ahead are not', () => {
  const freshness = new Freshness(DAY, NOW);
  for (const days of [1, -0.0001, -3, -400, -2]) freshness.isDue(ago(days));
  expect(freshness.future).toEqual({ count: 3, newest: ago(-400) });
});

describe('in a merged report', () => {
  function counting(...files: SavedResult[][]): string[] {
    const index = new MergeIndex(new KeyedHash(1, 2));
    files.forEach((lines, file) => lines.forEach((line, at) => index.add(file, at, line)));
    return files.flatMap((lines, file) =>
      lines.flatMap((_, at) =>
        index.isNewest(file, at) ? [`${file}:${at}${index.isStale(file, at) ? ' stale' : ''}`] : [],
      ),
    );
  }

  test.each<[string, SavedResult[][], string[]]>([
    ['an enrichment whose refresh failed stands', [[good(31), bad(REFRESH)]], ['0:0 stale']],
    [
      'also after two, and one that was cut short',
      [[good(31), bad(REFRESH), bad(REFRESH), cut(REFRESH)]],
      ['0:0 stale'],
    ],
    ['a refresh is the newest', [[good(31), good(1, REFRESH)]], ['0:1']],
    ['a refresh after one that failed', [[good(31), bad(REFRESH), good(0, REFRESH)]], ['0:2']],
    ['a failure that is no refresh counts', [[good(31), bad()]], ['0:1']],
    ['a refresh of another text counts as a failure', [[good(31, { key: 'old' }), bad(REFRESH)]], ['0:1']],
    ['no refresh of what has no key', [[good(31, { key: undefined }), bad({ ...REFRESH, key: undefined })]], ['0:1']],
    ['a failed refresh alone is a failure', [[bad(REFRESH)]], ['0:0']],
    ['over two files', [[good(31)], [bad(REFRESH)]], ['0:0 stale']],
    ['over two files, the newer one first', [[bad(REFRESH)], [good(31)]], ['1:0 stale']],
    ['over two files, of another text', [[bad(REFRESH)], [good(31, { key: 'old' })]], ['0:0']],
    ['merged again', [[stale(31)]], ['0:0 stale']],
    ['merged, then refreshed', [[stale(31), good(0, REFRESH)]], ['0:1']],
    ['merged, then failed again', [[stale(31), bad(REFRESH)]], ['0:0 stale']],
    ['the journal and what was merged from it', [[good(31), bad(REFRESH)], [stale(31)]], ['1:0 stale']],
    ['what was merged from it and the journal', [[stale(31)], [good(31), bad(REFRESH)]], ['1:0 stale']],
  ])('%s', (_, files, expected) => {
    expect(counting(...files)).toEqual(expected);
  });

  test.each<[string, SavedResult[], boolean]>([
    ['a refresh', [good(31), good(1, REFRESH)], false],
    ['a refresh that failed, then one that did not', [good(31), bad(REFRESH), good(0, REFRESH)], false],
    ['a case that was skipped', [good(31), good(1, { skipped: true })], false],
    ['the same request without a reason', [good(31), good(1)], true],
  ])('is asked for twice by mistake? %s', (_, lines, expected) => {
    const index = new MergeIndex(new KeyedHash(1, 2));
    lines.forEach((line, at) => index.add(0, at, line));
    expect(index.isEnrichedTwice('a')).toBe(expected);
  });
});
