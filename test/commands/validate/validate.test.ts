import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../../src/main.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { type FakeHostOptions, fakeHost } from '../../helpers/fake-host.js';
import { type Outcome, runMain } from '../../helpers/run-main.js';
import { HOSTILE } from '../../helpers/saved.js';

/** Runs `validate` in a folder with these files. */
function validate(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  options: FakeHostOptions = {},
): Promise<Outcome> {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return runMain(['validate', ...Object.keys(files), ...args], { cwd: folder, ...options });
}

describe('validate', () => {
  test('names every problem with its place, and the total', async () => {
    const { code, stdout, stderr } = await validate({
      'a.ndjson': '{"id":1}\n{"title":"x"}\nnonsense\n{"id":1}\n',
      'b.json': '[{"id":2,"dueAt":"soon"},{"id":"1"}]',
    });
    expect(stdout.split('\n')).toEqual([
      'a.ndjson:2: no id; expected a non-empty string or an integer',
      expect.stringMatching(/^a\.ndjson:3: .*JSON/),
      'a.ndjson:4: the id "1" was seen before',
      'b.json[0]: dueAt is "soon"; expected an ISO 8601 date or date-time',
      'b.json[1]: the id "1" was seen before',
      '',
    ]);
    expect([code, stderr]).toEqual([
      1,
      `  2  the id … was seen before
  1  no id
  1  not JSON
  1  dueAt is not an ISO 8601 date or date-time
✗ 6 records of 2 files: 5 are not valid cases
`,
    ]);
  });

  test('is content with valid cases, and silent about it with --quiet', async () => {
    const files = { 'a.json': '{"cases":[{"id":1}]}' };
    expect(await validate(files)).toEqual({ code: 0, stdout: '', stderr: '✓ 1 record of 1 file: no problem\n' });
    expect(await validate(files, ['-q'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('reads standard input, other names of fields and another root', async () => {
    const args = ['-', '--root', '/data/items', '--id-field', 'number'];
    const { code, stdout } = await validate({}, args, { stdin: '{"data":{"items":[{"number":1},{"id":2}]}}' });
    expect([code, stdout]).toEqual([1, '-[1]: no number; expected a non-empty string or an integer\n']);
  });

  test('checks the other files when one cannot be read, and ends with 3', async () => {
    const files = {
      'cut.json': '[{"id":1},{"id":2',
      'rest.ndjson': '{"id":1}\n{"id":2}\n{"id":2}\n',
    };
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    mkdirSync(join(folder, 'directory.json'));
    const argv = ['validate', 'no.json', 'cut.json', 'directory.json', 'rest.ndjson', '--format', 'ndjson'];
    const { code, stdout, stderr } = await runMain(argv, { cwd: folder });
    const problems = stdout.split('\n').slice(0, -1);
    expect(problems.map((line) => JSON.parse(line) as unknown)).toEqual([
      { file: 'no.json', caseId: null, message: 'cannot read no.json: no such file' },
      { file: 'cut.json', caseId: null, message: expect.stringContaining('cut.json is cut off') as string },
      { file: 'directory.json', caseId: null, message: expect.stringContaining('it is a folder') as string },
      { file: 'rest.ndjson', line: 1, caseId: '1', message: 'the id "1" was seen before' },
      { file: 'rest.ndjson', line: 3, caseId: '2', message: 'the id "2" was seen before' },
    ]);
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(
        /^✗ 4 records of 4 files: 2 are not valid cases; 3 of the files cannot be read to the end\n/,
      ),
    ]);
  });

  test('tells which file has no root', async () => {
    const files = { 'a.json': '{"x":[]}', 'b.json': '{"y":[]}', 'c.ndjson': '{"id":1}\n' };
    const { code, stdout } = await validate(files, ['--root', '/x', '--format', 'ndjson']);
    expect([code, (JSON.parse(stdout) as { file: string }).file]).toEqual([3, 'b.json']);
  });

  test('json is one array, also without a problem', async () => {
    const none = await validate({ 'a.json': '[{"id":1}]' }, ['--format', 'json']);
    expect(JSON.parse(none.stdout)).toEqual([]);
    const some = await validate({ 'a.json': '[{"id":1,"tags":"x"},{}]' }, ['--format', 'json']);
    expect(JSON.parse(some.stdout)).toEqual([
      { file: 'a.json', index: 0, caseId: '1', message: 'tags is "x"; expected an array of strings' },
      { file: 'a.json', index: 1, caseId: null, message: 'no id; expected a non-empty string or an integer' },
    ]);
  });

  test('github is an annotation beside the line', async () => {
    const { stdout } = await validate({ 'a,b.ndjson': '{}\n', 'c.json': '[{}]' }, ['--format', 'github']);
    expect(stdout.split('\n')).toEqual([
      '::error file=a%2Cb.ndjson,line=1,title=invalid case::a,b.ndjson:1: no id; expected a non-empty string or an integer',
      '::error file=c.json,title=invalid case::c.json[0]: no id; expected a non-empty string or an integer',
      '',
    ]);
  });

  test.each(['text', 'ndjson', 'json', 'github'])('%s shows hostile text without its power', async (format) => {
    const lines = HOSTILE.map((text) => `${JSON.stringify({ id: text, status: [text] })}\n`);
    const twice = HOSTILE.map((text) => `${JSON.stringify({ id: text })}\n`);
    const { stdout } = await validate({ 'a.ndjson': [...lines, ...twice, ...twice].join('') }, ['--format', format]);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
    if (format === 'github') expect(stdout.match(/^(?!::error file=a\.ndjson,line=\d+,title=).+/gm)).toBeNull();
  });

  test('finds any number of problems', async () => {
    const { stdout, stderr } = await validate({ 'a.ndjson': '{}\n'.repeat(5000) });
    expect(stdout.split('\n')).toHaveLength(5001);
    expect(stderr).toBe('  5,000  no id\n✗ 5,000 records of 1 file: 5,000 are not valid cases\n');
  });

  test('a closed pipe ends it quietly', async () => {
    const fake = fakeHost({ stdin: '{}\n' });
    fake.closeStdout();
    main(['validate', '-'], fake.host);
    expect([await fake.exitCode, fake.stderr()]).toEqual([0, '']);
  });
});

describe('what is wrong, by problem', () => {
  const RECORDS = [
    '{"id":"a","tags":"x; and y","openedAt":"soon; expected a string"}',
    '{"id":"b","tags":7,"openedAt":"22.11.2026"}',
    String.raw`{"id":"c\"d","openedAt":"x"}`,
    String.raw`{"id":"ok\"1"}`,
    String.raw`{"id":"ok\"1"}`,
    '{"id":"ok"}',
    '{"id":"ok"}',
  ].map((line) => `${line}\n`);

  test('validate ends with how many records have each; several of one record count in each', async () => {
    const { stderr } = await validate({ 'a.ndjson': RECORDS.join('') });
    expect(stderr).toBe(
      `  3  openedAt is not an ISO 8601 date or date-time
  2  tags is not an array of strings
  2  the id … was seen before
✗ 7 records of 1 file: 5 are not valid cases
`,
    );
  });

  test('the summary of enrich groups them so', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.ndjson'), RECORDS.join(''));
    const { stderr } = await runMain(['enrich', 'a.ndjson', '--endpoint', 'demo'], { cwd: folder });
    const section = stderr.slice(stderr.indexOf('Invalid input'), stderr.indexOf('  Cases')).split('\n');
    expect(section.filter((line) => /^ {2}\d/.test(line)).map((line) => line.trim().replace(/ {3}.*/, ''))).toEqual([
      '3  openedAt is not an ISO 8601 date or date-time',
      '2  tags is not an array of strings',
      '2  the id … was seen before',
    ]);
  });
});

describe('a file that cannot be read', () => {
  const EXPORT = '{"data":{"items":[{"id":1}]}}';

  test('gets the hint that list and enrich have', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'export.json'), EXPORT);
    const list = await runMain(['list', 'export.json'], { cwd: folder });
    const [, ...told] = list.stderr.split('\n');
    expect(told.join('\n')).toMatch(/^ {2}it has "data" \(object\)\n {2}hint: --root /);
    const { code, stderr } = await runMain(['validate', 'export.json'], { cwd: folder });
    expect([code, stderr]).toEqual([
      3,
      `✗ 0 records of 1 file: 1 of the files cannot be read to the end\nexport.json:\n${told.join('\n')}`,
    ]);
  });

  test.each(['list', 'validate', 'enrich'])('as one line on stdin too (%s)', async (command) => {
    const flags = command === 'enrich' ? ['--endpoint', 'demo'] : [];
    const { code, stderr } = await runMain([command, '-', ...flags], { stdin: '{"issues":[{"id":1}],"total":1}\n' });
    expect(code).toBe(3);
    expect(stderr).toContain('it has "issues" (array), "total" (number)');
    expect(stderr).toContain('hint: --root /issues');
  });
});
