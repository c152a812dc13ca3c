/** Spreadsheets out of the real program, and into a real spreadsheet program. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBinary, runShell, startBinary } from '../helpers/binary.js';
import { answer, countingServer, idOf } from '../helpers/counting-server.js';
import { folderWith } from '../helpers/folder.js';
import { recordsOf, rowsOf } from '../helpers/rows.js';
import { hasSoffice, throughSoffice } from '../helpers/soffice.js';

/** What sheets are known to damage, by id. */
const HOSTILE: Readonly<Record<string, string>> = {
  zeros: '007',
  digits: '123456789012345678901234567890',
  decimal: '1.0',
  formula: "=cmd|' /C calc'!A0",
  sum: '+1+1',
  at: '@SUM(1;2)',
  minus: '-5',
  notMinus: '-1+2',
  lines: 'one\ntwo',
  crlf: 'one\r\ntwo',
  semicolons: 'a;b;c',
  commas: 'a, "b", c',
  quote: '"',
  tabs: 'a\tb',
  chinese: '账户被锁定',
  emoji: '👩‍👩‍👧 😀',
  cyrillic: 'ООО «Озёрный причал»',
  spaces: '  both  ',
  date: '2026-11-03',
  time: '10:30',
  long: 'x'.repeat(5_000),
  empty: '',
  apostrophe: "'quoted",
  truth: 'TRUE',
  error: '#N/A',
  exponent: '1e5',
};

const cases = Object.entries(HOSTILE).map(([id, text]) => `${JSON.stringify({ id, text })}\n`);

/** A folder with the hostile cases, and the endpoint that answers each with its own text again. */
async function desk(): Promise<{ folder: string; url: string }> {
  const { url } = await countingServer((request, response) => answer(response, { text: HOSTILE[idOf(request)] }));
  return { folder: folderWith({ 'cases.ndjson': cases.join('') }), url: `${url}/{id}` };
}

/** The text as its cell has it. */
function guarded(text: string): string {
  return /^[=+@]|^-(?!5$)/.test(text) ? `'${text}` : text;
}

const EXPECTED = Object.entries(HOSTILE).map(([id, text]) => [id, guarded(text), guarded(text)]);

function texts(csv: string, delimiter?: string): (string | undefined)[][] {
  return recordsOf(csv, delimiter).map((row) => [row['id'], row['text'], row['enrichment.text']]);
}

describe('a hostile sheet', () => {
  test('comes out of enrich and of report the same, cell by cell', async () => {
    const { folder, url } = await desk();
    const enrich = ['enrich', 'cases.ndjson', '--endpoint', url];
    expect((await runBinary([...enrich, '-o', 'x.csv'], { cwd: folder })).code).toBe(0);
    expect((await runBinary([...enrich, '-o', 'run.ndjson'], { cwd: folder })).code).toBe(0);
    expect((await runBinary(['report', 'run.ndjson', '-o', 'y.tsv'], { cwd: folder })).code).toBe(0);
    expect((await runBinary(['report', 'run.ndjson', '--format', 'excel', '-o', 'z.csv'], { cwd: folder })).code).toBe(
      0,
    );
    expect(texts(readFileSync(join(folder, 'x.csv'), 'utf8'))).toEqual(EXPECTED);
    expect(texts(readFileSync(join(folder, 'y.tsv'), 'utf8'), '\t')).toEqual(EXPECTED);
    expect(texts(readFileSync(join(folder, 'z.csv'), 'utf16le').slice(1), '\t')).toEqual(EXPECTED);
  });

  test.skipIf(!hasSoffice)('is opened by LibreOffice as it is, and no cell is a formula', async () => {
    const { folder, url } = await desk();
    const enrich = ['enrich', 'cases.ndjson', '--endpoint', url, '--fields', 'id,text,enrichment.text'];
    await runBinary([...enrich, '-o', 'x.csv'], { cwd: folder });
    await runBinary([...enrich, '-o', 'excel.csv', '--format', 'excel'], { cwd: folder });
    // LibreOffice has one kind of line break in a cell.
    const expected = EXPECTED.map((row) => row.map((text) => text?.replaceAll('\r\n', '\n')));
    const csv = throughSoffice(join(folder, 'x.csv'), { delimiter: ',', encoding: 'utf8', textColumns: 3 });
    expect(rowsOf(csv).slice(1)).toEqual(expected);
    const excel = throughSoffice(join(folder, 'excel.csv'), { delimiter: '\t', encoding: 'utf16', textColumns: 3 });
    expect(rowsOf(excel).slice(1)).toEqual(expected);
    // Opened by double click numbers are numbers, but a guarded cell is a text all the same.
    const opened = throughSoffice(join(folder, 'excel.csv'), { delimiter: '\t', encoding: 'utf16', textColumns: 0 });
    const formulas = Object.entries(HOSTILE).filter(([, text]) => guarded(text) !== text);
    expect(formulas.length).toBe(4);
    for (const [id, text] of formulas)
      expect(recordsOf(opened).find((row) => row['id'] === id)?.['text']).toBe(`'${text}`);
  });
});

