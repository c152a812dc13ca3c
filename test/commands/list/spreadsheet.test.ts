/** Cases as CSV, TSV and the form of Excel. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../helpers/folder.js';
import { activeIn, hostileCases } from '../../helpers/hostile.js';
import { rowsOf } from '../../helpers/rows.js';
import { type MainOptions, type Outcome, runMain } from '../../helpers/run-main.js';

const CASES = '{"id":"2","p":{"q":1.0},"tags":["x","y"]}\n{"id":1,"t":"=1"}\n';

interface Desk {
  readonly folder: string;
  readonly list: (args: readonly string[], options?: MainOptions) => Promise<Outcome>;
}

function desk(cases = CASES): Desk {
  const folder = folderWith({ 'c.ndjson': cases });
  return { folder, list: (args, options) => runMain(['list', 'c.ndjson', ...args], { cwd: folder, ...options }) };
}

test('cases are rows, in the order of --sort', async () => {
  const { list } = desk();
  expect((await list(['--format', 'csv'])).stdout).toBe("id,t,p.q,tags,other\r\n2,,1.0,x|y,\r\n1,'=1,,,\r\n");
  expect((await list(['--format', 'tsv', '--sort', 'id', '--fields', 'id,p,t'])).stdout).toBe(
    'id\tp\tt\n1\t\t\'=1\n2\t"{""q"":1.0}"\t\n',
  );
});

test.each(['x.csv', 'x.tsv'])('-o %s goes by the ending', async (name) => {
  const { folder, list } = desk();
  expect((await list(['-o', name])).code).toBe(0);
  expect(rowsOf(readFileSync(join(folder, name), 'utf8'), name === 'x.csv' ? ',' : '\t')[0]).toEqual([
    'id',
    't',
    'p.q',
    'tags',
    'other',
  ]);
});

test('Excel reads UTF-16 with a mark; what is there already under that name is replaced', async () => {
  const { folder, list } = desk();
  await list(['-o', 'x.csv']);
  expect((await list(['-o', 'x.csv', '--format', 'excel'])).code).toBe(0);
  expect(readFileSync(join(folder, 'x.csv')).toString('utf16le').slice(0, 7)).toBe('\ufeffid\tt\tp');
  expect((await list(['--format', 'excel'], { stdoutTTY: true })).code).toBe(2);
});

test('what comes after the first 100 cases stands in other, and a notice says so', async () => {
  const many = Array.from({ length: 150 }, (_, at) => `{"id":${at}${at > 120 ? ',"late":[1]' : ''}}\n`).join('');
  const { stdout, stderr } = await desk(many).list(['--format', 'csv']);
  const rows = rowsOf(stdout);
  expect([rows.length, rows[0], rows[121], rows[122]]).toEqual([
    151,
    ['id', 'other'],
    ['120', ''],
    ['121', '{"late":[1]}'],
  ]);
  expect(stderr).toContain('29 cases with fields that the first ones lack: they stand in the column other');
});

describe('--fields with a name that no case has', () => {
  test.each([1, 300])('is refused before anything is written, of %i cases', async (count) => {
    const { folder, list } = desk(Array.from({ length: count }, (_, at) => `{"id":${at},"title":"t"}\n`).join(''));
    for (const args of [
      ['--format', 'csv'],
      ['-o', 'x.csv'],
    ]) {
      const { code, stdout, stderr } = await list(['--fields', 'id,titel', ...args]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('no case has a field titel (--fields); did you mean title?');
    }
    expect(readdirSync(folder)).toEqual(['c.ndjson']);
  });

  test('is a notice in the other forms, as it was', async () => {
    const { code, stderr } = await desk().list(['--fields', 'id,nope', '--format', 'json']);
    expect([code, stderr]).toEqual([0, 'no case has a field nope (--fields)\n']);
  });
});

test('an input that breaks off leaves the rows before it on stdout, and no file', async () => {
  const { folder, list } = desk('{"id":1}\n{"id":');
  const { code, stdout } = await list(['--format', 'csv']);
  expect([code, rowsOf(stdout)]).toEqual([
    3,
    [
      ['id', 'other'],
      ['1', ''],
    ],
  ]);
  expect((await list(['-o', 'x.csv'])).code).toBe(3);
  expect(readdirSync(folder)).toEqual(['c.ndjson']);
});

test('no case at all is a header', async () => {
  expect((await desk('').list(['--format', 'csv'])).stdout).toBe('id,other\r\n');
});

test('hostile cases do nothing to a terminal, and are whole elsewhere', async () => {
  const { list } = desk(hostileCases());
  const shown = await list(['--format', 'csv'], { stdoutTTY: true });
  expect(activeIn(shown.stdout)).toEqual([]);
  expect(rowsOf(shown.stdout).length).toBe(9);
  expect(rowsOf((await list(['--format', 'csv'])).stdout)[1]?.[0]).toContain('one\u001b]0;owned');
});

test.each([
  ['x.txt', 'its ending tells no form of a list'],
  ['x.xlsx', 'xlsx files are not written'],
  ['x.json.gz', 'what is written is not compressed'],
  ['x.md', 'its ending tells no form of a list'],
])('-o %s is refused', async (name, message) => {
  const { code, stderr } = await desk().list(['-o', name]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
