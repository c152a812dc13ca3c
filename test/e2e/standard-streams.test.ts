/** What stdout and stderr may do to a command, and what not: a reader that has gone, a full disk, a folder that has gone. */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { resultLine } from '../../src/core/results/result-text.js';
import { folderWith, startBinary } from '../helpers/binary.js';
import { enriched } from '../helpers/durable.js';

const BINARY = fileURLToPath(new URL('../../bin/case-tracker.cjs', import.meta.url));
const ENDPOINT = ['--endpoint', 'http://127.0.0.1:9'];

const COMMANDS: readonly (readonly [string, readonly string[], number])[] = [
  ['list with an invalid record', ['list', 'cases.ndjson'], 0],
  ['list --strict with an invalid record', ['list', 'cases.ndjson', '--strict'], 1],
  ['list --count --strict with an invalid record', ['list', 'cases.ndjson', '--count', '--strict'], 1],
  ['validate with a problem', ['validate', 'cases.ndjson'], 1],
  ['report --expect with a missing case', ['report', 'run.ndjson', '--expect', 'good.ndjson'], 1],
  ['a dry run with an invalid record', ['enrich', 'cases.ndjson', '--dry-run', ...ENDPOINT], 1],
  ['enrich of a file without a valid case', ['enrich', 'bad.ndjson', ...ENDPOINT], 1],
  ['a usage error', ['list', '--fisrt'], 2],
  ['a file that is not there', ['list', 'nowhere.json'], 3],
];

function folder(): string {
  return folderWith({
    'cases.ndjson': '{"id":"1"}\n{"x":1}\n',
    'good.ndjson': '{"id":"1"}\n{"id":"2"}\n',
    'bad.ndjson': '{"x":1}\n',
    'run.ndjson': `${resultLine(enriched('1'))}\n`,
  });
}

/** Runs a line of shell in which `$CT` is the program. */
function inShell(line: string, cwd: string): { code: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env['PATH'], CT: `${process.execPath} ${BINARY}` };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd, env, encoding: 'utf8', timeout: 60_000 });
  return { code: status, stdout, stderr };
}

describe('a write to stderr never decides the exit code', () => {
  test.each(COMMANDS)('nobody reads it: %s', async (_, argv, code) => {
    const run = startBinary(argv, { cwd: folder() });
    run.child.stderr.destroy();
    expect((await run.ended).code).toBe(code);
  });

  test.each(COMMANDS)('its disk is full: %s', (_, argv, code) => {
    expect(inShell(`$CT ${argv.join(' ')} 2>/dev/full`, folder()).code).toBe(code);
  });

  test.each(COMMANDS)('it is closed: %s', (_, argv, code) => {
    expect(inShell(`$CT ${argv.join(' ')} 2>&-`, folder()).code).toBe(code);
  });
});

test('results that are to go to stderr and can not are an error', () => {
  const { code, stdout } = inShell('$CT report run.ndjson --format json -o /dev/stderr 2>/dev/full', folder());
  expect([code, stdout]).toEqual([5, '']);
});

test.each([
  ['list', '$CT list cases.ndjson'],
  ['validate', '$CT validate cases.ndjson'],
  ['report', '$CT report run.ndjson --format json'],
  ['a dry run', `$CT enrich cases.ndjson --dry-run ${ENDPOINT.join(' ')}`],
  ['help', '$CT --help'],
])('a full disk on stdout is exit code 5 and one message: %s', (_, line) => {
  const { code, stderr } = inShell(`${line} >/dev/full`, folder());
  expect([code, stderr.match(/error: .*/g)]).toEqual([5, [expect.stringMatching(/standard output: no space left/)]]);
});

test('a reader of stdout that has gone is no error, whoever reads stderr', async () => {
  for (const argv of [['list'], ['validate']]) {
    const run = startBinary([...argv, 'cases.ndjson'], { cwd: folder() });
    run.child.stdout.destroy();
    expect((await run.ended).code).toBe(0);
  }
});

describe('started in a folder that was removed', () => {
  function inRemoved(line: string): { code: number | null; stdout: string; stderr: string } {
    const cwd = folderWith();
    mkdirSync(join(cwd, 'gone'));
    const moved = `cd gone && rmdir ../gone && ${line}`;
    return inShell(moved, cwd);
  }

  test.each([
    '$CT list cases.json',
    '$CT list /dev/null',
    '$CT validate -',
    '$CT enrich cases.json --endpoint demo',
    '$CT report run.ndjson',
    '$CT serve --port 0',
    '$CT list --fisrt',
  ])("%s says so, without Node's stack", (line) => {
    const { code, stdout, stderr } = inRemoved(`${line} </dev/null`);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toContain('node:');
    if (!line.includes('--fisrt')) {
      expect(stderr).toBe('error: the current folder was removed\n  hint: cd to a folder that is there\n');
    }
  });

  test.each(['--version', '--help', 'list --help'])('%s needs no folder', (argv) => {
    expect(inRemoved(`$CT ${argv}`)).toMatchObject({ code: 0, stderr: '' });
  });
});
