import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RecordShape } from '../../../src/core/cases/record.js';
import type { FieldOptions } from '../../../src/core/cases/record.js';
import { parseWhere } from '../../../src/core/cases/where.js';
import { isFiltering, Selector, shardOf } from '../../../src/core/cases/select.js';
import type { Selection } from '../../../src/core/cases/select.js';

const NOW = Date.parse('2026-03-10T12:00:00Z');

/** Runs records (JSON texts) through a selection: the ids that are selected, in order, and the facts. */
function select(selection: Selection, texts: readonly string[], options?: FieldOptions) {
  const shape = new RecordShape(options);
  const selector = new Selector(selection, shape, NOW);
  const records = texts.map((text) => ({ text, value: JSON.parse(text) as Record<string, unknown> }));
  const selected: string[] = [];
  const held: { id: string; value: Record<string, unknown> }[] = [];
  for (const { text, value } of records) {
    const check = shape.check(value, text);
    if (!check.ok) throw new Error(check.message);
    const decision = selector.decide(check.id, value, text);
    if (decision === 'selected') selected.push(check.id);
    if (decision === 'held') held.push({ id: check.id, value });
  }
  for (const { id, value } of held) if (selector.release(id, value)) selected.push(id);
  return { selected, facts: selector.facts(), selector };
}

const CASES = [
  '{"id":"a","status":"open","priority":"high","assignee":"mira","tags":["mail","vip"],"n":1.0,"customer":{"tier":"gold"}}',
  '{"id":"b","status":"closed","priority":"high","tags":[],"n":1,"customer":{"tier":"tin"}}',
  '{"id":"c","status":"Open","assignee":null,"tags":["mail"],"customer.tier":"gold"}',
  '{"id":"d","status":"pending","priority":"low","assignee":"jonas","gone":null}',
];

describe('filters', () => {
  test.each<[string, Selection, string[]]>([
    ['nothing asked for is everything', {}, ['a', 'b', 'c', 'd']],
    ['empty filters are none', { status: [], id: [], where: [] }, ['a', 'b', 'c', 'd']],
    ['values are compared exactly', { status: ['open'] }, ['a']],
    ['values of one filter are alternatives', { status: ['open', 'pending'] }, ['a', 'd']],
    ['filters must all hold', { status: ['open', 'closed'], priority: ['high'], assignee: ['mira'] }, ['a']],
    ['a missing or null field matches no value', { assignee: ['', 'null'] }, []],
    ['one tag of several is enough', { tag: ['vip', 'other'] }, ['a']],
    ['where looks into objects', { where: [{ name: 'customer.tier', op: '=', value: 'gold' }] }, ['a', 'c']],
    ['where compares numbers as they are written', { where: [{ name: 'n', op: '=', value: '1.0' }] }, ['a']],
    ['where = is false for a missing field', { where: [{ name: 'n', op: '=', value: '' }] }, []],
    ['where != is true for a missing field', { where: [{ name: 'n', op: '!=', value: '1' }] }, ['a', 'c', 'd']],
    ['where sees null', { where: [{ name: 'gone', op: '=', value: 'null' }] }, ['d']],
    ['where FIELD is for there and not null', { where: [{ name: 'n', op: 'present', value: '' }] }, ['a', 'b']],
    ['where FIELD is not for null', { where: [{ name: 'gone', op: 'present', value: '' }] }, []],
    ['where !FIELD is for not there', { where: [{ name: 'n', op: 'absent', value: '' }] }, ['c', 'd']],
    ['where !FIELD is for null too', { where: [{ name: 'gone', op: 'absent', value: '' }] }, ['a', 'b', 'c', 'd']],
    ['where finds array elements', { where: [{ name: 'tags.0', op: '=', value: 'mail' }] }, ['a', 'c']],
    [
      'several wheres must all hold',
      {
        where: [
          { name: 'n', op: '!=', value: '1' },
          { name: 'status', op: '!=', value: 'open' },
        ],
      },
      ['c', 'd'],
    ],
    ['first takes that many', { first: 2 }, ['a', 'b']],
    ['first counts selected cases', { priority: ['low', 'high'], first: 3 }, ['a', 'b', 'd']],
    ['first 0 takes none', { first: 0 }, []],
  ])('%s', (_, selection, ids) => {
    expect(select(selection, CASES).selected).toEqual(ids);
  });

  test('read fields under the names of the export', () => {
    const { selected } = select({ status: ['open'] }, ['{"id":1,"state":"open"}', '{"id":2,"status":"open"}'], {
      fieldNames: { status: 'state' },
    });
    expect(selected).toEqual(['1']);
  });

  test.each([
    ['id=A', ['A']],
    ['number=A', ['A']],
    ['title=hello', ['A']],
    ['summary=hello', ['A']],
    ['id!=A', ['B']],
    ['id', ['A', 'B']],
    ['!title', ['B']],
  ])('where %s goes by the names of the export, raw ones too, and the id is trimmed', (text, ids) => {
    const where = [parseWhere(text)].filter((each) => each !== undefined);
    const records = ['{"number":" A ","id":"x","summary":"hello"}', '{"number":"B","id":"A","title":"hello"}'];
    const options = { idField: 'number', fieldNames: { title: 'summary' } };
    const { selected, facts } = select({ where }, records, options);
    expect(selected).toEqual(ids);
    expect(facts.unknownFields).toEqual([]);
  });

  test('where compares the value of a string however it is escaped', () => {
    const where = [{ name: 'x', op: '=', value: 'é"' }] as const;
    expect(select({ where }, ['{"id":1,"x":"\\u00e9\\""}', '{"id":2,"\\u0078":"é\\u0022"}']).selected).toEqual([
      '1',
      '2',
    ]);
  });

  test('isFiltering is about filters, not about first and shard', () => {
    expect(
      [{}, { first: 1, shard: { index: 1, count: 2 } }, { status: [] }, { overdue: false }].map(isFiltering),
    ).toEqual([false, false, false, false]);
    expect(
      [{ id: ['a'] }, { overdue: true }, { where: [{ name: 'a', op: '=', value: '' }] } as const].map(isFiltering),
    ).toEqual([true, true, true]);
  });
});

