/** A sheet that is written and read again has the same cells. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { caseFormByEnding } from '../../src/text/file-endings.js';
import { folderWith } from '../helpers/folder.js';
import { runMain } from '../helpers/run-main.js';

const TEXTS = [
  '007',
  '123456789012345678901234567890',
  '1.0',
  "=cmd|' /C calc'!A0",
  '-5',
  '+1',
  '@a',
  'one\ntwo',
  'one\r\ntwo',
  'a;b;c',
  'a, "b", c',
  '"',
  'a\tb',
  '账户被锁定',
  '👩‍👩‍👧 😀',
  '  both  ',
  '2026-11-03',
  "'q",
  'a|b',
  'sep=;',
  'a\0b',
  '__proto__',
  'x'.repeat(50_000),
];
const TITLES = ['text', 'ID|x', '__proto__', 'constructor', 'a;b', 'Größe cm', 'sep=,'];

/** Cases of texts and nulls alone, as a sheet has them: their members in the order of the columns. */
const CASES = TEXTS.map((text, at) => {
  const members = TITLES.map(
    (title) => `${JSON.stringify(title)}:${title === '__proto__' ? 'null' : JSON.stringify(text)}`,
  );
  return `{"id":"${at}",${members.join(',')}}`;
});

const isReadable = caseFormByEnding('x.csv') !== undefined;

test.skipIf(!isReadable).each([
  ['csv', 'x.csv'],
  ['tsv', 'x.tsv'],
  ['excel', 'x.csv'],
])('%s, written by list, is read as the same cases', async (format, name) => {
  const cwd = folderWith({ 'cases.ndjson': CASES.map((text) => `${text}\n`).join('') });
  const written = await runMain(['list', 'cases.ndjson', '--format', format, '-o', name, '--no-formula-guard'], {
    cwd,
  });
  expect([written.code, written.stderr]).toEqual([0, '']);
  const { stdout } = await runMain(['list', name, '--format', 'ndjson'], { cwd });
  expect(stdout.split('\n').slice(0, -1)).toEqual(CASES.map((text) => `${text.slice(0, -1)},"other":null}`));
});

test.skipIf(!isReadable)('a sheet that was enriched is a sheet of cases, guarded cells aside the same', async () => {
  const cwd = folderWith({ 'cases.ndjson': CASES.map((text) => `${text}\n`).join('') });
  await runMain(['list', 'cases.ndjson', '-o', 'x.csv', '--no-formula-guard'], { cwd });
  const enrich = ['enrich', 'x.csv', '--endpoint', 'demo', '--max-failures', 'none', '-o', 'y.csv'];
  expect((await runMain(enrich, { cwd })).code).toBe(1);
  expect(readFileSync(join(cwd, 'y.csv'), 'utf8')).toMatch(/^id,text,"ID\|x",/);
  const { stdout } = await runMain(['list', 'y.csv', '--format', 'json'], { cwd });
  const rows = JSON.parse(stdout) as Record<string, string>[];
  const guarded = (text: string): string => (/^[=+@]/.test(text) ? `'${text}` : text);
  expect(rows.map((row) => row['a;b'])).toEqual(TEXTS.map(guarded));
  expect(new Set(rows.map((row) => row['result.status']))).toEqual(new Set(['failed']));
});
