import { describe, expect, test } from 'vitest';
import { Case, type Entry } from '../../../src/core/case.js';
import { duplicateMessage } from '../../../src/core/cases/duplicate.js';
import { CompletenessCheck, compareShards } from '../../../src/core/merge/completeness.js';
import { KeyedHash } from '../../../src/core/hash/keyed-hash.js';
import { type FinishedRun, MergeIndex } from '../../../src/core/merge/merge-index.js';
import type { RunInfo, SavedResult } from '../../../src/core/results/run-info.js';
import { sampleText } from '../../../src/text/format.js';
import { enriched, runInfo, saved, summary, unenriched } from '../../helpers/samples.js';

function at(minute: number, second = 0): string {
  return new Date(Date.UTC(2026, 10, 22, 9, minute, second)).toISOString();
}

/** The lines that count, as `file:line`. A run as a line is the end of a run. */
function newest(...files: (SavedResult | RunInfo)[][]): string[] {
  const index = indexOf(...files);
  return files.flatMap((lines, file) =>
    lines.flatMap((_, position) => (index.isNewest(file, position) ? [`${file}:${position}`] : [])),
  );
}

function indexOf(...files: (SavedResult | RunInfo)[][]): MergeIndex {
  const index = new MergeIndex(new KeyedHash(1, 2));
  for (const [file, lines] of files.entries()) {
    for (const [position, line] of lines.entries()) {
      if ('settings' in line) index.addRun(file, line);
      else index.add(file, position, line);
    }
  }
  return index;
}

const ok = (id: string, minute = 0, key = 'k') => saved(enriched(id, { at: at(minute), key }));
const bad = (id: string, minute = 0) => saved(unenriched(id, 'failed', { at: at(minute) }));
const invalid = (id: string | null, line: number, minute = 0) =>
  saved(unenriched(id, 'invalid', { at: at(minute), source: { file: 'cases.ndjson', line } }));
const duplicate = (id: string, line: number) => {
  const error = { kind: 'case', message: duplicateMessage(id), retryable: false } as const;
  return saved(unenriched(id, 'invalid', { error, source: { file: 'cases.ndjson', line } }));
};
const inArray = (index: number) => saved(unenriched(null, 'invalid', { source: { file: 'cases.ndjson', index } }));

describe('the line that counts', () => {
  test.each<[string, (SavedResult | RunInfo)[][], string[]]>([
    ['of a case within a file is the last', [[ok('a', 1), bad('a', 2), bad('b')]], ['0:1', '0:2']],
    ['within a file is the last even if the clock went back', [[ok('a', 2), bad('a', 1)]], ['0:1']],
    ['of several files is the newest', [[ok('a', 2)], [bad('a', 1)]], ['0:0']],
    ['of several files is the newest, the later one too', [[ok('a', 1)], [bad('a', 2)]], ['1:0']],
    ['of the same time is that of the later file', [[ok('a', 1)], [bad('a', 1)]], ['1:0']],
    ['of a file is compared by its last one', [[ok('a', 5), ok('a', 1)], [bad('a', 3)]], ['1:0']],
    [
      'of an invalid record is its own, by its place',
      [[ok('a'), invalid('a', 7), invalid(null, 8)]],
      ['0:0', '0:1', '0:2'],
    ],
    ['of an invalid record met again is the later', [[invalid(null, 7, 1), invalid(null, 7, 2)]], ['0:1']],
    [
      'of a record is not mixed up with one elsewhere',
      [[invalid('b', 1), invalid('b', 2), inArray(1)]],
      ['0:0', '0:1', '0:2'],
    ],
  ])('%s', (_, files, expected) => {
    expect(newest(...files)).toEqual(expected);
  });

  test('of 3,000 cases over three files is found for each', () => {
    const files = [0, 1, 2].map((file) =>
      Array.from({ length: 2000 }, (_, line) => ok(`case ${line + file * 500}`, file)),
    );
    const lines = newest(...files);
    expect(lines).toHaveLength(3000);
    expect(lines.filter((line) => line.startsWith('0'))).toHaveLength(500);
  });
});

