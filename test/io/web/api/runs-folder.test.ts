import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { realClock } from '../../../../src/host.js';
import { type FileOps, realFileOps } from '../../../../src/io/files/file-ops.js';
import { RunsFolder, type RunEntry } from '../../../../src/io/web/api/runs-folder.js';
import { folderWith } from '../../../helpers/folder.js';

async function opened(cwd: string, ops: FileOps = realFileOps): Promise<RunsFolder> {
  const dir = { name: 'runs', path: join(cwd, 'runs') };
  const folder = await RunsFolder.open(dir, { pid: process.pid, ops, clock: realClock }, []);
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder;
}

async function added(folder: RunsFolder, nowMs: number): Promise<RunEntry> {
  const fresh = await folder.begin(nowMs);
  const entry: RunEntry = {
    schemaVersion: 1,
    id: fresh.id,
    status: 'queued',
    createdAt: new Date(nowMs).toISOString(),
    form: 'ndjson',
    bytes: 1,
    hash: 'h',
    exitCode: null,
  };
  await folder.commit(fresh, entry);
  return entry;
}

test('ids are in the order of their runs, also when the clock steps back, and after a restart', async () => {
  const cwd = folderWith();
  const first = await opened(cwd);
  const ids = [await added(first, 5000), await added(first, 5000), await added(first, 1000)].map(({ id }) => id);
  await first[Symbol.asyncDispose]();
  const second = await opened(cwd);
  expect(second.entries.map(({ id }) => id)).toEqual(ids);
  ids.push((await added(second, 0)).id);
  expect(ids.toSorted()).toEqual(ids);
});

test('a run that is being removed is not there any more; one that could not be removed still is, in its place', async () => {
  const cwd = folderWith();
  let onSync: () => Promise<void> = () => Promise.resolve();
  const folder = await opened(cwd, { ...realFileOps, sync: () => onSync() });
  const [one, two] = [await added(folder, 1000), await added(folder, 2000)];
  const seen: unknown[] = [];
  onSync = async () => {
    seen.push(folder.entry(one.id), folder.entries.length, existsSync(join(cwd, 'runs', one.id)));
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  await expect(folder.remove(one.id)).rejects.toMatchObject({ refusal: { status: 500 } });
  expect(seen).toEqual([undefined, 1, false]);
  expect(folder.entries.map(({ id }) => id)).toEqual([one.id, two.id]);
  onSync = () => Promise.resolve();
  await folder.remove(one.id);
  expect(folder.entries.map(({ id }) => id)).toEqual([two.id]);
  expect(readdirSync(join(cwd, 'runs')).toSorted()).toEqual([two.id, 'api.lock']);
});

test('a run that could not be named is none', async () => {
  const cwd = folderWith();
  let isFaulty = false;
  const rename: FileOps['rename'] = (from, to) => {
    if (isFaulty && !to.endsWith('run.json')) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    realFileOps.rename(from, to);
  };
  const folder = await opened(cwd, { ...realFileOps, rename });
  isFaulty = true;
  await expect(added(folder, 1000)).rejects.toMatchObject({ refusal: { status: 507 } });
  expect(folder.entries).toEqual([]);
});

test.each([
  ['is a file', { runs: 'x' }, '--dir runs cannot be used: it is no folder'],
  ['has a foreign lock', { 'runs/api.lock': 'mine' }, /^--dir runs cannot be used: .*api\.lock is no lock of a run/],
])('a folder that %s: why, and not that another process has it', async (_, files, message) => {
  await expect(opened(folderWith(files))).rejects.toThrow(message);
});
