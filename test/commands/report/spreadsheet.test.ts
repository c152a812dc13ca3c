/** Saved results as CSV, TSV and the form of Excel. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EnrichedCase, type EnrichmentResult } from '../../../src/core/case.js';
import { closingLine, resultLine } from '../../../src/core/results/result-text.js';
import { folderWith } from '../../helpers/folder.js';
import { recordsOf, rowsOf } from '../../helpers/rows.js';
import { type Outcome, runMain } from '../../helpers/run-main.js';
import { enriched, runInfo, summary, unenriched } from '../../helpers/samples.js';

const of = (id: string, index: number, members: string, at = '2026-11-22T09:30:00.123Z'): EnrichmentResult =>
  enriched(id, { index, at, enrichedCase: new EnrichedCase(`{"id":"${id}",${members}}`) });

function journal(...results: readonly EnrichmentResult[]): string {
  const counts = { total: results.length, enriched: results.length };
  return `${results.map((result) => `${resultLine(result)}\n`).join('')}${closingLine(runInfo(), summary(counts))}\n`;
}

interface Desk {
  readonly folder: string;
  readonly report: (...args: readonly string[]) => Promise<Outcome>;
}

function desk(files: Readonly<Record<string, string>>): Desk {
  const folder = folderWith(files);
  return { folder, report: (...args) => runMain(['report', ...args], { cwd: folder }) };
}

test('has a column for everything, however late it comes, and no other', async () => {
  const many = Array.from({ length: 300 }, (_, at) =>
    of(`${at}`, at, at < 299 ? '"enrichment":{"n":1.0}' : '"late":{"x":"007"},"enrichment":{"m":[1]}'),
  );
  const { report } = desk({ 'r.ndjson': journal(...many) });
  const { code, stdout, stderr } = await report('r.ndjson', '--format', 'csv');
  expect([code, stderr, rowsOf(stdout).length]).toEqual([0, '', 301]);
  expect(recordsOf(stdout).at(-1)).toEqual({
    id: '299',
    'late.x': '007',
    'result.status': 'enriched',
    'result.error': '',
    'result.attempts': '1',
    'enrichment.n': '',
    'enrichment.m': '[1]',
  });
});

test('a JSON report gives the same as the journal', async () => {
  const { report } = desk({
    'r.ndjson': journal(of('a', 0, '"enrichment":{"n":1.0}'), unenriched('b', 'failed', { index: 1 })),
  });
  await report('r.ndjson', '-o', 'r.json');
  expect((await report('r.json', '--format', 'tsv')).stdout).toBe((await report('r.ndjson', '--format', 'tsv')).stdout);
});

describe('rows', () => {
  test('are in input order, whatever the order of the journal; leaves no file behind', async () => {
    const { folder, report } = desk({
      '1.ndjson': journal(of('c', 2, '"x":3'), of('a', 0, '"x":1'), of('b', 1, '"x":2')),
      '2.ndjson': journal(of('e', 1, '"x":5'), of('d', 0, '"x":4')),
    });
    expect((await report('1.ndjson', '2.ndjson', '-o', 'x.csv')).code).toBe(0);
    expect(recordsOf(readFileSync(join(folder, 'x.csv'), 'utf8')).map(({ id, x }) => `${id}${x}`)).toEqual([
      'a1',
      'b2',
      'c3',
      'd4',
      'e5',
    ]);
    expect(readdirSync(folder).toSorted()).toEqual(['1.ndjson', '2.ndjson', 'x.csv']);
    expect(rowsOf((await report('1.ndjson', '--format', 'csv')).stdout).map(([id]) => id)).toEqual([
      'id',
      'a',
      'b',
      'c',
    ]);
  });

  test('have only what counts: a result that a newer one replaces leaves no column', async () => {
    const old = of('a', 0, '"gone":1,"enrichment":{"old":1}', '2026-11-21T00:00:00.000Z');
    const { report } = desk({ 'r.ndjson': journal(old, of('b', 1, '"x":1'), of('a', 0, '"x":2')) });
    expect(rowsOf((await report('r.ndjson', '--format', 'csv', '--fields', 'id,x')).stdout)).toEqual([
      ['id', 'x'],
      ['a', '2'],
      ['b', '1'],
    ]);
    expect(rowsOf((await report('r.ndjson', '--format', 'csv')).stdout)[0]).toEqual([
      'id',
      'x',
      'result.status',
      'result.error',
      'result.attempts',
    ]);
    expect((await report('r.ndjson', '--format', 'csv', '--fields', 'gone')).code).toBe(2);
  });
});

test('--into and --id-field say what the run called them', async () => {
  const { report } = desk({
    'r.ndjson': journal(
      enriched('7', { enrichedCase: new EnrichedCase('{"answer":{"n":1},"Case Number":7,"z":1}') }),
      unenriched('8', 'failed', { index: 1 }),
    ),
  });
  const { stdout } = await report('r.ndjson', '--format', 'csv', '--into', 'answer', '--id-field', 'Case Number');
  expect(rowsOf(stdout)).toEqual([
    ['Case Number', 'z', 'result.status', 'result.error', 'result.attempts', 'answer.n'],
    ['7', '1', 'enriched', '', '1', '1'],
    ['8', '', 'failed', 'no luck', '1', ''],
  ]);
});

describe('--fields', () => {
  const files = {
    'r.ndjson': journal(
      of('a', 0, '"title":"t","enrichment":{"owner":{"n":1}}'),
      unenriched('b', 'failed', { index: 1 }),
    ),
  };

  test('gives exactly these; of the enrichment also one that nothing has', async () => {
    const { stdout } = await desk(files).report(
      'r.ndjson',
      '--format',
      'csv',
      '--fields',
      'title,enrichment.owner,enrichment.no,result.status',
    );
    expect(rowsOf(stdout).slice(1)).toEqual([
      ['t', '{"n":1}', '', 'enriched'],
      ['', '', '', 'failed'],
    ]);
  });

  test('with a name that no case has is refused, and leaves no file', async () => {
    const { folder, report } = desk(files);
    const { code, stderr } = await report('r.ndjson', '-o', 'x.csv', '--fields', 'titel,result.statu');
    expect([code, readdirSync(folder)]).toEqual([2, ['r.ndjson']]);
    expect(stderr).toContain('no case has a field titel (--fields); did you mean title?');
  });

  test('of failures alone asks nothing of cases that are not known', async () => {
    const { report } = desk({ 'r.ndjson': journal(unenriched('b')) });
    expect((await report('r.ndjson', '--format', 'csv', '--fields', 'id,title')).stdout).toBe('id,title\r\nb,\r\n');
  });

  test('without a spreadsheet is a contradiction', async () => {
    expect((await desk(files).report('r.ndjson', '--fields', 'id', '-o', 'x.json')).code).toBe(2);
  });
});

test('checks completeness on the way, with another reading and without', async () => {
  const older = of('a', 0, '"x":1', '2026-11-21T00:00:00.000Z');
  const files = { 'c.ndjson': '{"id":"a"}\n{"id":"b"}\n' };
  for (const results of [[of('a', 0, '"x":1')], [older, of('a', 0, '"x":1')]]) {
    const { code, stderr, stdout } = await desk({ ...files, 'r.ndjson': journal(...results) }).report(
      'r.ndjson',
      '--expect',
      'c.ndjson',
      '--format',
      'csv',
    );
    expect([code, rowsOf(stdout).length]).toEqual([1, 2]);
    expect(stderr).toContain('missing: 1 expected case without a result: b');
  }
});

test('no result is a header', async () => {
  expect((await desk({ 'r.ndjson': journal() }).report('r.ndjson', '--format', 'csv')).stdout).toBe(
    'id,result.status,result.error,result.attempts\r\n',
  );
});

test.each([
  ['x.txt', 'its ending tells no form of a report'],
  ['x.xlsx', 'xlsx files are not written'],
  ['x.html.gz', 'what is written is not compressed'],
])('-o %s is refused', async (name, message) => {
  const { folder, report } = desk({ 'r.ndjson': journal() });
  const { code, stderr } = await report('r.ndjson', '-o', name);
  expect([code, stderr, readdirSync(folder)]).toEqual([2, expect.stringContaining(message), ['r.ndjson']]);
});
