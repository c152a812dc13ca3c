/** Results of a run as CSV, TSV and the form of Excel. */

import { lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answer, countingServer, idOf } from '../../helpers/counting-server.js';
import { faultyOps } from '../../helpers/faulty-disk.js';
import { folderWith } from '../../helpers/folder.js';
import { activeIn, HOSTILE } from '../../helpers/hostile.js';
import { recordsOf, rowsOf } from '../../helpers/rows.js';
import { type MainOptions, type Outcome, runMain } from '../../helpers/run-main.js';

const lines = (...records: string[]): string => records.map((record) => `${record}\n`).join('');
const CASES = lines(
  '{"id":"1","title":"=cmd","n":12345678901234567890123.0,"tags":["a","b"]}',
  '{"id":"2","title":"two\\nlines","nested":{"x":1}}',
  '{"title":"no id"}',
  '{"id":"404","title":"007"}',
);

interface Desk {
  readonly folder: string;
  readonly calls: () => readonly string[];
  readonly run: (...args: readonly string[]) => Promise<Outcome>;
  readonly runOn: (options: MainOptions, ...args: readonly string[]) => Promise<Outcome>;
  readonly read: (name: string) => string;
}

/** A folder with cases, and an endpoint that answers late for the first of them and not at all for 404. */
async function desk(cases = CASES): Promise<Desk> {
  const folder = folderWith({ 'cases.ndjson': cases });
  const { url, stats } = await countingServer((request, response) => {
    const id = idOf(request);
    if (id === '404') return answer(response, { error: 'unknown' }, 404);
    const reply = (): void => answer(response, { owner: { name: `Mira ${id}` }, score: -5 });
    if (id === '1') setImmediate(() => setImmediate(reply));
    else reply();
  });
  const runOn: Desk['runOn'] = (options, ...args) =>
    runMain(['enrich', 'cases.ndjson', '--endpoint', `${url}/{id}`, ...args], { cwd: folder, ...options });
  return {
    folder,
    calls: () => stats.requests,
    run: (...args) => runOn({}, ...args),
    runOn,
    read: (name) => readFileSync(join(folder, name), 'utf8'),
  };
}

describe('-o x.csv', () => {
  test('has a row for every record, in input order', async () => {
    const { run, read, folder } = await desk();
    const { code } = await run('-o', 'x.csv', '--dead-letter', 'dead.ndjson');
    expect(code).toBe(1);
    expect(recordsOf(read('x.csv'))).toEqual([
      {
        id: '1',
        title: "'=cmd",
        n: '12345678901234567890123.0',
        tags: 'a|b',
        'nested.x': '',
        'result.status': 'enriched',
        'result.error': '',
        'result.attempts': '1',
        'enrichment.owner.name': 'Mira 1',
        'enrichment.score': '-5',
        other: '',
      },
      expect.objectContaining({ id: '2', title: 'two\nlines', 'nested.x': '1', 'enrichment.owner.name': 'Mira 2' }),
      expect.objectContaining({
        id: '',
        'result.status': 'invalid',
        'result.error': expect.stringMatching(/^cases\.ndjson:3: no id/) as string,
      }),
      expect.objectContaining({
        id: '404',
        title: '007',
        'result.status': 'failed',
        'result.error': '404 Not Found',
        'enrichment.score': '',
      }),
    ]);
    expect(read('dead.ndjson')).toBe('{"id":"404","title":"007"}\n');
    expect(readdirSync(folder).toSorted()).toEqual(['cases.ndjson', 'dead.ndjson', 'x.csv']);
  });

  test('in the forms of TSV and Excel', async () => {
    const { run, read, folder } = await desk();
    await run('-o', 'x.tsv', '--into', 'answer');
    expect(rowsOf(read('x.tsv'), '\t')[0]?.slice(-3)).toEqual(['answer.owner.name', 'answer.score', 'other']);
    await run('-o', 'excel.csv', '--format', 'excel');
    const bytes = readFileSync(join(folder, 'excel.csv'));
    expect([...bytes.subarray(0, 4)]).toEqual([0xff, 0xfe, 0x69, 0]);
    expect(rowsOf(bytes.toString('utf16le').slice(1), '\t').map(([id]) => id)).toEqual(['id', '1', '2', '', '404']);
  });

  test('follows a link and keeps the mode', async () => {
    const { run, folder } = await desk();
    writeFileSync(join(folder, 'real.csv'), 'old', { mode: 0o600 });
    symlinkSync('real.csv', join(folder, 'x.csv'));
    expect((await run('-o', 'x.csv')).code).toBe(2);
    expect((await run('-o', 'x.csv', '--overwrite')).code).toBe(1);
    expect(lstatSync(join(folder, 'x.csv')).isSymbolicLink()).toBe(true);
    expect(statSync(join(folder, 'real.csv')).mode & 0o777).toBe(0o600);
  });

  test.each([1, 2, 3])('on a disk that fills up at write %i leaves no file, and names what is lost', async (at) => {
    const many = Array.from({ length: 300 }, (_, index) => `{"id":"${index}","title":"${'x'.repeat(100)}"}`);
    const { runOn, folder } = await desk(lines(...many));
    const ops = faultyOps({ calls: ['write'], at, code: 'ENOSPC', forGood: true });
    const { code, stderr } = await runOn({ ops }, '-o', 'x.csv');
    expect(code).toBe(5);
    expect(stderr).toMatch(/cannot write x\.csv: no space left/);
    expect(stderr).toMatch(/answered and not saved/);
    expect(readdirSync(folder)).toEqual(['cases.ndjson']);
  });

  test('replaces an older file only with a whole one', async () => {
    const { runOn, folder, read } = await desk();
    writeFileSync(join(folder, 'x.csv'), 'old');
    const ops = faultyOps({ calls: ['rename'], at: 1 });
    expect((await runOn({ ops }, '-o', 'x.csv', '--overwrite')).code).toBe(5);
    expect(read('x.csv')).toBe('old');
  });
});