describe('an invalid record that was mended', () => {
  const files = [{ file: 'cases.ndjson', id: 'hash' }];
  const earlier = runInfo({ startedAt: at(0), files });
  const later = runInfo({ startedAt: at(10), files });
  const old = invalid(null, 7, 1);

  test('no longer counts when a later whole run did not meet it', () => {
    const lines = [[invalid('a', 7, 1), invalid(null, 8, 1), earlier, ok('a', 11), later]];
    expect(newest(...lines)).toEqual(['0:3']);
    const index = indexOf(...lines);
    index.isNewest(0, 0);
    expect(index.corrected).toBe(2);
  });

  test.each<[string, (SavedResult | RunInfo)[]]>([
    ['the later run had other settings, and knew of all records', [old, earlier, { ...later, settings: 'others' }]],
    ['the file was named otherwise', [old, { ...later, files: [{ file: './cases.ndjson', id: 'hash' }] }]],
    ['it is known by two names', [old, earlier, { ...later, files: [{ file: '../cases.ndjson', id: 'hash' }] }]],
    [
      'both runs were of one shard',
      [old, earlier, later].map((line) => ('settings' in line ? sharded(line, 1) : line)),
    ],
    ['the first run was killed', [old, later]],
  ])('no longer counts when %s', (_, lines) => {
    expect(newest(lines)).toEqual([]);
  });

  test.each<[string, (SavedResult | RunInfo)[]]>([
    ['the later run met it too', [old, earlier, invalid(null, 7, 11), later]],
    ['the later run met it too, under another name', [old, earlier, moved(11), later]],
    ['the later run did not read everything', [old, earlier, { ...later, complete: false }]],
    ['the later run did not tell of all invalid records (a filter, --only failed)', [old, earlier, without(later)]],
    ['the later run was of another file', [old, earlier, { ...later, files: [{ file: 'others.ndjson', id: 'o' }] }]],
    [
      'the later run was of another file of the same name',
      [old, earlier, { ...later, files: [{ file: 'cases.ndjson', id: 'other' }] }],
    ],
    ['the later run was of another shard', [old, sharded(earlier, 1), sharded(later, 2)]],
    ['there was no later run', [old, earlier]],
    ['the run was killed', [old]],
  ])('still counts when %s', (_, lines) => {
    expect(newest(lines)).toHaveLength(1);
  });

  test('is not taken for a result of an expected case', () => {
    const journal = [invalid('a', 7, 1), invalid('b', 8, 1), earlier, invalid('b', 8, 11), later];
    const index = indexOf(journal);
    expect(['a', 'b', 'c'].map((id) => index.expect(id))).toEqual([false, true, false]);
  });

  function sharded(run: RunInfo, index: number): RunInfo {
    return { ...run, shard: { index, count: 2 } };
  }

  function without({ files, ...run }: RunInfo): RunInfo {
    expect(files).toBeDefined();
    return run;
  }

  function moved(minute: number): SavedResult {
    const source = { file: './cases.ndjson', line: 7 };
    return saved(unenriched(null, 'invalid', { at: at(minute), source }));
  }
});

/** `a` is a case, `!a` a record with that id and a wrong title, `=a` one whose id was seen before. */
function entryOf(text: string): Entry {
  const caseId = text.replace(/^[!=]/, '');
  const source = { file: 'cases.ndjson', line: 1 };
  if (text === caseId) return { kind: 'case', index: 0, case: new Case(caseId, '{}'), source };
  const message = text.startsWith('=') ? duplicateMessage(caseId) : 'title is 5';
  return { kind: 'invalid', index: 0, caseId, source, message };
}

