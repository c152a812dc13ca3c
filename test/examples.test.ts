/** What stands in examples/ works: programs are run, manifests name only commands and flags that exist. */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unknownWords } from './helpers/markdown-blocks.js';
import { EXECUTABLE } from './helpers/program.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const examples = join(root, 'examples');
const folder = mkdtempSync(join(tmpdir(), 'case-tracker-examples-'));
const read = (file: string): string => readFileSync(join(examples, file), 'utf8');

beforeAll(() => {
  cpSync(join(root, 'data/cases.json'), join(folder, 'cases.json'));
  writeFileSync(join(folder, 'case-tracker'), `#!/bin/sh\nexec '${process.execPath}' '${EXECUTABLE}' "$@"\n`, {
    mode: 0o755,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((file) => /\.\w+$/.test(file));

test.each(files)('%s names no command and no flag that does not exist', (file) => {
  expect(unknownWords(read(file))).toEqual([]);
});

test('the page of examples lists each of them', () => {
  const listed = [...read('README.md').matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '');
  const shown = files.filter((file) => file !== 'README.md' && file !== 'tsconfig.json');
  expect(listed.toSorted()).toEqual(shown.toSorted());
});

test('the client of one’s own fits the types of the package and enriches', () => {
  const work = join(folder, 'client');
  cpSync(join(examples, 'own-client'), work, { recursive: true });
  mkdirSync(join(work, 'node_modules'));
  symlinkSync(root, join(work, 'node_modules/case-tracker'), 'dir');
  writeFileSync(join(work, 'package.json'), '{"type":"module"}');
  const typeRoots = [join(root, 'node_modules/@types')];
  const compilerOptions = { target: 'es2022', module: 'nodenext', strict: true, types: ['node'], typeRoots };
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const compiled = spawnSync(process.execPath, [compiler, '-p', work], { encoding: 'utf8' });
  expect(compiled.stdout + compiled.stderr).toBe('');

  const program = join(work, 'directory.js');
  const printed = execFileSync(process.execPath, [program, join(folder, 'cases.json')], { encoding: 'utf8' });
  const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as { assignee?: string }[];
  const known = cases.filter(({ assignee }) => assignee === 'amara' || assignee === 'mira').length;
  expect(JSON.parse(printed)).toEqual({ enriched: known, other: cases.length - known });
});

test('the hourly script goes on from its journal and hands the exit code on', () => {
  const path = `${folder}:${process.env['PATH'] ?? ''}`;
  const hourly = (endpoint: string): { status: number | null; stdout: string } => {
    const env = { PATH: path, CASE_TRACKER_ENDPOINT: endpoint, CASE_TRACKER_RETRIES: '0' };
    return spawnSync('sh', [join(examples, 'cron/hourly.sh'), folder], { env, encoding: 'utf8' });
  };
  expect(hourly('demo')).toMatchObject({ status: 0, stdout: '' });
  expect(existsSync(join(folder, 'hourly.ndjson'))).toBe(true);
  expect(hourly('http://127.0.0.1:1/{id}')).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('report hourly.ndjson'),
  });
  expect(spawnSync('sh', [join(examples, 'cron/hourly.sh'), join(folder, 'none')]).status).toBe(2);
});