describe('on stdout', () => {
  test('is the same text', async () => {
    const { run, read } = await desk();
    await run('-o', 'x.csv');
    expect((await run('--format', 'csv')).stdout).toBe(read('x.csv'));
  });

  test('on a terminal does nothing to it', async () => {
    const { runOn } = await desk(lines(JSON.stringify({ id: '1', title: HOSTILE, [HOSTILE]: 1 })));
    const { stdout } = await runOn({ stdoutTTY: true }, '--format', 'csv');
    expect(stdout).toContain('result.status');
    expect(activeIn(stdout)).toEqual([]);
  });

  test('Excel gets a file, no terminal', async () => {
    const { runOn, calls } = await desk();
    const { code, stderr } = await runOn({ stdoutTTY: true }, '--format', 'excel');
    expect([code, calls()]).toEqual([2, []]);
    expect(stderr).toContain('hint: -o FILE.csv');
  });
});

describe('--fields', () => {
  test('are exactly the columns', async () => {
    const { run } = await desk();
    const { stdout } = await run(
      '--format',
      'csv',
      '--fields',
      'title,id,enrichment.owner,enrichment.nope,result.error.httpStatus',
    );
    expect(rowsOf(stdout)).toEqual([
      ['title', 'id', 'enrichment.owner', 'enrichment.nope', 'result.error.httpStatus'],
      ["'=cmd", '1', '{"name":"Mira 1"}', '', ''],
      ['two\nlines', '2', '{"name":"Mira 2"}', '', ''],
      ['', '', '', '', ''],
      ['007', '404', '', '', '404'],
    ]);
  });

  test('with a name that no case has are refused before the first call', async () => {
    const { run, calls, folder } = await desk();
    const { code, stderr } = await run('-o', 'x.csv', '--fields', 'id,titel');
    expect([code, calls(), readdirSync(folder)]).toEqual([2, [], ['cases.ndjson']]);
    expect(stderr).toBe(
      'error: no case has a field titel (--fields); did you mean title?\n  hint: the cases have id, title, n, tags, nested\n',
    );
  });

  test('are looked for in the first 100 cases, and the others are still enriched', async () => {
    const many = Array.from({ length: 400 }, (_, at) => `{"id":"${at}"${at === 90 ? ',"rare":1' : ''}}`);
    const { run, calls } = await desk(lines(...many));
    const { code, stdout } = await run('--format', 'csv', '--fields', 'id,rare', '--limit', '50');
    expect([code, calls().length, rowsOf(stdout).length, rowsOf(stdout)[91]]).toEqual([0, 400, 401, ['90', '1']]);
  });

  test('an input that breaks off among them is told after the cases before it', async () => {
    const { run, calls, folder } = await desk();
    writeFileSync(join(folder, 'cases.ndjson'), '{"id":"1","a":1}\n{"id":"2","a":2}\n{"id":');
    const { code, stdout, stderr } = await run('--format', 'csv', '--fields', 'id,a');
    expect([code, calls().length, rowsOf(stdout)]).toEqual([
      3,
      2,
      [
        ['id', 'a'],
        ['1', '1'],
        ['2', '2'],
      ],
    ]);
    expect(stderr).toContain('cases.ndjson');
  });

  test('without a spreadsheet are a contradiction', async () => {
    const { run } = await desk();
    for (const args of [[], ['-o', 'x.json'], ['-o', 'x.ndjson'], ['--format', 'table']]) {
      const { code, stderr } = await run('--fields', 'id', ...args);
      expect([code, stderr]).toEqual([
        2,
        'error: --fields chooses the columns of csv, tsv and excel\n  hint: --format csv, or -o results.csv\n',
      ]);
    }
  });
});