describe('overdue', () => {
  test.each([
    ['a date-time in the past', '"dueAt":"2026-03-10T11:59:59Z"', true],
    ['a date-time to come', '"dueAt":"2026-03-10T12:00:01Z"', false],
    ['a date-time with an offset', '"dueAt":"2026-03-10T13:30:00+02:00"', true],
    ['yesterday', '"dueAt":"2026-03-09"', true],
    ['today, because the day is not over', '"dueAt":"2026-03-10"', false],
    ['no date', '"status":"open"', false],
    ['null', '"dueAt":null', false],
    ['closed', '"dueAt":"2026-01-01","status":"Closed"', false],
    ['resolved', '"dueAt":"2026-01-01","status":"resolved"', false],
    ['done', '"dueAt":"2026-01-01","status":"DONE"', false],
    ['another status', '"dueAt":"2026-01-01","status":"closed?"', true],
  ])('%s', (_, members, expected) => {
    const texts = [`{"id":"a",${members}}`];
    expect(select({ overdue: true }, texts).selected).toEqual(expected ? ['a'] : []);
    expect(select({}, texts).facts.overdue).toBe(expected ? 1 : 0);
  });

  test('is counted among the selected cases only', () => {
    const texts = ['{"id":"a","dueAt":"2026-01-01","status":"open"}', '{"id":"b","dueAt":"2026-01-01","status":"new"}'];
    expect(select({ status: ['new'] }, texts).facts.overdue).toBe(1);
  });
});

