import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { OutputError, UsageError } from '../../src/errors.js';
import { type FileOps, realFileOps } from '../../src/io/file-ops.js';
import { type Processes, acquireLock, realProcesses } from '../../src/io/lock.js';
import { faultyOps, temporaryFolder } from '../helpers/durable.js';

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
    ['that no run has written', 'nonsense'],
    ['that is empty', ''],
  ])('%s is taken over', (_, content) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson.lock'), content === '' ? '' : JSON.stringify(content));
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

describe('several runs that take over a stale lock at once', () => {
  const STALE = JSON.stringify({ pid: 99, host: 'here', start: 'then' });

  /** Lets a second run act to its end right before the n-th call of the first. */
  function interruptedOps(at: number, interrupt: () => void): FileOps & { readonly calls: () => number } {
    let calls = 0;
    const ops: FileOps = { ...realFileOps };
    for (const name of ['open', 'write', 'link', 'readText', 'rename', 'unlink', 'close'] as const) {
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
    expect(realProcesses.startOf(process.pid)).not.toBeNull();
    expect(realProcesses.startOf(process.pid)).toBe(realProcesses.startOf(process.pid));
  });

  test('one that has ended is gone', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    expect(realProcesses.startOf(pid)).toBeNull();
  });
});
