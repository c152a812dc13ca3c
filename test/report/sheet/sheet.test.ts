import { describe, expect, test } from 'vitest';
import { Case, EnrichedCase, type EnrichmentResult } from '../../../src/core/case.js';
import { resultLine } from '../../../src/core/results/result-text.js';
import { MOST_COLUMNS } from '../../../src/report/sheet/found-columns.js';
import { caseFields } from '../../../src/report/sheet/named-columns.js';
import { rowOfCase, rowOfResult, rowOfSaved, type SheetRow } from '../../../src/report/sheet/row.js';
import { FIRST_ROWS, Sheet, type SheetOptions, SheetStream } from '../../../src/report/sheet/sheet.js';
import { recordsOf, rowsOf } from '../../helpers/rows.js';
import { enriched, invalid, saved, unenriched } from '../../helpers/samples.js';

const OPTIONS: SheetOptions = { form: 'csv', formulaGuard: true, into: 'enrichment', hasOther: false };

/** A sheet that has seen all rows. */
function sheetOf(rows: readonly SheetRow[], more: Partial<SheetOptions> = {}): string {
  const sheet = new Sheet({ ...OPTIONS, ...more });
  for (const row of rows) sheet.look(row);
  return sheet.header() + rows.map((row) => sheet.row(row)).join('');
}

const ofText = (text: string, id = 'a'): EnrichmentResult => enriched(id, { enrichedCase: new EnrichedCase(text) });
const rows = (...texts: string[]): SheetRow[] => texts.map((text) => rowOfResult(ofText(text)));
const cases = (...texts: string[]): SheetRow[] => texts.map((text) => rowOfCase(new Case('a', text)));
const listed = (...texts: string[]): string[][] => {
  const { into: _, ...options } = OPTIONS;
  const sheet = new Sheet(options);
  const all = cases(...texts);
  for (const row of all) sheet.look(row);
  return rowsOf(sheet.header() + all.map((row) => sheet.row(row)).join(''));
};

