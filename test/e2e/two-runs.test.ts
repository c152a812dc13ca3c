/** Two runs on one journal, by whatever name and from whatever container: the second is refused, before its first call. */

import { execFileSync, spawnSync } from 'node:child_process';
import { linkSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ndjsonCases, runBinary, startBinary, startCommand } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { countingServer } from '../helpers/counting-server.js';
import { PROGRAM } from '../helpers/program.js';

/** A pid namespace of its own, as a container has: with its own /proc, and with the one of the machine. */
const CONTAINERS = [
  ['with its own /proc', ['-p', '-f', '--kill-child', '--mount-proc']],
  ['with the /proc of the machine', ['-p', '-f', '--kill-child']],
] as const;
const canUnshare = spawnSync('unshare', [...CONTAINERS[0][1], 'true']).status === 0;

/** A server that answers nobody, so that a run goes on for as long as the test wants. */
async function silentServer() {
  return countingServer(() => {});
}

function argsOf(url: string, output: string): string[] {
  return ['enrich', 'cases.ndjson', '--endpoint', url, '--timeout', '60s', '-o', output];
}

describe.skipIf(!canUnshare)('in two pid namespaces with one host name', () => {
  test.each(CONTAINERS)('a run in a container %s is refused where one outside goes on', async (_, flags) => {
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(3) });
    const server = await silentServer();
    startBinary(argsOf(server.url, 'run.ndjson'), { cwd });
    await server.server.seen(3);
    const argv = ['unshare', ...flags, ...PROGRAM, ...argsOf(server.url, 'run.ndjson'), '--resume'];
    const { code, stderr } = await startCommand(argv, { cwd }).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining('in another container or system called')]);
  });

  test.each(CONTAINERS)('and the other way round, %s', async (_, flags) => {
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(3) });
    const server = await silentServer();
    startCommand(['unshare', ...flags, ...PROGRAM, ...argsOf(server.url, 'run.ndjson')], { cwd });
    await server.server.seen(3);
    const { code, stderr } = await runBinary([...argsOf(server.url, 'run.ndjson'), '--resume'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('in another container or system called')]);
    expect(server.stats.requests).toHaveLength(3);
  });
});

test.each(['link.ndjson', 'hard.ndjson', './sub/../run.ndjson'])('%s is the journal of another run', async (name) => {
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(3), 'run.ndjson': '' });
  linkSync(join(cwd, 'run.ndjson'), join(cwd, 'hard.ndjson'));
  symlinkSync('run.ndjson', join(cwd, 'link.ndjson'));
  execFileSync('mkdir', [join(cwd, 'sub')]);
  const server = await silentServer();
  startBinary(argsOf(server.url, 'run.ndjson'), { cwd });
  await server.server.seen(3);
  const { code, stderr } = await runBinary([...argsOf(server.url, name), '--resume'], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining(`${name} is being written by another run`)]);
  expect(server.stats.requests).toHaveLength(3);
});

test('a lock that is a dangling link or a named pipe ends the run at once', async () => {
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(1) });
  symlinkSync('nowhere', join(cwd, 'a.ndjson.lock'));
  execFileSync('mkfifo', [join(cwd, 'b.ndjson.lock')]);
  for (const output of ['a.ndjson', 'b.ndjson']) {
    const { code, stderr } = await runBinary(argsOf('http://127.0.0.1:9', output), { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining(`error: ${output} cannot be locked`)]);
  }
  expect(readdirSync(cwd).toSorted()).toEqual(['a.ndjson.lock', 'b.ndjson.lock', 'cases.ndjson']);
});
