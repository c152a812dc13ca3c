import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { OutputError, UsageError } from '../../../src/errors.js';
import { type FileOps, realFileOps } from '../../../src/io/files/file-ops.js';
import { acquireLock } from '../../../src/io/files/lock.js';
import { type Processes, realProcesses } from '../../../src/io/files/processes.js';
import { faultyOps } from '../../helpers/faulty-disk.js';
import { temporaryFolder } from '../../helpers/folder.js';

/** Processes by pid: when they started; the others are gone. */
function processes(running: Record<number, string | undefined>, host = 'here'): Processes {
  return { host, startOf: (pid) => (pid in running ? running[pid] : null) };
}

function fileIn(folder: string): { name: string; path: string } {
  return { name: 'run.ndjson', path: join(folder, 'run.ndjson') };
}

const LIVE = processes({ 10: 'then', 20: 'then', 30: 'then' });

describe('a lock', () => {
  test('refuses a second run, names the first, and leaves nothing behind when released', () => {
    const folder = temporaryFolder();
    const lock = acquireLock(fileIn(folder), 10, realFileOps, LIVE);
    expect(() => acquireLock(fileIn(folder), 20, realFileOps, LIVE)).toThrow(
      'run.ndjson is being written by another run (pid 10)',
    );
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    acquireLock(fileIn(folder), 20, realFileOps, LIVE).release();
  });

  test('holds against a second run of the same process', () => {
    const folder = temporaryFolder();
    acquireLock(fileIn(folder), process.pid, realFileOps);
    expect(() => acquireLock(fileIn(folder), process.pid, realFileOps)).toThrow(`(pid ${process.pid})`);
  });

  test.each([
    ['whose process is gone', { pid: 99, host: 'here', start: 'then' }],
    ['whose pid is now another process', { pid: 20, host: 'here', start: 'before' }],
    ['that names a group of processes, not a process', { pid: 0, host: 'there' }],
    ['that names all processes', { pid: -1, host: 'there', start: 'then' }],
    ['that names a part of a process', { pid: 10.5, host: 'there' }],
    ['that is empty', ''],
    ['that its writer has not finished', '{"pi'],
    ['that a power cut has left as zeros', '\0\0\0\0'],
  ])('%s is taken over', (_, content) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson.lock'), typeof content === 'string' ? content : JSON.stringify(content));
    const lock = acquireLock(fileIn(folder), 10, realFileOps, LIVE);
    expect(JSON.parse(readFileSync(join(folder, 'run.ndjson.lock'), 'utf8'))).toMatchObject({ pid: 10 });
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['of another machine', { pid: 99, host: 'there' }, '(pid 99 on there)'],
    ['of a process of which no start is known', { pid: 10, host: 'here' }, '(pid 10)'],
  ])('%s is respected', (_, content, who) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson.lock'), JSON.stringify(content));
    expect(() => acquireLock(fileIn(folder), 20, realFileOps, LIVE)).toThrow(who);
  });

  test.each([
    ['a process that runs there and not here', { pid: 99, host: 'here', boot: 'b1', namespace: 'pid:[2]' }],
    [
      'a pid that is another process here',
      { pid: 10, host: 'here', boot: 'b1', namespace: 'pid:[2]', start: 'before' },
    ],
    ['a machine with the same name', { pid: 99, host: 'here', boot: 'b2', namespace: 'pid:[1]', machine: 'm2' }],
    ['a machine with the same name and of no known id', { pid: 99, host: 'here', boot: 'b2', namespace: 'pid:[1]' }],
  ])('of another pid namespace or machine of the same host name is respected: %s', (_, content) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson.lock'), JSON.stringify(content));
    const container: Processes = { ...LIVE, boot: 'b1', namespace: 'pid:[1]', machine: 'm1' };
    expect(() => acquireLock(fileIn(folder), 20, realFileOps, container)).toThrow(
      `(pid ${content.pid} in another container or system called here)`,
    );
  });

  test.each([
    ['this machine before it was started again', { boot: 'b2', namespace: 'pid:[1]', machine: 'm1' }],
    ['a container on it before it was started again', { boot: 'b2', namespace: 'pid:[7]', machine: 'm1' }],
    ['the same namespace whose process is gone', { boot: 'b1', namespace: 'pid:[1]', machine: 'm1' }],
    ['an older version whose process is gone', {}],
  ])('of %s is taken over', (_, content) => {
    const folder = temporaryFolder();
    const text = JSON.stringify({ pid: 99, host: 'here', start: 'then', ...content });
    writeFileSync(join(folder, 'run.ndjson.lock'), text);
    acquireLock(fileIn(folder), 20, realFileOps, { ...LIVE, boot: 'b1', namespace: 'pid:[1]', machine: 'm1' });
    expect(JSON.parse(readFileSync(join(folder, 'run.ndjson.lock'), 'utf8'))).toMatchObject({ pid: 20, boot: 'b1' });
  });

  test('two processes with one pid in two containers do not take each other for themselves', () => {
    const folder = temporaryFolder();
    const inContainer = (namespace: string): Processes => ({ ...LIVE, boot: 'b1', namespace });
    acquireLock(fileIn(folder), 10, realFileOps, inContainer('pid:[1]'));
    expect(() => acquireLock(fileIn(folder), 10, realFileOps, inContainer('pid:[2]'))).toThrow('in another container');
    writeFileSync(join(folder, 'run.ndjson.lock.98-2.tmp'), '');
    writeFileSync(join(folder, 'run.ndjson.lock.98-1.tmp'), '');
    rmSync(join(folder, 'run.ndjson.lock'));
    acquireLock(fileIn(folder), 10, realFileOps, inContainer('pid:[1]'));
    expect(readdirSync(folder).toSorted()).toEqual(['run.ndjson.lock', 'run.ndjson.lock.98-2.tmp']);
  });

  test.each<[string, (path: string) => void, string]>([
    ['a link that leads nowhere', (path) => symlinkSync('nowhere', path), 'is a link'],
    ['a link to a file', (path) => symlinkSync('other', path), 'is a link'],
    ['a link to itself', (path) => symlinkSync('run.ndjson.lock', path), 'is a link'],
    ['a named pipe', (path) => void execFileSync('mkfifo', [path]), 'is a pipe or device'],
    ['a folder', (path) => mkdirSync(path), 'is a folder'],
    ['a file of others', (path) => writeFileSync(path, '{"packages":{}}'), 'holds something else'],
    ['a large file of others', (path) => writeFileSync(path, '{"pid":'.padEnd(5000)), 'holds something else'],
  ])('that is %s is refused at once and left alone', (_, make, why) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'other'), '');
    for (const suffix of ['', '.claim']) {
      const path = join(folder, `run.ndjson.lock${suffix}`);
      // The claim is only looked at where there is a stale lock to take over.
      if (suffix !== '') writeFileSync(join(folder, 'run.ndjson.lock'), '');
      make(path);
      const before = lstatSync(path).ino;
      expect(() => acquireLock(fileIn(folder), 10, realFileOps, LIVE)).toThrow(UsageError);
      expect(() => acquireLock(fileIn(folder), 10, realFileOps, LIVE)).toThrow(why);
      expect(lstatSync(path).ino).toBe(before);
      rmSync(path, { recursive: true });
    }
  });

  test('that may not be read is an output error that says so', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson.lock'), '');
    const refuse = (): never => {
      throw Object.assign(new Error(), { code: 'EACCES' });
    };
    const take = (): unknown => acquireLock(fileIn(folder), 10, { ...realFileOps, readText: refuse }, LIVE);
    expect(take).toThrow(OutputError);
    expect(take).toThrow('the lock of run.ndjson: no permission (EACCES)');
  });

  test('that is there and can not be seen, over and over, is given up', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson.lock'), '');
    const ops: FileOps = { ...realFileOps, statLink: () => undefined };
    expect(() => acquireLock(fileIn(folder), 10, ops, LIVE)).toThrow('comes and goes');
  });

  test('that somebody else holds now is not removed by a release', () => {
    const folder = temporaryFolder();
    const lock = acquireLock(fileIn(folder), 10, realFileOps, LIVE);
    writeFileSync(join(folder, 'run.ndjson.lock'), 'of another');
    lock.release();
    expect(readFileSync(join(folder, 'run.ndjson.lock'), 'utf8')).toBe('of another');
  });

  test('works where there are no hard links', () => {
    const folder = temporaryFolder();
    const ops = faultyOps({ calls: ['link'], at: 1, code: 'EPERM', forGood: true });
    acquireLock(fileIn(folder), 10, ops, LIVE);
    expect(() => acquireLock(fileIn(folder), 20, ops, LIVE)).toThrow('(pid 10)');
    expect(readdirSync(folder)).toEqual(['run.ndjson.lock']);
  });

  test('that cannot be made is an output error and leaves nothing behind', () => {
    const folder = temporaryFolder();
    for (let at = 1; ; at++) {
      const ops = faultyOps({ at, code: 'ENOSPC' });
      try {
        acquireLock(fileIn(folder), 10, ops, LIVE).release();
      } catch (error) {
        expect(error).toBeInstanceOf(OutputError);
      }
      expect(readdirSync(folder)).toEqual([]);
      if (ops.faults() === 0) return;
    }
  });
});