describe('completeness', () => {
  function check(expected: string[], runs: FinishedRun[], ...files: SavedResult[][]) {
    const index = indexOf(...files);
    const completeness = new CompletenessCheck(index);
    for (const id of expected) completeness.expect(entryOf(id));
    for (const [file, lines] of files.entries()) {
      for (const [position, line] of lines.entries()) if (index.isNewest(file, position)) completeness.check(line);
    }
    const { isComplete, ...parts } = completeness.end(runs);
    const named = Object.entries(parts).filter(([, { count }]) => count > 0);
    return { isComplete, ...Object.fromEntries(named.map(([name, sample]) => [name, sampleText(sample)])) };
  }

  test.each<[string, string[], SavedResult[][], object]>([
    ['all there', ['a', 'b'], [[ok('a')], [bad('b')]], { isComplete: true }],
    ['nothing expected, nothing there', [], [], { isComplete: true }],
    ['missing', ['a', 'b', 'c'], [[ok('a')]], { isComplete: false, missing: 'b, c' }],
    ['missing and named twice', ['b', 'b'], [[]], { isComplete: false, missing: 'b' }],
    ['unexpected', ['a'], [[ok('a'), ok('x')]], { isComplete: false, unexpected: 'x' }],
    ['invalid, known by its id', ['a'], [[invalid('a', 3)]], { isComplete: true }],
    ['an invalid record', ['!a'], [[invalid('a', 3)]], { isComplete: true }],
    ['an invalid record without a result', ['!a'], [[]], { isComplete: false, missing: 'a' }],
    [
      'a case whose duplicate alone has a result',
      ['a', '=a'],
      [[duplicate('a', 2)]],
      { isComplete: false, missing: 'a' },
    ],
    ['a case with a result and its duplicate', ['a', '=a'], [[duplicate('a', 2), ok('a')]], { isComplete: true }],
    ['a case that could not be sent, and its duplicate', ['a', '=a'], [[invalid('a', 1)]], { isComplete: true }],
    [
      'a case behind an invalid record that alone has a result',
      ['!a', 'a', 'a', '!a'],
      [[invalid('a', 1)]],
      { isComplete: false, missing: 'a' },
    ],
    [
      'a case before an invalid record that alone has a result',
      ['a', '!a', 'a'],
      [[invalid('a', 2)]],
      { isComplete: false, missing: 'a' },
    ],
    ['both of one id with results', ['!a', 'a'], [[invalid('a', 1), ok('a')]], { isComplete: true }],
    ['both of one id without any', ['!a', 'a'], [[]], { isComplete: false, missing: 'a' }],
    ['invalid without id', ['a'], [[ok('a'), invalid(null, 3)]], { isComplete: true }],
    ['enriched twice', ['a'], [[ok('a', 1)], [ok('a', 2)]], { isComplete: false, enrichedTwice: 'a' }],
    [
      'enriched, failed, enriched',
      ['a'],
      [[ok('a', 1), bad('a', 2), ok('a', 3)]],
      { isComplete: false, enrichedTwice: 'a' },
    ],
    ['enriched again after a change', ['a'], [[ok('a', 1, 'k')], [ok('a', 2, 'other')]], { isComplete: true }],
    ['the same result in two files', ['a'], [[ok('a', 1)], [ok('a', 1)]], { isComplete: true }],
  ])('%s', (_, expected, files, found) => {
    expect(check(expected, [], ...files)).toEqual(found);
  });

  test('names 20 ids and counts the others', () => {
    const ids = Array.from({ length: 1025 }, (_, number) => `c${number}`);
    expect(check(ids, [], [])).toMatchObject({
      missing: expect.stringMatching(/^c0, .*c19 … and 1,005 more$/) as string,
    });
  });
});

describe('shards', () => {
  const run = (file: string, index: number, count: number, settings = 's'): FinishedRun => ({
    file,
    run: runInfo({ shard: { index, count }, settings }),
    summary: summary(),
  });
  const unsharded: FinishedRun = { file: 'all', run: runInfo(), summary: summary() };

  test.each<[string, FinishedRun[], string, string]>([
    ['none', [unsharded], '', ''],
    ['all there', [run('a', 1, 2), run('b', 2, 2), unsharded], '', ''],
    ['one missing', [run('a', 1, 3), run('c', 3, 3)], '2/3', ''],
    ['one with other settings', [run('a', 1, 3), run('b', 2, 3, 't'), run('c', 3, 3)], '', 'b (2/3)'],
    ['one of another number of shards', [run('a', 1, 3), run('b', 2, 3), run('c', 3, 4)], '3/3', 'c (3/4)'],
    ['run again with the right settings', [run('a', 1, 2), run('b', 2, 2, 't'), run('b', 2, 2)], '', ''],
    ['several in one file', [run('a', 1, 2), run('a', 2, 2)], '', ''],
  ])('%s', (_, runs, missing, other) => {
    const { missingShards, otherSettings } = compareShards(runs);
    expect([sampleText(missingShards), sampleText(otherSettings)]).toEqual([missing, other]);
  });
});

test('counts the lines that newer ones replace, and invalid records that were corrected', () => {
  expect(indexOf([ok('a'), ok('b')]).countSuperseded()).toBe(0);
  expect(indexOf([ok('a'), bad('a', 1)], [ok('a', 2), ok('b')]).countSuperseded()).toBe(2);
  expect(indexOf([bad('a'), runInfo()]).countSuperseded()).toBe(0);
});
