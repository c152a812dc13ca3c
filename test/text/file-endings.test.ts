import { describe, expect, test } from 'vitest';
import {
  caseFormByEnding,
  endingFor,
  endingOf,
  formatByEnding,
  isJournalName,
  withEnding,
} from '../../src/text/file-endings.js';

describe('formatByEnding', () => {
  test.each([
    ['a.json', 'json'],
    ['a.NDJSON', 'ndjson'],
    ['dir.md/a.jsonl', 'ndjson'],
    ['a.htm', 'html'],
    ['a.xml', 'junit'],
    ['a.md', 'markdown'],
    ['a.csv', 'csv'],
    ['a.TSV', 'tsv'],
    ['a.json.gz', undefined],
    ['json', undefined],
    [undefined, undefined],
  ])('%j is %j', (path, format) => expect(formatByEnding(path)).toBe(format));
});

test('case files may be compressed, journals not', () => {
  expect(['a.json.gz', 'a.jsonl.GZ', 'a.html', 'a.gz'].map(caseFormByEnding)).toEqual([
    'json',
    'ndjson',
    undefined,
    undefined,
  ]);
  expect(['a.ndjson', 'a.jsonl', 'a.ndjson.gz', 'a.json', undefined].map(isJournalName)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test.each([
  ['run.ndjson', 'run.html'],
  ['run', 'run.html'],
  ['a.b/run', 'a.b/run.html'],
  ['run.2026-01-01', 'run.html'],
])('%s with the ending html is %s', (path, expected) => expect(withEnding(path, 'html')).toBe(expected));

test('the ending of a name, and the name that a format ends in', () => {
  expect(
    ['a.TXT', 'a/.hidden', '.x', 'a.b/run', 'run.2026-01-01', 'a.tar.gz', '/dev/stdout', '-', 'x.', '..csv'].map(
      endingOf,
    ),
  ).toEqual(['txt', undefined, undefined, undefined, undefined, 'gz', undefined, undefined, undefined, undefined]);
  expect((['json', 'ndjson', 'csv', 'junit', 'markdown', 'html'] as const).map(endingFor)).toEqual([
    'json',
    'ndjson',
    'csv',
    'xml',
    'md',
    'html',
  ]);
});
