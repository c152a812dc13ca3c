/** Spreadsheets as input: every command, from the command line to the exit code. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { runBinary } from '../helpers/binary.js';
import { countingServer, idOf } from '../helpers/counting-server.js';
import { folderWith } from '../helpers/folder.js';
import { reportOf, resultLinesOf, shortly } from '../helpers/results.js';
import { runMain } from '../helpers/run-main.js';

const SHEET = [
  'Case Number;Title;Priorität;tags;Observable Type;Observable',
  '007;"Log-in; from two\r\ncountries";hoch;phishing|mail;ip;10.0.0.1',
  '123456789012345678901234567890;=cmd;;;domain;example.com',
  ';no number;;;ip;10.0.0.2',
  '9;short',
  '10;"quoted"behind;;;ip;10.0.0.3',
  '11;x;y;z;ip;10.0.0.4;more',
  '12;last;niedrig;a;ip;10.0.0.5',
  '',
].join('\r\n');

const ID = ['--id-field', 'Case Number'];

describe('enrich', () => {
  test('every good row is enriched, every bad one named by its line, through the binary', async () => {
    const server = await countingServer();
    const cwd = folderWith({ 'export.csv': SHEET });
    const run = await runBinary(['enrich', 'export.csv', ...ID, '--endpoint', server.url, '-o', 'run.ndjson'], { cwd });
    expect(run.code).toBe(1);
    const { results } = resultLinesOf(readFileSync(join(cwd, 'run.ndjson'), 'utf8'));
    const ordered = results.toSorted((a, b) => a.index - b.index);
    expect(shortly(ordered)).toEqual([
      '007 enriched',
      '123456789012345678901234567890 enriched',
      'null invalid case',
      '9 enriched',
      'null invalid case',
      'null invalid case',
      '12 enriched',
    ]);
    expect(ordered.map(({ source }) => source?.line).filter((line) => line !== undefined)).toEqual([5, 7, 8]);
    expect(ordered[0]?.enrichedCase).toEqual({
      'Case Number': '007',
      Title: 'Log-in; from two\r\ncountries',
      Priorität: 'hoch',
      tags: ['phishing', 'mail'],
      'Observable Type': 'ip',
      Observable: '10.0.0.1',
      enrichment: { ok: true },
    });
    expect(run.stderr).toContain('1 row has fewer cells than the header');
  });

  test('a run goes on with --resume, its dead letter is NDJSON that enrich reads', async () => {
    let isDown = true;
    const server = await countingServer((request, response) => {
      const fails = isDown && idOf(request) === '9';
      response.writeHead(fails ? 404 : 200, { 'content-type': 'application/json' }).end('{"ok":true}');
    });
    const cwd = folderWith({ 'export.csv': SHEET });
    const common = [...ID, '--endpoint', server.url];
    const args = ['enrich', 'export.csv', ...common, '-o', 'run.ndjson', '--dead-letter', 'failed.ndjson'];
    await runMain(args, { cwd });
    const failed = readFileSync(join(cwd, 'failed.ndjson'), 'utf8');
    expect(failed).toMatch(/^\{"Case Number":"9","Title":"short","Priorität":null,.*\}\n$/);
    isDown = false;
    const again = await runMain(['enrich', 'failed.ndjson', ...common, '--format', 'json'], { cwd });
    expect(shortly(reportOf(again.stdout).results)).toEqual(['9 enriched']);
    const resumed = await runMain(['enrich', 'export.csv', ...common, '-o', 'run.ndjson', '--resume'], { cwd });
    expect(resumed.stderr).toContain('3 enriched before');
    expect(server.stats.requests.filter((request) => request.endsWith('/9'))).toHaveLength(3);
    expect(server.stats.requests.filter((request) => request.endsWith('/007'))).toHaveLength(1);
  });

  test('columns whose names have spaces and accents are placeholders, in the URL and in a body', async () => {
    const bodies: string[] = [];
    const server = await countingServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    const cwd = folderWith({ 'export.csv': SHEET });
    const endpoint = `${server.url}/{Observable Type}/{Observable}`;
    const body = ['--method', 'POST', '--body', '{"p":{Priorität},"t":{Title},"n":{id}}'];
    const { code } = await runMain(['enrich', 'export.csv', ...ID, '--endpoint', endpoint, ...body, '--first', '1'], {
      cwd,
    });
    expect([code, server.stats.requests.map((request) => request.replace(/\/cases(?=\/)/, '')), bodies]).toEqual([
      0,
      ['POST /ip/10.0.0.1'],
      ['{"p":"hoch","t":"Log-in; from two\\r\\ncountries","n":"007"}'],
    ]);
  });

  test.each([
    ['export.csv', SHEET, '{Observabel Type}', 'did you mean {Observable Type}?'],
    [
      'cases.ndjson',
      '{"Case Number":1,"Observable Type":"ip"}\n',
      '{observable type}',
      'did you mean {Observable Type}?',
    ],
  ])('a placeholder that no case of %s has gets a did you mean', async (name, content, placeholder, meant) => {
    const cwd = folderWith({ [name]: content });
    const endpoint = `http://127.0.0.1:9/${placeholder}`;
    const { code, stdout } = await runMain(['enrich', name, ...ID, '--endpoint', endpoint, '--first', '1'], { cwd });
    expect([code, stdout]).toEqual([1, expect.stringContaining(meant)]);
    const body = ['--method', 'POST', '--body', `{"x":${placeholder}}`];
    const dry = ['enrich', name, ...ID, '--endpoint', 'http://127.0.0.1:9/', ...body, '--dry-run', '--first', '1'];
    expect((await runMain(dry, { cwd })).stderr).toContain(meant);
  });

  test('shards of a sheet are disjoint and whole, and report --expect reads it', async () => {
    const server = await countingServer();
    const rows = Array.from({ length: 40 }, (_, at) => `C-${at},x`).join('\n');
    const cwd = folderWith({ 'a.csv': `id,b\n${rows}\n` });
    for (const shard of ['1/2', '2/2']) {
      const output = `part-${shard[0]}.ndjson`;
      await runMain(['enrich', 'a.csv', '--endpoint', server.url, '--shard', shard, '-o', output], { cwd });
    }
    expect(new Set(server.stats.requests).size).toBe(40);
    expect(server.stats.requests).toHaveLength(40);
    const parts = ['part-1.ndjson', 'part-2.ndjson'];
    expect((await runMain(['report', ...parts, '--expect', 'a.csv'], { cwd })).code).toBe(0);
    expect((await runMain(['report', 'part-1.ndjson', '--expect', 'a.csv'], { cwd })).code).toBe(1);
  });

  test('a large sheet is read by the thread, and mixed with other forms', async () => {
    const server = await countingServer();
    const rows = Array.from({ length: 2_000 }, (_, at) => `C-${at},"${'x'.repeat(200)}\n"`).join('\r\n');
    const cwd = folderWith({
      'a.csv': `id,b\r\n${rows}\r\none,cell,more\r\n`,
      'b.ndjson': '{"id":"json"}\n',
      'c.tsv.gz': gzipSync('\ufeffid\tb\nzipped\tx\n'),
    });
    const flags = ['--format', 'json', '--limit', '100'];
    const { code, stdout } = await runBinary(
      ['enrich', 'a.csv', 'b.ndjson', 'c.tsv.gz', '--endpoint', server.url, ...flags],
      { cwd },
    );
    const { results } = reportOf(stdout);
    expect([code, results.length]).toEqual([1, 2_003]);
    expect(shortly(results.slice(-4))).toEqual([
      'C-1999 enriched',
      'null invalid case',
      'json enriched',
      'zipped enriched',
    ]);
    expect(results.at(-3)?.source).toEqual({ file: 'a.csv', line: 2 * 2_000 + 2 });
  });
});

describe('list and validate', () => {
  test('standard input is read as what it is said to be', async () => {
    const list = ['list', '-', '--format', 'ndjson', '--input-format'];
    expect((await runBinary([...list, 'csv'], { stdin: 'id;b\n1;2\n' })).stdout).toBe('{"id":"1","b":"2"}\n');
    expect((await runBinary([...list, 'tsv'], { stdin: 'id\tb;c\n1\t2\n' })).stdout).toBe('{"id":"1","b;c":"2"}\n');
    expect((await runBinary([...list, 'ndjson'], { stdin: '[1]\n{"id":"1"}\n' })).stdout).toBe('{"id":"1"}\n');
    expect((await runBinary([...list, 'json'], { stdin: '{"cases":[{"id":"1"}]}' })).stdout).toBe('{"id":"1"}\n');
    const { code, stderr } = await runBinary(['list', '-'], { stdin: 'id;b\n1;2\n' });
    expect([code, stderr]).toEqual([3, expect.stringMatching(/standard input looks like CSV.*--input-format csv/s)]);
  });

  test('the columns are selected by, and the known ones may have other names', async () => {
    const cwd = folderWith({
      'export.csv': SHEET,
      'case-tracker.config.json': '{"fieldNames":{"id":"Case Number","priority":"Priorität","title":"Title"}}',
    });
    const list = ['list', 'export.csv', '--format', 'ndjson'];
    const ids = async (...args: string[]): Promise<string[]> =>
      (await runMain([...list, ...args], { cwd })).stdout.match(/(?<="Case Number":")\d+/g) ?? [];
    expect(await ids('--priority', 'hoch')).toEqual(['007']);
    expect(await ids('--where', 'Observable Type=domain')).toEqual(['123456789012345678901234567890']);
    expect(await ids('--tag', 'mail,a')).toEqual(['007', '12']);
    expect(await ids('--where', '!Priorität')).toEqual(['123456789012345678901234567890', '9']);
    expect((await runMain([...list, '--count'], { cwd })).stdout).toBe('4\n');
  });

  test('validate names every row that is no case, and every file that is no sheet', async () => {
    const cwd = folderWith({
      'a.csv': SHEET,
      'b.csv': '{"id":1}\n',
      'c.csv': 'id,b\n1,"x\n',
      'd.csv': '\ufeffid\n1\n',
    });
    const { code, stdout, stderr } = await runMain(['validate', 'a.csv', 'b.csv', 'c.csv', 'd.csv'], { cwd });
    expect(code).toBe(3);
    expect(stdout).toContain('b.csv is NDJSON, not a table');
    expect(stdout).toContain('c.csv: a quote that is opened on line 2 is never closed');
    expect(stderr).toContain("--id-field 'Case Number'");
    const named = await runMain(['validate', 'a.csv', ...ID], { cwd });
    expect([named.code, named.stdout.match(/a\.csv:\d+/g)]).toEqual([1, ['a.csv:5', 'a.csv:7', 'a.csv:8']]);
  });

  test('a byte order mark in the second of three files is none of its content', async () => {
    const cwd = folderWith({ 'a.csv': 'id\na\n', 'b.csv': '\ufeffid\nb\n', 'c.csv': 'id\nc\n' });
    const { code, stdout } = await runMain(['list', 'a.csv', 'b.csv', 'c.csv', '--format', 'ndjson'], { cwd });
    expect([code, stdout]).toEqual([0, '{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n']);
  });

  test('gzip that is cut off: the rows before are there, and exit code 3', async () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => `C-${at},${Math.imul(at, 2654435761)}`).join('\n');
    const packed = gzipSync(`id,b\n${rows}\n`);
    const cwd = folderWith({ 'a.csv.gz': packed.subarray(0, -1_000) });
    const { code, stdout, stderr } = await runMain(['list', 'a.csv.gz', '--format', 'ndjson'], { cwd });
    expect([code, stderr]).toEqual([3, expect.stringContaining('cut off')]);
    expect(stdout).toMatch(/^\{"id":"C-0",/);
  });

  test('encodings: what is not UTF-8 says how to read it', async () => {
    const cwd = folderWith({ 'a.csv': Buffer.from('id,b\n1,caf\xe9 \x80\n', 'latin1') });
    const list = ['list', 'a.csv', '--format', 'ndjson'];
    const plain = await runMain(list, { cwd });
    expect([plain.code, plain.stderr]).toEqual([
      3,
      expect.stringMatching(/not UTF-8 \(line 2\).*--encoding windows-1252/s),
    ]);
    const decoded = await runMain([...list, '--encoding', 'WINDOWS-1252'], { cwd });
    expect([decoded.code, decoded.stdout]).toEqual([0, '{"id":"1","b":"café €"}\n']);
  });

  test.each([
    [['--delimiter', ''], /--delimiter '' is empty\n.*one character/],
    [['--delimiter', ';;'], /';;' is not one character/],
    [['--delimiter', '"'], /cannot divide cells/],
    [['--encoding', 'latin9'], /latin9 is not known\n.*utf-8, utf-16, windows-1252/],
    [['--input-format', 'ndjson', '--delimiter', ';'], /--delimiter is for CSV and TSV/],
    [['--input-format', 'xlsx'], /xlsx is not known/],
    [['--root', '/x'], /--root is for JSON documents, and no input is one/],
  ])('%j is refused', async (flags, message) => {
    const cwd = folderWith({ 'a.csv': 'id\n1\n' });
    const { code, stderr } = await runMain(['list', 'a.csv', ...flags], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test.each(['tab', '\\t', '\t'])('%j is a tab', async (delimiter) => {
    const cwd = folderWith({ 'a.txt': 'id\ta,b,c\n1\tx\n' });
    const list = ['list', 'a.txt', '--input-format', 'csv', '--delimiter', delimiter, '--format', 'ndjson'];
    expect((await runMain(list, { cwd })).stdout).toBe('{"id":"1","a,b,c":"x"}\n');
  });

  test('a command that is printed keeps how the input is read', async () => {
    const cwd = folderWith({ 'a.txt': 'id\n1\n' });
    const flags = ['--input-format', 'csv', '--delimiter', ';', '--encoding', 'utf-8'];
    const { stderr } = await runMain(['enrich', 'a.txt', ...flags], { cwd });
    expect(stderr).toContain(
      "case-tracker enrich a.txt --input-format csv --delimiter ';' --encoding utf-8 --endpoint",
    );
  });
});
