import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { Case } from '../../../src/core/case.js';
import { type CaseTableOptions, caseTable } from '../../../src/report/terminal/case-table.js';
import { plain } from '../../../src/text/table.js';

const OVERDUE = new Set(['CASE-002', 'X-1']);
const base: CaseTableOptions = {
  now: Date.UTC(2026, 10, 23, 9),
  width: 80,
  isOverdue: ({ id }) => OVERDUE.has(id),
};

const sample = (
  JSON.parse(await readFile(new URL('../../../data/cases.json', import.meta.url), 'utf8')) as { id: string }[]
)
  .filter(({ id }) => ['CASE-002', 'CASE-007', 'CASE-014', 'CASE-028', 'CASE-031', 'CASE-040'].includes(id))
  .map((value) => new Case(value.id, JSON.stringify(value)));

function shown(cases: readonly Case[], options: Partial<CaseTableOptions> = {}): string {
  const table = caseTable(cases, { ...base, ...options });
  return [table.header(), ...cases.map((one) => table.row(one))].join('\n');
}

test('120 columns: everything is there', () => {
  expect(shown(sample, { width: 120 })).toMatchInlineSnapshot(`
    "ID        STATUS  PRIORITY  ASSIGNEE  DUE          TITLE
    CASE-002  open    high      mira      3 days ago!  Suspicious log-in from two countries
    CASE-007  open    normal    jonas     –            账户被锁定
    CASE-014  open    high      –         in 2 days    Phishing mail with attachment, reported by 4 users
    CASE-028  closed  normal    yuki      9 days ago   2단계 인증 재설정 요청
    CASE-031  open    high      jonas     today        Invoice fraud: bank details changed by mail
    CASE-040  closed  –         –         –            Test alert, please ignore"
  `);
});

test('80 columns: the title gives way', () => {
  expect(shown(sample)).toMatchInlineSnapshot(`
    "ID        STATUS  PRIORITY  ASSIGNEE  DUE          TITLE
    CASE-002  open    high      mira      3 days ago!  Suspicious log-in from two c…
    CASE-007  open    normal    jonas     –            账户被锁定
    CASE-014  open    high      –         in 2 days    Phishing mail with attachmen…
    CASE-028  closed  normal    yuki      9 days ago   2단계 인증 재설정 요청
    CASE-031  open    high      jonas     today        Invoice fraud: bank details …
    CASE-040  closed  –         –         –            Test alert, please ignore"
  `);
});

test('40 columns: id, status and title are left', () => {
  expect(shown(sample, { width: 40 })).toMatchInlineSnapshot(`
    "ID        STATUS  TITLE
    CASE-002  open    Suspicious log-in fro…
    CASE-007  open    账户被锁定
    CASE-014  open    Phishing mail with at…
    CASE-028  closed  2단계 인증 재설정 요청
    CASE-031  open    Invoice fraud: bank d…
    CASE-040  closed  Test alert, please ig…"
  `);
});

test('other fields, dotted ones and unknown ones too, tags joined, numbers as they were written', () => {
  const cases = [
    new Case('X-1', '{"id":"X-1","tags":["a","b"],"amount":12500.00,"n":9007199254740993,"customer":{"name":"Nord"}}'),
    new Case('X-2', '{"id":"X-2","tags":[],"amount":null,"n":-0,"customer":{},"customer.name":"exact","list":[1, {}]}'),
    new Case('X-3', '{"id":"X-3","amount":"","n":true,"customer":{"name":{"first":"A"}},"list":["x",null]}'),
  ];
  const fields = ['id', 'tags', 'amount', 'n', 'customer.name', 'list'];
  expect(shown(cases, { fields })).toMatchInlineSnapshot(`
    "ID   TAGS  AMOUNT    N                 CUSTOMER.NAME  LIST
    X-1  a, b  12500.00  9007199254740993  Nord           –
    X-2  –     –         -0                exact          [1, {}]
    X-3  –     –         true              {"first":"A"}  ["x",null]"
  `);
});

test('known fields are read under the names of the export', () => {
  const cases = [
    new Case('17', '{"number":17,"state":"open","subject":"Hello","deadline":"2026-11-24","title":"not this"}'),
  ];
  const fieldNames = { id: 'number', status: 'state', title: 'subject', dueAt: 'deadline' };
  expect(shown(cases, { fieldNames })).toMatchInlineSnapshot(`
    "ID  STATUS  PRIORITY  ASSIGNEE  DUE       TITLE
    17  open    –         –         tomorrow  Hello"
  `);
});

test('columns that were asked for stay in a narrow terminal', () => {
  const fields = ['id', 'assignee', 'priority', 'dueAt', 'openedAt'];
  expect(shown(sample, { fields, width: 40 })).toMatchInlineSnapshot(`
    "ID        ASS…  PRIOR…  DUE      OPENED
    CASE-002  mira  high    3 days…  6 days…
    CASE-007  jon…  normal  –        2 days…
    CASE-014  –     high    in 2 d…  yester…
    CASE-028  yuki  normal  9 days…  12 day…
    CASE-031  jon…  high    today    4 days…
    CASE-040  –     –       –        yester…"
  `);
});

test('what is overdue is red, high priority is bold', () => {
  const cases = [new Case('X-1', '{"id":"X-1","priority":"high","dueAt":"2026-11-20T12:00:00Z"}')];
  const style = { ...plain, red: (text: string) => `<red>${text}</red>`, bold: (text: string) => `<b>${text}</b>` };
  const table = caseTable(cases, { ...base, style, fields: ['dueAt', 'priority', 'id'] });
  expect(cases.map((one) => table.row(one))).toEqual(['<red>3 days ago!</red>  <b>high</b>      X-1']);
});

test('control characters in ids, fields and titles of columns are shown, not obeyed', () => {
  const cases = [new Case('\u001b[31mX', '{"id":"\\u001b[31mX","ti\\u0007tle":"a\\nb\\u202e"}')];
  expect(shown(cases, { fields: ['id', 'ti\u0007tle'] })).toMatchInlineSnapshot(`
    "ID         TI\\x07TLE
    \\x1b[31mX  a\\nb\\u202e"
  `);
});

test('a field with the name of a method is a field like any other', () => {
  const cases = [new Case('a', '{"id":"a","constructor":"x","toString":"y"}')];
  const fields = ['constructor', 'toString', '__proto__'];
  expect(shown(cases, { fields, fieldNames: {} })).toBe('CONSTRUCTOR  TOSTRING  __PROTO__\nx            y         –');
});