describe('columns', () => {
  test('are those of the case in their order, of the result, of the enrichment', () => {
    const text = sheetOf(
      rows(
        '{"id":"a","enrichment":{"owner":{"name":"Mira","on":true}},"title":"T","n":{"deep":1.0}}',
        '{"id":"b","title":null,"late":7,"enrichment":{"owner":null,"risk":0.10}}',
      ),
    );
    expect(text).toBe(
      'id,title,late,n.deep,result.status,result.error,result.attempts,enrichment.owner.name,enrichment.owner.on,enrichment.risk\r\n' +
        'a,T,,1.0,enriched,,1,Mira,true,\r\n' +
        'b,,7,,enriched,,1,,,0.10\r\n',
    );
  });

  test('of a case that failed: its own fields, and no answer of an earlier run', () => {
    const failed = unenriched('b', 'failed', {
      case: new Case('b', '{"id":"b","title":"old","enrichment":{"risk":9}}'),
      error: { kind: 'http', message: '503 Service Unavailable', retryable: true },
      attempts: 3,
    });
    expect(recordsOf(sheetOf([rowOfResult(failed), ...rows('{"id":"a","enrichment":{"risk":1}}')]))).toEqual([
      {
        id: 'b',
        title: 'old',
        'result.status': 'failed',
        'result.error': '503 Service Unavailable',
        'result.attempts': '3',
        'enrichment.risk': '',
      },
      {
        id: 'a',
        title: '',
        'result.status': 'enriched',
        'result.error': '',
        'result.attempts': '1',
        'enrichment.risk': '1',
      },
    ]);
  });

  test('of a record that is no case: where it stands and why', () => {
    const text = sheetOf([...rows('{"id":"a"}'), rowOfResult(invalid({ file: 'x.csv', line: 7 }, 'no id'))]);
    expect(recordsOf(text)[1]).toEqual({
      id: '',
      'result.status': 'invalid',
      'result.error': 'x.csv:7: no id',
      'result.attempts': '0',
    });
  });

  test('a journal does not have the case of a failure: its id is all there is', () => {
    const results = [unenriched('b'), ofText('{"number":7,"enrichment":1}', '7')];
    const savedRows = results.map((result) => rowOfSaved(saved(result), resultLine(result)));
    expect(recordsOf(sheetOf(savedRows, { idField: 'number' })).map(({ number }) => number)).toEqual(['b', '7']);
    // Under a name that no case has, the id gets a column of its own.
    expect(rowsOf(sheetOf(savedRows)).map((row) => row.slice(0, 2))).toEqual([
      ['id', 'number'],
      ['b', ''],
      ['7', '7'],
    ]);
  });

  test('of a line that was written by another program: the enriched case is found wherever it is', () => {
    const result = ofText('{"id":"a","x":1}');
    const line = JSON.stringify({ at: 1, ...(JSON.parse(resultLine(result)) as object) });
    const usual = sheetOf([rowOfSaved(saved(result), resultLine(result))]);
    expect(sheetOf([rowOfSaved(saved(result), line)])).toBe(usual);
    const quoted = enriched('a "b"', { enrichedCase: new EnrichedCase('{"id":"a \\"b\\"","x":1}') });
    expect(recordsOf(sheetOf([rowOfSaved(saved(quoted), resultLine(quoted))]))[0]).toMatchObject({
      id: 'a "b"',
      x: '1',
    });
  });

  test('one that is null wherever it is no object is not needed beside its members', () => {
    expect(listed('{"a":null}', '{"a":{"b":1}}', '{"a":{"b":{}}}')[0]).toEqual(['id', 'a.b']);
    expect(listed('{"a":null,"c":null}')).toEqual([
      ['id', 'a', 'c'],
      ['a', '', ''],
    ]);
    expect(listed('{"a":5}', '{"a":{"b":1}}')).toEqual([
      ['id', 'a', 'a.b'],
      ['a', '5', ''],
      ['a', '', '1'],
    ]);
  });

  test('with equal names are told apart, and none takes the name of a result', () => {
    const text = sheetOf(
      rows(
        '{"id":"a","a":{"b":1},"a.b":2,"result.status":"x","result":{"error":"y"},"other":"z","enrichment.n":"old","enrichment":{"n":"new"}}',
      ),
      { hasOther: true },
    );
    expect(recordsOf(text)).toEqual([
      {
        id: 'a',
        'a.b': '1',
        'a.b (2)': '2',
        'result.status (2)': 'x',
        'result.error (2)': 'y',
        'other (2)': 'z',
        'enrichment.n (2)': 'old',
        'result.status': 'enriched',
        'result.error': '',
        'result.attempts': '1',
        'enrichment.n': 'new',
        other: '',
      },
    ]);
  });

  test('an enrichment that is no object is one column', () => {
    expect(rowsOf(sheetOf(rows('{"id":"a","enrichment":[1, 2]}', '{"id":"b","enrichment":"x"}')))[1]?.at(-1)).toBe(
      '[1, 2]',
    );
  });

  test('there are no more than Excel has: the rest stands in other', () => {
    const many = (from: number): string =>
      `{"id":"a",${Array.from({ length: 10_000 }, (_, at) => `"c${from + at}":${at}`).join(',')}}`;
    const table = listed(many(0), many(10_000));
    expect([table[0]?.length, table[0]?.at(-1)]).toEqual([MOST_COLUMNS + 1, 'other']);
    const other = JSON.parse(table[2]?.at(-1) ?? '') as Record<string, number>;
    expect(Object.keys(other).length).toBe(20_001 - MOST_COLUMNS);
    expect(other['c19999']).toBe(9_999);
  });

  test('a name without end gets none', () => {
    expect(listed(`{"id":"a","${'x'.repeat(2000)}":1}`)[1]?.at(-1)).toBe(`{"${'x'.repeat(2000)}":1}`);
  });
});

