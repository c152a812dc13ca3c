/** What stdout and stderr may do to a command, and what not: a reader that has gone, a full disk, a folder that has gone. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resultLine } from '../../src/core/results/result-text.js';
import { type BinaryOutcome, runShell, startBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { enriched } from '../helpers/samples.js';

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

describe('a write to stderr never decides the exit code', () => {
  test.each(COMMANDS)('nobody reads it: %s', async (_, argv, code) => {
    const run = startBinary(argv, { cwd: folder() });
    run.child.stderr.destroy();
    expect((await run.ended).code).toBe(code);
  });

  test.each(COMMANDS)('its disk is full: %s', async (_, argv, code) => {
    expect((await runShell(`ct ${argv.join(' ')} 2>/dev/full`, folder())).code).toBe(code);
  });

  test.each(COMMANDS)('it is closed: %s', async (_, argv, code) => {
    expect((await runShell(`ct ${argv.join(' ')} 2>&-`, folder())).code).toBe(code);
  });
});

test('results that are to go to stderr and can not are an error', async () => {
  const { code, stdout } = await runShell('ct report run.ndjson --format json -o /dev/stderr 2>/dev/full', folder());
  expect([code, stdout]).toEqual([5, '']);
});

test.each([
  ['list', 'ct list cases.ndjson'],
  ['validate', 'ct validate cases.ndjson'],
  ['report', 'ct report run.ndjson --format json'],
  ['a dry run', `ct enrich cases.ndjson --dry-run ${ENDPOINT.join(' ')}`],
  ['help', 'ct --help'],
])('a full disk on stdout is exit code 5 and one message: %s', async (_, line) => {
  const { code, stderr } = await runShell(`${line} >/dev/full`, folder());
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
  function inRemoved(line: string): Promise<BinaryOutcome> {
    const cwd = folderWith();
    mkdirSync(join(cwd, 'gone'));
    const moved = `cd gone && rmdir ../gone && ${line}`;
    return runShell(moved, cwd);
  }

  test.each([
    'ct list cases.json',
    'ct list /dev/null',
    'ct validate -',
    'ct enrich cases.json --endpoint demo',
    'ct report run.ndjson',
    'ct serve --port 0',
    'ct list --fisrt',
  ])("%s says so, without Node's stack", async (line) => {
    const { code, stdout, stderr } = await inRemoved(`${line} </dev/null`);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toContain('node:');
    if (!line.includes('--fisrt')) {
      expect(stderr).toBe('error: the current folder was removed\n  hint: cd to a folder that is there\n');
    }
  });

  test.each(['--version', '--help', 'list --help'])('%s needs no folder', async (argv) => {
    expect(await inRemoved(`ct ${argv}`)).toMatchObject({ code: 0, stderr: '' });
  });
});
