import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Column, type Row, type Style, layout } from '../../src/text/table.js';
import { displayWidth } from '../../src/text/printable.js';
import { countSegmented } from '../helpers/segmented.js';

const columns: readonly Column[] = [
  { title: 'id' },
  { title: 'count', align: 'right', dropOrder: 0 },
  { title: 'title', flexible: true, minWidth: 10 },
];
const rows: readonly Row[] = [
  ['CASE-1', '7', 'Suspicious log-in from two countries'],
  ['CASE-22', '1,024', '账户被锁定，需要人工核实身份后才能解锁'],
  ['CASE-333', '', 'two\nlines \u001b[31mred\u001b[0m'],
];

function shown(width: number, given: readonly Row[] = rows, of: readonly Column[] = columns): string {
  const table = layout(of, given, width);
  return [table.header(), ...given.map((row) => table.row(row))].join('\n');
}

/** Marks where styles begin and end. */
const marked: Style = {
  bold: (text) => `<b>${text}</b>`,
  dim: (text) => `<dim>${text}</dim>`,
  red: (text) => `<red>${text}</red>`,
  green: (text) => `<green>${text}</green>`,
  yellow: (text) => `<yellow>${text}</yellow>`,
};

describe('a table', () => {
  test('is as wide as its content where there is room', () => {
    expect(shown(80)).toMatchInlineSnapshot(`
      "ID        COUNT  TITLE
      CASE-1        7  Suspicious log-in from two countries
      CASE-22   1,024  账户被锁定，需要人工核实身份后才能解锁
      CASE-333         two\\nlines \\x1b[31mred\\x1b[0m"
    `);
  });

  test('cuts the flexible column first, wide characters included', () => {
    expect(shown(40)).toMatchInlineSnapshot(`
      "ID        COUNT  TITLE
      CASE-1        7  Suspicious log-in from…
      CASE-22   1,024  账户被锁定，需要人工核…
      CASE-333         two\\nlines \\x1b[31mred…"
    `);
  });

  test('leaves out what may go when the flexible column is at its least', () => {
    expect(shown(24)).toMatchInlineSnapshot(`
      "ID        TITLE
      CASE-1    Suspicious lo…
      CASE-22   账户被锁定，…
      CASE-333  two\\nlines \\x…"
    `);
  });

  test('narrows every column when nothing else is left', () => {
    expect(shown(12)).toMatchInlineSnapshot(`
      "ID    TITLE
      CAS…  Suspi…
      CAS…  账户…
      CAS…  two\\n…"
    `);
  });

  test('cuts nothing where there is no end to the line, and a long cell pushes only its own row aside', () => {
    const table = layout(columns, rows.slice(0, 1), Infinity);
    const lines = [table.header(), table.row(rows[0] ?? []), table.row(['A-VERY-LONG-ID', '1', 'x'.repeat(300)])];
    expect(lines.map((line) => line.slice(0, 60)).join('\n')).toMatchInlineSnapshot(`
      "ID      COUNT  TITLE
      CASE-1      7  Suspicious log-in from two countries
      A-VERY-LONG-ID      1  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    `);
    expect(lines[2]).toHaveLength(14 + 2 + 5 + 2 + 300);
  });

  test('a later id that is longer is shown whole, at the cost of the flexible column and in its own row', () => {
    const table = layout(columns, [['A-1', '1', 'a title of some length']], 40);
    const later = [
      ['A-1234567', '22', 'a title that is longer than the sample'],
      ['A-2', '3', 'short'],
      ['A'.repeat(60), '4', 'x'],
    ];
    expect(later.map((row) => table.row(row)).join('\n')).toMatchInlineSnapshot(`
      "A-1234567     22  a title that is longe…
      A-2      3  short
      AAAAAAAAAAAAAAAAAAAA…      4  x"
    `);
  });

  test('the flexible columns of later rows use what is left of the line', () => {
    const table = layout(columns, [['A', '1', 'short']], 30);
    expect(table.row(['A', '1', 'a title that is longer'])).toBe('A       1  a title that is lo…');
  });

  test('one long id costs the other rows nothing', () => {
    const given = [
      ['A-1', '1', 'a title'],
      ['B'.repeat(70), '2', 'another'],
    ];
    expect(shown(80, given)).toMatchInlineSnapshot(`
      "ID                                        COUNT  TITLE
      A-1                                           1  a title
      BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB…      2  another"
    `);
  });

  test('flexible columns before the last one keep to their width', () => {
    const two = [
      { title: 'tags', flexible: true },
      { title: 'title', flexible: true },
    ];
    const given = [
      ['a'.repeat(30), 'b'.repeat(30)],
      ['a'.repeat(12), 'b'.repeat(40)],
    ];
    expect(shown(40, given, two)).toMatchInlineSnapshot(`
      "TAGS                 TITLE
      aaaaaaaaaaaaaaaaaa…  bbbbbbbbbbbbbbbbbb…
      aaaaaaaaaaaa         bbbbbbbbbbbbbbbbbb…"
    `);
  });

  test('puts colour around the text after it is fitted, and only where a cell asks for it', () => {
    const table = layout(columns, [['A', '1', 'x']], 30);
    expect(table.header(marked)).toBe('<b>ID</b>  <b>COUNT</b>  <b>TITLE</b>');
    const row = table.row([{ text: 'A', style: 'dim' }, { text: '1', style: 'red' }, { text: '' }], marked);
    expect(row).toBe('<dim>A</dim>       <red>1</red>');
  });

  test('an empty table, a row that is too short and a table without columns are no trouble', () => {
    expect(layout(columns, [], 80).header()).toBe('ID  COUNT  TITLE');
    expect(layout(columns, [], 80).row(['A'])).toBe('A');
    expect(layout([], [], 80).row(['A'])).toBe('');
  });

  test('an id with escape sequences is shown, not obeyed', () => {
    expect(layout(columns, [], Infinity).row(['\u001b]0;gone\u0007\u001b[2J', '1', 'x'])).toBe(
      '\\x1b]0;gone\\x07\\x1b[2J      1  x',
    );
  });

  test('no line is wider than the terminal, and none ends in a space', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'b', '账', '🔒', 'e\u0301', '\n', '\u001b'),
      maxLength: 30,
    });
    const body = fc.array(fc.tuple(cell, cell, cell), { maxLength: 6 });
    fc.assert(
      fc.property(body, fc.integer({ min: 5, max: 100 }), fc.nat(6), (given, width, sampled) => {
        const table = layout(columns, given.slice(0, sampled), width);
        for (const line of [table.header(), ...given.map((row) => table.row(row))]) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
          // oxlint-disable-next-line no-control-regex
          expect(line).not.toMatch(/[\u0000-\u001f]| $/);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

test.each([80, Infinity])('a cell of 360 KB of wide characters costs no more than its length, at width %d', (width) => {
  const counted = countSegmented();
  const row = ['CASE-1', '1', '账'.repeat(120_000)];
  shown(width, [row, row]);
  expect(counted.longest).toBeLessThanOrEqual(256);
  expect(counted.all).toBeLessThan(width === 80 ? 10_000 : 2 * 2 * 120_000);
});
