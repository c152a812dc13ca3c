/** Whatever a user names: a pipe that nobody writes to, or a device without an end, is refused and never waited for. */

import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readNamedFile } from '../../src/named-file.js';
import { ndjsonCases, runBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';

const BINARY = fileURLToPath(new URL('../../bin/case-tracker.cjs', import.meta.url));
const ENRICH = ['enrich', 'cases.ndjson', '--endpoint', 'http://127.0.0.1:9/{id}'];

function folder(): string {
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(1), 'run.ndjson': '' });
  execFileSync('mkfifo', [join(cwd, 'pipe')]);
  return cwd;
}

describe('a named pipe that nobody writes to', () => {
  test.each<[string, string[], number, string]>([
    ['report', ['report', 'pipe'], 3, 'cannot read pipe: it is not a regular file'],
    ['report of several', ['report', 'run.ndjson', 'pipe'], 3, 'cannot read pipe: it is not a regular file'],
    ['--config', ['list', 'cases.ndjson', '--config', 'pipe'], 2, 'cannot read pipe: it is a named pipe'],
    ['--header @FILE', [...ENRICH, '--header', '@pipe'], 2, 'cannot read pipe: it is a named pipe'],
    ['--body @FILE', [...ENRICH, '--method', 'POST', '--body', '@pipe'], 2, 'cannot read pipe: it is a named pipe'],
    ['--response-schema', [...ENRICH, '--response-schema', 'pipe'], 2, 'cannot read pipe: it is a named pipe'],
    ['serve --data', ['serve', '--data', 'pipe'], 3, 'cannot read pipe: it is a named pipe'],
  ])('as %s is refused at once', async (_, argv, code, message) => {
    const outcome = await runBinary(argv, { cwd: folder() });
    expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringContaining(message)]);
  });

  test('under the name of a configuration file is refused at once', async () => {
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(1) });
    execFileSync('mkfifo', [join(cwd, 'case-tracker.config.json')]);
    const { code, stderr } = await runBinary(['list', 'cases.ndjson'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('case-tracker.config.json: it is a named pipe')]);
  });
});

test.each<[string, string[], number]>([
  ['--config', ['list', 'cases.ndjson', '--config', '/dev/zero'], 2],
  ['--header @FILE', [...ENRICH, '--header', '@/dev/zero'], 2],
  ['--response-schema', [...ENRICH, '--response-schema', '/dev/zero'], 2],
])('a device without an end as %s is read to a limit', async (_, argv, exitCode) => {
  const { code, stderr } = await runBinary(argv, { cwd: folder() });
  expect([code, stderr]).toEqual([exitCode, expect.stringContaining('/dev/zero: it is larger than 16 MiB')]);
});

test('a pipe that the shell has opened is still read', () => {
  const command = 'exec "$0" "$1" list cases.ndjson --config <(echo \'{"first": 0}\')';
  const argv = ['-c', command, process.execPath, BINARY];
  const { status, stderr } = spawnSync('bash', argv, { cwd: folder(), encoding: 'utf8', timeout: 60_000 });
  expect([status, stderr]).toEqual([2, expect.stringContaining('"first"')]);
});

test('a descriptor is read from where it stands, and stays open', () => {
  const cwd = folder();
  const fd = openSync(join(cwd, 'cases.ndjson'), 'r');
  expect(readNamedFile(`/dev/fd/${fd}`).toString()).toBe('{"id":"C-1"}\n');
  expect(readNamedFile(`/proc/self/fd/${fd}`).toString()).toBe('');
  closeSync(fd);
});