describe('refused', () => {
  test.each([
    [['-o', 'x.csv', '--resume'], 'x.csv is none', '-o x.ndjson --resume, then: case-tracker report x.ndjson -o x.csv'],
    [
      ['-o', 'x', '--format', 'excel', '--resume'],
      'x is none',
      '-o x.ndjson --resume, then: case-tracker report x.ndjson --format excel -o x',
    ],
    [
      ['-o', 'x.ndjson', '--format', 'csv'],
      'a journal, which is always NDJSON',
      'case-tracker report results.ndjson --format csv -o results.csv',
    ],
    [['-o', 'x.xlsx'], 'xlsx files are not written', '--format excel -o FILE.csv'],
    [['-o', 'x.xlsx', '--format', 'excel'], 'xlsx files are not written', '--format excel -o FILE.csv'],
    [['-o', 'x.parquet'], 'parquet files are not written', 'DuckDB'],
    [['-o', 'x.csv.gz'], 'what is written is not compressed', '-o x.csv, then gzip x.csv'],
    [['-o', 'x.ndjson.gz', '--format', 'ndjson'], 'what is written is not compressed', '-o x.ndjson'],
    [['-o', 'x.txt'], 'its ending tells no form of results', '--format json, ndjson, table, csv, tsv, excel or cases'],
    [['-o', 'x.html'], 'its ending tells no form of results', 'case-tracker report run.ndjson --format html -o x.html'],
  ])('%j', async (args, message, hint) => {
    const { run, calls, folder } = await desk();
    const { code, stderr } = await run(...args);
    expect([code, calls(), readdirSync(folder)]).toEqual([2, [], ['cases.ndjson']]);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  test('a name without ending is JSON, as it was', async () => {
    const { run, read } = await desk();
    await run('-o', 'results');
    expect(JSON.parse(read('results'))).toHaveProperty('schemaVersion', 1);
  });
});

test('the guard can be put aside by flag and environment, not by a file: it may be of somebody else', async () => {
  const { run, runOn, folder } = await desk();
  const title = async (outcome: Promise<Outcome>): Promise<unknown> => rowsOf((await outcome).stdout)[1]?.[1];
  expect(await title(run('--format', 'csv', '--no-formula-guard'))).toBe('=cmd');
  expect(await title(runOn({ env: { CASE_TRACKER_FORMULA_GUARD: '0' } }, '--format', 'csv'))).toBe('=cmd');
  writeFileSync(join(folder, 'case-tracker.config.json'), '{"formulaGuard":false}');
  const { code, stderr } = await run('--format', 'csv');
  expect([code, stderr]).toEqual([2, expect.stringContaining('formulaGuard')]);
});