describe('a file with several names (hard links)', () => {
  function linked(): string {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson'), '');
    linkSync(join(folder, 'run.ndjson'), join(folder, 'also.ndjson'));
    return folder;
  }

  test.each([
    ['also.ndjson', 'run.ndjson'],
    ['run.ndjson', 'also.ndjson'],
  ])('is locked by %s for a run by %s, too', (first, second) => {
    const folder = linked();
    const take = (name: string, pid: number) => acquireLock({ name, path: join(folder, name) }, pid, realFileOps, LIVE);
    const lock = take(first, 10);
    expect(() => take(second, 20)).toThrow(`${second} is being written by another run (pid 10)`);
    lock.release();
    expect(readdirSync(folder)).toEqual(['also.ndjson', 'run.ndjson']);
    take(second, 20);
  });

  test('is locked also when it got its second name after the first run had begun', () => {
    const folder = temporaryFolder();
    acquireLock(fileIn(folder), 10, realFileOps, LIVE);
    writeFileSync(join(folder, 'run.ndjson'), '');
    linkSync(join(folder, 'run.ndjson'), join(folder, 'also.ndjson'));
    const also = { name: 'also.ndjson', path: join(folder, 'also.ndjson') };
    expect(() => acquireLock(also, 20, realFileOps, LIVE)).toThrow('(pid 10)');
    expect(readdirSync(folder)).not.toContain('also.ndjson.lock');
  });

  test('is refused when one of them is in another folder, where a lock would not be seen', () => {
    const folder = linked();
    linkSync(join(folder, 'run.ndjson'), join(temporaryFolder(), 'far.ndjson'));
    expect(() => acquireLock(fileIn(folder), 10, realFileOps, LIVE)).toThrow('has another name in another folder');
    expect(readdirSync(folder)).toEqual(['also.ndjson', 'run.ndjson']);
  });
});

