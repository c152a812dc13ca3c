import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ndjsonCases, runBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { runMain } from '../helpers/run-main.js';
import { countingServer, idOf } from '../helpers/counting-server.js';
import { reportOf, resultLinesOf, shortly } from '../helpers/results.js';

describe('a file that cannot be read as a whole', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['an empty JSON file', '', 'empty'],
    ['a JSON file of white space', ' \n\t', 'empty'],
    ['bytes that are no UTF-8 in an array', Buffer.from('[{"id":"a"},{"id":"\xff"}]', 'latin1'), 'UTF-8'],
    ['an array that is cut off', '[{"id":"a"},{"id":', 'index 1 (byte 12, line 1)'],
    ['an object without cases', '{"items":[]}', '--root'],
    ['text', 'hello', 'byte 0'],
    ['gzip that is cut off', gzipSync('[{"id":"a"}]').subarray(0, 20), 'cut off'],
  ])('%s: exit code 3, and the message names the file', async (what, content, cause) => {
    const name = what.startsWith('gzip') ? 'in.json.gz' : 'in.json';
    const cwd = folderWith({ [name]: content });
    const { code, stdout, stderr } = await runMain(['enrich', name, '--endpoint', 'http://127.0.0.1:9'], { cwd });
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(new RegExp(`^error: .*${name.replace('.', '\\.')}`, 's')),
    ]);
    expect(stderr).toContain(cause);
    const { run, results } = reportOf(stdout);
    expect([run.stoppedBy, run.complete]).toEqual(['input', false]);
    expect(results.every(({ status }) => status !== 'enriched')).toBe(true);
  });

  test('one file of two that is not there: exit code 3, before any call and without a report', async () => {
    const server = await countingServer();
    const cwd = folderWith({ 'in.json': '[{"id":"a"}]' });
    const { code, stdout, stderr } = await runMain(['enrich', 'in.json', 'no.json', '--endpoint', server.url], { cwd });
    expect([code, stdout, server.stats.requests]).toEqual([3, '', []]);
    expect(stderr).toMatch(/^error: cannot read no\.json: no such file/);
  });

  test('what stands before the fault is enriched and reported, through the binary', async () => {
    const server = await countingServer();
    const cwd = folderWith({ 'cut.ndjson': `${ndjsonCases(3)}{"id":"C-4"` });
    const { code, stdout, stderr } = await runBinary(['enrich', 'cut.ndjson', '--endpoint', server.url], { cwd });
    expect([code, stderr]).toEqual([3, expect.stringContaining('cut.ndjson')]);
    expect(stderr).toContain('its last line, 4, is no whole');
    const { run, results } = reportOf(stdout);
    expect(shortly(results)).toEqual(['C-1 enriched', 'C-2 enriched', 'C-3 enriched']);
    expect(run).toMatchObject({ stoppedBy: 'input', complete: false });
  });

  test('a directory', async () => {
    const cwd = folderWith();
    mkdirSync(join(cwd, 'folder.json'));
    const { code, stderr } = await runBinary(['list', 'folder.json'], { cwd });
    expect([code, stderr]).toEqual([3, expect.stringMatching(/folder\.json.*(folder|directory)/s)]);
  });

  test('an array that is cut off at any of its bytes is an input error, never a shorter list', async () => {
    const whole = '[{"id":"ä","n":[1,{}]},\n{"id":2,"t":"\\n"}]';
    const bytes = Buffer.from(whole);
    const cwd = folderWith();
    for (let length = 0; length <= bytes.length; length++) {
      writeFileSync(join(cwd, 'in.json'), bytes.subarray(0, length));
      const { code, stdout, stderr } = await runMain(['list', 'in.json', '--format', 'ndjson'], { cwd });
      const before = [bytes.indexOf('}]}') + 3, bytes.length - 1].filter((end) => length >= end).length;
      expect([length, code, stdout.split('\n').length - 1]).toEqual([length, length === bytes.length ? 0 : 3, before]);
      expect(stderr).toMatch(length === bytes.length ? /^$/ : /^error: .*in\.json/);
    }
  });
});

