import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DIALECTS, guardFormula, headerText, rowText, SHEET_FORMS, uniqueTitles } from '../../src/text/csv.js';
import { rowsOf } from '../helpers/rows.js';

const { csv, tsv, excel } = DIALECTS;

test.each([
  ['=1+1', "'=1+1"],
  ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
  ['+49 170 1234567', "'+49 170 1234567"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', "'\r=1"],
  ['\0', "'\0"],
  ['-', "'-"],
  ['-1+2', "'-1+2"],
  ['-cmd', "'-cmd"],
  ['-1.5e', "'-1.5e"],
  ['-.5', "'-.5"],
  ['-1 ', "'-1 "],
  ['-1\n', "'-1\n"],
  ['--1', "'--1"],
  ['-5', '-5'],
  ['-007', '-007'],
  ['-1.5e3', '-1.5e3'],
  ['-1.5E+3', '-1.5E+3'],
  ['-123456789012345678901234567890.25', '-123456789012345678901234567890.25'],
  ['5', '5'],
  ['a=b', 'a=b'],
  ["'=1", "'=1"],
  ['', ''],
])('guard: %j is written as %j', (text, expected) => expect(guardFormula(text)).toBe(expected));

describe('rows', () => {
  test('are quoted where they need it', () => {
    const cells = ['a', '', '007', 'x, y', 'say "so"', 'two\nlines', 'two\r\nlines', 'a;b', 'a\tb', ' b', 'b ', 'a|b'];
    expect(rowText(cells, csv)).toBe(
      'a,,007,"x, y","say ""so""","two\nlines","two\r\nlines","a;b","a\tb"," b","b ",a|b\r\n',
    );
    expect(rowText(['a', 'b\tc', ''], tsv)).toBe('a\t"b\tc"\t\n');
    expect(rowText(['a', 'b'], excel)).toBe('a\tb\r\n');
  });

  test('a row of one empty cell is no blank line', () => {
    expect([rowText([''], csv), headerText([''], csv), rowText(['', ''], csv)]).toEqual(['""\r\n', '""\r\n', ',\r\n']);
  });

  test('titles that would mislead a reader about the form are quoted', () => {
    expect(headerText(['ID', 'IDs', 'id'], csv)).toBe('"ID","IDs",id\r\n');
    expect(headerText(['sep=;', 'a|b', 'a;b'], csv)).toBe('"sep=;","a|b","a;b"\r\n');
  });

  test.each(SHEET_FORMS)('%s gives back every text', (form) => {
    const cell = fc.oneof(
      fc.string(),
      fc.constantFrom('', '"', '""', '\r\n', ',', ';', '\t', '|', ' ', '\ufeff', '=1'),
    );
    const row = fc.array(cell, { minLength: 1, maxLength: 5 });
    const { delimiter } = DIALECTS[form];
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const text = rows.map((cells, at) => (at === 0 ? headerText : rowText)(cells, DIALECTS[form])).join('');
        expect(rowsOf(text, delimiter)).toEqual(rows);
        // No row looks like a blank line.
        expect(
          text
            .replaceAll(/"[^"]*"/g, 'q')
            .split('\n')
            .slice(0, -1)
            .filter((line) => line === '' || line === '\r'),
        ).toEqual([]);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

test('titles are made different, as readers see them', () => {
  expect(uniqueTitles(['a', 'b', 'a', 'a (2)', ' a', 'other'], new Set(['other']))).toEqual([
    'a',
    'b',
    'a (2)',
    'a (2) (2)',
    ' a (3)',
    'other (2)',
  ]);
});
