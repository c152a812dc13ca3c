/** `list -o FILE`: written whole or not at all, and what is refused. */

import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.js';
import { fakeHost } from '../../helpers/fake-host.js';
import { CASES, runGolden } from '../../helpers/golden.js';
import { main } from '../../../src/main.js';

const written = (cwd: string, name: string): string => readFileSync(join(cwd, name), 'utf8');

describe('list -o', () => {
  test.each([
    ['out.json', [], []],
    ['out.ndjson', [], ['--format', 'ndjson']],
    ['out.jsonl', ['--status', 'open'], ['--format', 'ndjson']],
    ['out', [], []],
    ['out.json', ['--sort', '-id', '--first', '2', '--fields', 'id'], []],
    ['out.txt', ['--format', 'table'], []],
    ['out.txt', ['--count', '--format', 'json'], []],
  ])('%s %j has what goes to stdout without it', async (name, flags, form) => {
    const { code, stdout, stderr, cwd } = await runGolden(['list', 'cases.json', '-o', name, ...flags]);
    const plain = await runGolden(['list', 'cases.json', ...flags, ...form]);
    expect([code, stdout, stderr]).toEqual([0, '', plain.stderr]);
    expect(plain.stdout).not.toBe('');
    expect(written(cwd, name)).toBe(plain.stdout);
  });

  test('on a terminal: by the ending too, without colour or the width of the terminal, and no footer', async () => {
    const files = { 'cases.json': `[{"id":"a","title":"${'long '.repeat(40)}"}]` };
    const options = { files, stdoutTTY: true, stderrTTY: true, columns: 40 };
    const table = await runGolden(['list', 'cases.json', '-o', 't.txt', '--format', 'table'], options);
    expect(written(table.cwd, 't.txt')).toContain('long '.repeat(40).trim());
    expect(table.stderr).toBe('');
    const json = await runGolden(['list', 'cases.json', '-o', 't.json'], options);
    expect(JSON.parse(written(json.cwd, 't.json'))).toHaveLength(1);
  });

  test.each([
    ['an input', ['-o', 'cases.json'], 'error: -o cases.json is an input file'],
    ['a link to an input', ['-o', 'link.json'], 'error: -o link.json is an input file'],
    ['a name that tells another form', ['-o', 'x.html'], 'error: -o x.html: its ending tells no form of a list'],
    [
      'a file that is by its name something else',
      ['-o', 'old.ndjson', '--format', 'table'],
      'error: old.ndjson is there already, and by its name it is no table list',
    ],
  ])('refuses %s', async (_, flags, message) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'cases.json'), CASES);
    writeFileSync(join(cwd, 'old.ndjson'), '{}\n');
    symlinkSync('cases.json', join(cwd, 'link.json'));
    const fake = fakeHost({ cwd });
    main(['list', 'cases.json', ...flags], fake.host);
    expect(await fake.exitCode).toBe(2);
    expect(fake.stderr().split('\n')[0]).toBe(message);
    expect(written(cwd, 'cases.json')).toBe(CASES);
    expect(existsSync(join(cwd, 'x.html'))).toBe(false);
  });

  test('leaves the file as it was, and nothing beside it, where the input breaks off', async () => {
    const files = { 'cut.json': '[{"id":1},{"id":2', 'out.json': 'as it was' };
    const { code, cwd } = await runGolden(['list', 'cut.json', '-o', 'out.json'], { files });
    expect(code).toBe(3);
    expect(written(cwd, 'out.json')).toBe('as it was');
    expect(readdirSync(cwd).toSorted()).toEqual(['.git', 'cut.json', 'out.json']);
  });

  test('exits with 5 where the folder is not there', async () => {
    expect((await runGolden(['list', 'cases.json', '-o', 'no/out.json'])).code).toBe(5);
  });

  test('-o - is standard output', async () => {
    expect((await runGolden(['list', 'cases.json', '-o', '-', '--count'])).stdout).toBe('3\n');
  });
});