describe('input without cases', () => {
  test.each([
    ['an empty array', 'in.json', '[]'],
    ['an empty NDJSON file', 'in.ndjson', ''],
    ['NDJSON of blank lines', 'in.ndjson', '\n \n\t\r\n'],
    ['an empty list of cases', 'in.json', '{"cases":[]}'],
  ])('%s is no error', async (_, name, content) => {
    const cwd = folderWith({ [name]: content });
    const { code, stdout } = await runMain(['enrich', name, '--endpoint', 'http://127.0.0.1:9'], { cwd });
    const { run, summary } = reportOf(stdout);
    expect([code, summary.total, run.complete]).toEqual([0, 0, true]);
  });

  test('empty standard input is no error, through the binary', async () => {
    const { code, stdout } = await runBinary(['enrich', '-', '--endpoint', 'http://127.0.0.1:9/']);
    expect([code, reportOf(stdout).summary.total]).toEqual([0, 0]);
  });
});

test('records that are no cases become invalid results, and every good case beside them is enriched', async () => {
  const server = await countingServer();
  const lines: [line: string | Buffer, status: string | RegExp][] = [
    ['{"id":"good-1"}', 'good-1 enriched'],
    ['{"id":"cut in the midd', 'null invalid case'],
    ['{"title":"no id"}', 'null invalid case'],
    ['["an array"]', 'null invalid case'],
    ['{"id":1.5}', 'null invalid case'],
    ['{"id":"good-1","again":true}', 'good-1 invalid case'],
    ['{"id":" good-1 "}', 'good-1 invalid case'],
    [Buffer.from('{"id":"bad \xff utf8"}', 'latin1'), 'null invalid case'],
    ['{"id":"deep","x":' + '['.repeat(100_000) + ']'.repeat(100_000) + '}', 'null invalid case'],
    ['{"id":12345678901234567890}', '12345678901234567890 enriched'],
    ['{"id":12345678901234567891}', '12345678901234567891 enriched'],
    ['{"id":".."}', '.. invalid case'],
    ['{"id":"."}', '. invalid case'],
    ['{"id":"%2e%2e"}', '%2e%2e enriched'],
    ['{"id":"..\\\\.."}', '..\\.. enriched'],
    ['{"id":"a/../b"}', 'a/../b enriched'],
    ['{"id":"\\ud800"}', '\ud800 invalid case'],
    ['{"id":"__proto__","__proto__":{"id":"x"},"constructor":1}', '__proto__ enriched'],
    ['{"id":"constructor"}', 'constructor enriched'],
    ['{"id":"bad-date","dueAt":"2026-02-30"}', 'bad-date invalid case'],
    ['{"id":"good-2","status":null}', 'good-2 enriched'],
  ];
  const stdin = Buffer.concat(lines.flatMap(([line]) => [Buffer.from(line), Buffer.from('\n')]));
  const args = ['enrich', '-', '--endpoint', `${server.url}/cases/{id}`, '--format', 'ndjson', '--order', 'input'];
  const { code, stdout, stderr } = await runBinary(args, { stdin });
  const { results } = resultLinesOf(stdout);
  expect(shortly(results)).toEqual(lines.map(([, status]) => status));
  expect(code).toBe(1);
  expect(results.filter(({ source }) => source).map(({ source }) => source?.line)).toEqual([
    2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 17, 20,
  ]);
  const asked = results.filter(({ status }) => status === 'enriched').map(({ caseId }) => String(caseId));
  const ids = server.stats.requests.map((request) => decodeURIComponent(request.replace('GET /cases/', '')));
  expect(ids.toSorted()).toEqual(asked.toSorted());
  // Written as it was read, without what a parser would have made of it.
  expect(stdout).toContain('{"id":"__proto__","__proto__":{"id":"x"},"constructor":1,"enrichment":{"ok":true}}');
  expect(stderr).toContain('12 invalid');
});

test('the source text of a case comes out as it went in', async () => {
  const server = await countingServer((request, response) => {
    response.end(`\ufeff {"id":"${idOf(request)}", "big":12345678901234567890,"one":1.0,"x":1,"x":2}\n`);
  });
  const text = '{"id":12345678901234567890,"n":1.0,"a":1,"a":2}';
  const cwd = folderWith({ 'one.json': `\ufeff[ ${text} ]` });
  const { stdout } = await runBinary(['enrich', 'one.json', '--endpoint', server.url], { cwd });
  const enrichment = '{"id":"12345678901234567890", "big":12345678901234567890,"one":1.0,"x":1,"x":2}';
  expect(stdout).toContain(`"enrichedCase":${text.slice(0, -1)},"enrichment":${enrichment}}`);
  expect(reportOf(stdout).summary.enriched).toBe(1);
});