describe('ids', () => {
  const texts = [
    '{"id":"Case-1"}',
    '{"id":"case-2"}',
    '{"id":"CASE-2"}',
    '{"id":"case-3"}',
    '{"id":"CASE-3"}',
    '{"id":4}',
  ];

  test.each<[string, string[], string[]]>([
    ['an exact one', ['Case-1'], ['Case-1']],
    ['digits', ['4'], ['4']],
    ['the only one that differs in case', ['CASE-1'], ['Case-1']],
    ['the exact one rather than others', ['CASE-2'], ['CASE-2']],
    ['several, each in its own way; those that were not exact come last', ['case-1', 'case-2'], ['case-2', 'Case-1']],
    ['each case once', ['Case-1', 'case-1', 'CASE-1'], ['Case-1']],
    ['none when several differ in case', ['Case-3'], []],
  ])('find %s', (_, id, expected) => {
    expect(select({ id }, texts).selected).toEqual(expected);
  });

  test('that are missing or ambiguous are told', () => {
    const { facts } = select({ id: ['Case-3', 'nope', '4', 'CASE-1'] }, texts);
    expect(facts.missingIds).toEqual(['nope']);
    expect(facts.ambiguousIds).toEqual([{ id: 'Case-3', matches: ['case-3', 'CASE-3'] }]);
  });

  test('must pass the other filters too', () => {
    const closed = ['{"id":"A","status":"closed"}', '{"id":"b","status":"closed"}'];
    expect(select({ id: ['a', 'b'], status: ['open'] }, closed).selected).toEqual([]);
    expect(select({ id: ['a', 'b'], status: ['open'] }, closed).facts.missingIds).toEqual([]);
  });

  test('that differ in case count for first', () => {
    expect(select({ id: ['case-1', '4'], first: 1 }, texts).selected).toEqual(['4']);
  });
});

describe('facts', () => {
  test('name the values in use of the fields that were asked for, most frequent first', () => {
    const { facts } = select({ status: ['opne'], tag: ['x'] }, [...CASES, '{"id":"e","status":"closed"}']);
    expect(facts.valuesInUse).toEqual({
      status: [
        ['closed', 2],
        ['open', 1],
        ['Open', 1],
        ['pending', 1],
      ],
      priority: [],
      assignee: [],
      tag: [
        ['mail', 2],
        ['vip', 1],
      ],
    });
  });

  test('count values also in cases that another filter refuses', () => {
    const { facts } = select({ overdue: true, status: ['open'], priority: ['high'] }, CASES);
    expect(facts.valuesInUse.priority).toEqual([
      ['high', 2],
      ['low', 1],
    ]);
  });

  test('stay small when every case has another value', () => {
    const texts = Array.from({ length: 3000 }, (_, i) => `{"id":${i},"assignee":"user-${i}"}`);
    expect(select({ assignee: ['nobody'] }, texts).facts.valuesInUse.assignee).toHaveLength(20);
  });

  test('name the where fields that no case has', () => {
    const where = [
      { name: 'priorty', op: '=', value: 'high' },
      { name: 'customer.tier', op: '!=', value: 'x' },
    ] as const;
    expect(select({ where }, CASES).facts.unknownFields).toEqual(['priorty']);
  });
});

describe('shards', () => {
  test('part the ids: each is in exactly one', () => {
    const property = fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 }).filter((id) => id.trim() === id && id !== '')),
      fc.integer({ min: 1, max: 9 }),
      (ids, count) => {
        const texts = ids.map((id) => JSON.stringify({ id }));
        const parts = Array.from(
          { length: count },
          (_, i) => select({ shard: { index: i + 1, count } }, texts).selected,
        );
        expect(parts.flat().sort()).toEqual([...ids].sort());
        parts.forEach((part, i) => part.forEach((id) => expect(shardOf(id, count)).toBe(i + 1)));
      },
    );
    fc.assert(property, { seed: 1, numRuns: 100 });
  });

  test('part the invalid records by their place', () => {
    const shape = new RecordShape();
    const shards = [1, 2, 3].map((index) => new Selector({ shard: { index, count: 3 } }, shape, NOW));
    for (let line = 1; line <= 50; line++) {
      expect(shards.filter((selector) => selector.decideInvalid(`cases.ndjson:${line}`) === 'shown')).toHaveLength(1);
    }
  });

  test('invalid records are hidden beside a filter', () => {
    const shown = (selection: Selection) => new Selector(selection, new RecordShape(), NOW).decideInvalid('a:1');
    expect([shown({}), shown({ first: 1 }), shown({ status: ['open'] }), shown({ overdue: true })]).toEqual([
      'shown',
      'shown',
      'hidden',
      'hidden',
    ]);
    expect(new Selector({ overdue: true }, new RecordShape(), NOW, true).decideInvalid('a:1')).toBe('shown');
  });
});