describe('several runs that take over a stale lock at once', () => {
  const STALE = JSON.stringify({ pid: 99, host: 'here', start: 'then' });

  /** Lets a second run act to its end right before the n-th call of the first. */
  function interruptedOps(at: number, interrupt: () => void): FileOps & { readonly calls: () => number } {
    let calls = 0;
    const ops: FileOps = { ...realFileOps };
    for (const name of ['open', 'write', 'link', 'statLink', 'readText', 'rename', 'unlink', 'close'] as const) {
      const real = realFileOps[name] as (...args: unknown[]) => unknown;
      Object.assign(ops, {
        [name]: (...args: unknown[]) => {
          if (++calls === at) interrupt();
          return real(...args);
        },
      });
    }
    return Object.assign(ops, { calls: () => calls });
  }

  test.each([
    ['keeps it', false],
    ['releases it again', true],
  ])('never hold it together, at whatever moment the second one comes and %s', (_, releases) => {
    for (let at = 1; ; at++) {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'run.ndjson.lock'), STALE);
      const holders: number[] = [];
      const take = (pid: number, ops: FileOps): void => {
        try {
          const lock = acquireLock(fileIn(folder), pid, ops, LIVE);
          if (pid === 20 && releases) lock.release();
          else holders.push(pid);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      };
      const ops = interruptedOps(at, () => take(20, realFileOps));
      take(10, ops);
      expect(holders).toHaveLength(1);
      expect(readdirSync(folder)).toEqual(['run.ndjson.lock']);
      const held = JSON.parse(readFileSync(join(folder, 'run.ndjson.lock'), 'utf8')) as { pid: number };
      expect([held.pid]).toEqual(holders);
      if (ops.calls() < at) return;
    }
  });

  test('get it although an earlier taker was killed in the middle', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson.lock'), STALE);
    writeFileSync(join(folder, 'run.ndjson.lock.claim'), JSON.stringify({ pid: 98, host: 'here', start: 'then' }));
    acquireLock(fileIn(folder), 10, realFileOps, LIVE);
    expect(readdirSync(folder)).toEqual(['run.ndjson.lock']);
  });

  test('sweep up what killed runs have left, and nothing of a run that lives', () => {
    const folder = temporaryFolder();
    const names = ['.98.tmp', '.claim', '.claim.98.tmp', '.claim.claim', '.20.tmp', '.claim.20.tmp', '.notes'];
    for (const name of names) writeFileSync(join(folder, `run.ndjson.lock${name}`), 'x');
    acquireLock(fileIn(folder), 10, realFileOps, LIVE).release();
    expect(readdirSync(folder).sort()).toEqual(
      ['.20.tmp', '.claim.20.tmp', '.notes'].map((name) => `run.ndjson.lock${name}`),
    );
  });

  test('are told to wait while another one is at it', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson.lock'), STALE);
    writeFileSync(join(folder, 'run.ndjson.lock.claim'), JSON.stringify({ pid: 30, host: 'here', start: 'then' }));
    expect(() => acquireLock(fileIn(folder), 10, realFileOps, LIVE)).toThrow('(pid 30)');
    expect(readFileSync(join(folder, 'run.ndjson.lock'), 'utf8')).toBe(STALE);
  });
});

describe('the processes of this machine', () => {
  test('this one is alive, has a start that does not change, and this host', () => {
    expect(realProcesses.host).toBe(hostname());
    expect(realProcesses.namespace).toBe(readlinkOrNothing('/proc/self/ns/pid'));
    expect(realProcesses.startOf(process.pid)).not.toBeNull();
    expect(realProcesses.startOf(process.pid)).toBe(realProcesses.startOf(process.pid));
  });

  test('one that has ended is gone', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    expect(realProcesses.startOf(pid)).toBeNull();
  });
});

function readlinkOrNothing(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