describe('cells', () => {
  test('have numbers as they are written, texts without escapes, arrays as JSON', () => {
    const text =
      '{"id":"a","n":123456789012345678901234567890.10,"e":-1.5e3,"t":"a\\n\\"b\\"","z":"007","l":[1, {"x":2}],"o":{},"b":false}';
    expect(listed(text)[1]).toEqual([
      'a',
      '123456789012345678901234567890.10',
      '-1.5e3',
      'a\n"b"',
      '007',
      '[1, {"x":2}]',
      '{}',
      'false',
    ]);
  });

  test('have tags joined, unless that would not tell them apart', () => {
    const of = (tags: string): string | undefined => listed(`{"id":"a","tags":${tags}}`)[1]?.[1];
    expect(['["a","b, c"]', '[]', 'null', '["a|b","c"]', '[""]', '["a",1]', '"x"'].map(of)).toEqual([
      'a|b, c',
      '',
      '',
      '["a|b","c"]',
      '[""]',
      '["a",1]',
      'x',
    ]);
    const renamed = sheetOf(rows('{"id":"a","labels":["x","y"],"enrichment":{"labels":["x"]}}'), {
      fieldNames: { tags: 'labels' },
    });
    expect(recordsOf(renamed)[0]).toMatchObject({ labels: 'x|y', 'enrichment.labels': '["x"]' });
  });

  test('half of a surrogate pair stays an escape, it has no UTF-8', () => {
    expect(listed('{"id":"a","t":"x\\ud83d y\\ud83d\\ude00"}')[1]?.[1]).toBe('x\\ud83d y😀');
  });

  test('of a name that is there twice the last counts', () => {
    expect(listed('{"id":"a","x":{"y":1},"x":{"z":2}}')).toEqual([
      ['id', 'x.y', 'x.z'],
      ['a', '', '2'],
    ]);
  });

  test('are guarded, titles too, unless that is not wanted', () => {
    const hostile = rows('{"id":"=1","@x":"+2","-n":-3}');
    expect(rowsOf(sheetOf(hostile)).map((row) => row.slice(0, 3))).toEqual([
      ['id', "'@x", "'-n"],
      ["'=1", "'+2", '-3'],
    ]);
    expect(rowsOf(sheetOf(hostile, { formulaGuard: false }))[1]?.slice(0, 3)).toEqual(['=1', '+2', '-3']);
  });
});

describe('--fields', () => {
  const options = {
    ...OPTIONS,
    fields: [
      'title',
      'enrichment',
      'enrichment.a.b',
      'result.error',
      'result.error.kind',
      'result.source.line',
      'id',
      'tags',
    ],
  };

  test('gives exactly these columns', () => {
    const failure = unenriched('b', 'failed', {
      case: new Case('b', '{"id":"b","title":"T","enrichment":{"a":{"b":0}}}'),
    });
    const text = sheetOf(
      [
        ...rows('{"id":"a","tags":["x"],"enrichment":{"a":{"b":1.0},"c":2}}'),
        rowOfResult(failure),
        rowOfResult(invalid({ file: 'f', line: 3 }, 'bad')),
      ],
      options,
    );
    expect(rowsOf(text)).toEqual([
      options.fields,
      ['', '{"a":{"b":1.0},"c":2}', '1.0', '', '', '', 'a', 'x'],
      ['T', '', '', 'no luck', 'http', '', 'b', ''],
      ['', '', '', 'f:3: bad', 'case', '3', '', ''],
    ]);
  });

  test('asks of the case only what neither result nor enrichment has', () => {
    const named = {
      fields: ['id', 'title', 'result.at', 'result.nope', 'enrichment', 'enrichmentX', 'Case Number'],
      idField: 'Case Number',
    };
    expect(caseFields({ ...OPTIONS, ...named, fieldNames: { title: 'summary' } })).toEqual([
      'summary',
      'result.nope',
      'enrichmentX',
    ]);
  });
});

describe('a stream', () => {
  test('fixes its columns from the first rows; what comes later stands in other', () => {
    const { into: _, ...options } = OPTIONS;
    const stream = new SheetStream({ ...options, hasOther: true });
    const texts = Array.from({ length: FIRST_ROWS + 1 }, (_, at) =>
      at < FIRST_ROWS ? `{"id":${at},"a":1}` : '{"id":"x","b":{"c":[1]},"a":2,"n":null,"b.c":"=1"}',
    );
    const written = texts.map((text) => stream.row(rowOfCase(new Case('i', text))));
    expect(written.slice(0, FIRST_ROWS - 1).join('')).toBe('');
    expect(rowsOf(written.at(-2) ?? '').length).toBe(FIRST_ROWS + 1);
    expect(rowsOf(written.at(-1) ?? '')).toEqual([['x', '2', '{"b.c":[1],"b.c (2)":"=1"}']]);
    expect([stream.end(), stream.rowsWithOther]).toEqual(['', 1]);
  });

  test('without a row is a header', () => {
    expect(new SheetStream({ ...OPTIONS, hasOther: true }).end()).toBe(
      'id,result.status,result.error,result.attempts,other\r\n',
    );
    expect(new SheetStream({ ...OPTIONS, form: 'excel', fields: ['id', 'a'] }).end()).toBe('\ufeffid\ta\r\n');
  });
});