test('killed in the middle it leaves no half file under its name', async () => {
  const held: (() => void)[] = [];
  const { url } = await countingServer((request, response) => {
    if (Number(idOf(request)) < 300) answer(response);
    else held.push(() => answer(response));
  });
  const many = Array.from({ length: 400 }, (_, at) => `{"id":${at},"text":"${'x'.repeat(2_000)}"}\n`).join('');
  const folder = folderWith({ 'cases.ndjson': many, 'x.csv': 'of yesterday' });
  const args = [
    'enrich',
    'cases.ndjson',
    '--endpoint',
    `${url}/{id}`,
    '-o',
    'x.csv',
    '--overwrite',
    '--log-level',
    'trace',
  ];
  const running = startBinary(args, { cwd: folder });
  await running.shows('stderr', /"caseId":"299"|299/);
  running.child.kill('SIGKILL');
  expect((await running.ended).signal).toBe('SIGKILL');
  expect(readFileSync(join(folder, 'x.csv'), 'utf8')).toBe('of yesterday');
  // And the next run is not in the way of what was left.
  writeFileSync(join(folder, 'cases.ndjson'), '{"id":1}\n');
  expect((await runBinary(args, { cwd: folder })).code).toBe(0);
  expect(rowsOf(readFileSync(join(folder, 'x.csv'), 'utf8')).length).toBe(2);
});

test('Ctrl-C leaves a whole file, with the calls in flight as cancelled', async () => {
  const { url } = await countingServer((request, response) => {
    if (Number(idOf(request)) < 5) answer(response);
  });
  const folder = folderWith({ 'cases.ndjson': Array.from({ length: 30 }, (_, at) => `{"id":${at}}\n`).join('') });
  const args = [
    'enrich',
    'cases.ndjson',
    '--endpoint',
    `${url}/{id}`,
    '-o',
    'x.csv',
    '--log-level',
    'trace',
    '--grace',
    '0ms',
  ];
  const running = startBinary(args, { cwd: folder });
  await running.shows('stderr', /"caseId":"4"|case 4|\b4\b/);
  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(130);
  const rows = recordsOf(readFileSync(join(folder, 'x.csv'), 'utf8'));
  // Those that were answered, and those that were in flight.
  expect(rows.length).toBe(15);
  expect(new Set(rows.map((row) => row['result.status']))).toEqual(new Set(['enriched', 'cancelled']));
});

test('goes through a pipe, whose reader may leave', async () => {
  const { folder } = await desk();
  const all = await runShell('ct list cases.ndjson --format csv | tail -n 1', folder);
  expect(all.stdout).toBe('exponent,1e5,\r\n');
  const head = await runShell(
    'ct list cases.ndjson --format excel | head -c 2 | od -An -tx1; echo "${PIPESTATUS[0]}"',
    folder,
  );
  expect(head.stdout).toBe(' ff fe\n0\n');
});

test('a full device is an error of the output', async () => {
  const { folder } = await desk();
  const { code, stderr } = await runBinary(['list', 'cases.ndjson', '--format', 'csv', '-o', '/dev/full'], {
    cwd: folder,
  });
  expect([code, stderr]).toEqual([5, expect.stringContaining('no space left')]);
  expect(readdirSync(folder)).toEqual(['cases.ndjson']);
});
