import { readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.js';
import { realFileOps } from '../../../src/io/files/file-ops.js';
import { JournalSink } from '../../../src/io/sinks/journal.js';
import { type LockWorld, lockForRun } from '../../../src/io/files/lock-life.js';
import type { Lock } from '../../../src/io/files/lock.js';
import type { Processes } from '../../../src/io/files/processes.js';
import { FakeClock } from '../../helpers/clock.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { enriched } from '../../helpers/samples.js';

/** A container: its processes are seen from nowhere else, and its clock goes when the test says so. */
class Container {
  readonly clock = new FakeClock();
  readonly notices: string[] = [];
  readonly #processes: Processes;
  readonly #folder: string;

  constructor(folder: string, namespace: string, host = 'pod-0') {
    this.#folder = folder;
    this.#processes = { host, boot: 'b', namespace, startOf: (pid) => (pid === 1 ? namespace : null) };
  }

  get file(): { name: string; path: string } {
    return { name: 'run.ndjson', path: join(this.#folder, 'run.ndjson') };
  }

  lock(): Promise<Lock> {
    const world: LockWorld = { pid: 1, ops: realFileOps, clock: this.clock, processes: this.#processes };
    return lockForRun(this.file, world, this.notices);
  }

  /** The seconds pass until the promise is settled; `others` live on meanwhile, and have shown life when time goes on here. */
  async while<T>(promise: Promise<T>, ...others: readonly Container[]): Promise<T> {
    let settled = false;
    const settle = (): void => void (settled = true);
    promise.then(settle, settle);
    while (!settled) {
      for (const { clock } of others) {
        clock.advanceToNext();
        await expect.poll(() => clock.timers, { interval: 1 }).toBe(1);
      }
      this.clock.advanceToNext();
      await new Promise(setImmediate);
    }
    return promise;
  }
}

describe('a lock whose holder is in another container with the same host name', () => {
  test('is respected while the holder shows life', async () => {
    const folder = temporaryFolder();
    const [one, two] = [new Container(folder, 'pid:[1]'), new Container(folder, 'pid:[2]')];
    const lock = await one.lock();
    await expect(two.while(two.lock(), one)).rejects.toThrow('in another container or system called pod-0');
    expect(lock.lost).toBeUndefined();
    lock.release();
    expect([readdirSync(folder), one.clock.timers]).toEqual([[], 0]);
  });

  test('is taken over when it shows none any more, and that is told', async () => {
    const folder = temporaryFolder();
    await new Container(folder, 'pid:[1]').lock();
    const two = new Container(folder, 'pid:[2]');
    (await two.while(two.lock())).release();
    expect(two.notices).toEqual([
      'run.ndjson was locked by a run in another container that shows no life any more: taken over',
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is taken over although a taker in a third one was killed in the middle', async () => {
    const folder = temporaryFolder();
    await new Container(folder, 'pid:[1]').lock();
    const path = join(folder, 'run.ndjson.lock');
    writeFileSync(`${path}.claim`, readFileSync(path, 'utf8').replaceAll('pid:[1]', 'pid:[3]'));
    const two = new Container(folder, 'pid:[2]');
    await two.while(two.lock());
    expect(readFileSync(path, 'utf8')).toContain('pid:[2]');
  });

  test('is free when it was released in the meantime', async () => {
    const folder = temporaryFolder();
    const first = await new Container(folder, 'pid:[1]').lock();
    const two = new Container(folder, 'pid:[2]');
    const taking = two.lock();
    first.release();
    await two.while(taking);
    expect(readFileSync(join(folder, 'run.ndjson.lock'), 'utf8')).toContain('pid:[2]');
  });

  test('that was frozen and comes back writes no more: exit code 5', async () => {
    const folder = temporaryFolder();
    const [one, two] = [new Container(folder, 'pid:[1]'), new Container(folder, 'pid:[2]')];
    const lock = await one.lock();
    const file = { ...one.file, fd: realFileOps.open(one.file.path, 'a'), lock };
    const sink = new JournalSink(file, realFileOps, one.clock);
    await two.while(two.lock());
    sink.write([enriched('a')]);
    one.clock.advance(1_000);
    await expect
      .poll(() => errorOf(() => sink.write([enriched('b')])))
      .toMatchObject({
        exitCode: 5,
        message: 'while the run went on, another run took the lock of run.ndjson',
      });
    await sink.close();
    expect(readFileSync(join(folder, 'run.ndjson.lock'), 'utf8')).toContain('pid:[2]');
  });
});

test('a lock of a run of another host name is respected at once, whether it shows life or not', async () => {
  const folder = temporaryFolder();
  await new Container(folder, 'pid:[1]', 'pod-1').lock();
  const two = new Container(folder, 'pid:[2]');
  await expect(two.lock()).rejects.toThrow('(pid 1 on pod-1)');
  expect(two.clock.timers).toBe(0);
});

test('a lock of another container that never shows life, as of another version, is respected', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'run.ndjson.lock'), JSON.stringify({ pid: 1, host: 'pod-0', namespace: 'pid:[9]' }));
  await expect(new Container(folder, 'pid:[2]').lock()).rejects.toThrow(UsageError);
});

test.each<[string, (path: string) => void]>([
  ['was removed', (path) => rmSync(path)],
  ['is no file any more', (path) => (rmSync(path), symlinkSync('nowhere', path))],
])('a lock that %s while the run goes on is not the lock of another run', async (_, change) => {
  const folder = temporaryFolder();
  const one = new Container(folder, 'pid:[1]');
  const lock = await one.lock();
  change(join(folder, 'run.ndjson.lock'));
  one.clock.advanceToNext();
  await expect.poll(() => one.clock.timers).toBe(1);
  expect(lock.lost).toBeUndefined();
  lock.release();
});

function errorOf(action: () => void): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}
