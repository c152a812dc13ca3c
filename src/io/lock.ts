import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { UsageError, systemCode } from '../errors.js';
import { type FileOps, type NamedPath, outputError, quietly, writeAll } from './file-ops.js';

const CLAIM = '.claim';

/** A lock that is held: `FILE.lock` until released. */
export interface Lock {
  release(): void;
}

/** Who holds a lock. `start` tells a process from a later one with the same pid; absent where the system won't say. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly start?: string;
}

/** What is known about the processes of this machine. */
export interface Processes {
  readonly host: string;
  /** When the process started, in a form to compare; null when it is gone; undefined when it lives and no more is known. */
  startOf(pid: number): string | null | undefined;
}

/**
 * Locks a file against a second run, or throws a UsageError that names the run which holds it. The lock of a process
 * that is gone is taken over; of several takers one gets it.
 */
export function acquireLock(file: NamedPath, pid: number, ops: FileOps, processes: Processes = realProcesses): Lock {
  const lockPath = `${file.path}.lock`;
  try {
    const lock = acquire(lockPath, { name: file.name, pid, ops, processes });
    quietly(() => removeLeftovers(lockPath, ops, processes));
    return lock;
  } catch (error) {
    throw error instanceof UsageError ? error : outputError(`${file.name}.lock`, error);
  }
}

interface Taker {
  /** The locked file, for messages. */
  readonly name: string;
  readonly pid: number;
  readonly ops: FileOps;
  readonly processes: Processes;
}

function acquire(lockPath: string, taker: Taker): Lock {
  const { pid, ops, processes } = taker;
  const start = processes.startOf(pid);
  const mine = `${JSON.stringify({ pid, host: processes.host, ...(typeof start === 'string' && { start }) })}\n`;
  const prepared = `${lockPath}.${pid}.tmp`;
  writeNew(prepared, mine, ops);
  try {
    // Every further round means that another run has taken or released the lock in the meantime.
    while (!linkNew(prepared, lockPath, ops) && !takeOver(prepared, lockPath, taker));
  } finally {
    quietly(() => ops.unlink(prepared));
  }
  return { release: () => quietly(() => readLock(lockPath, ops) === mine && ops.unlink(lockPath)) };
}

/**
 * Puts the prepared lock in the place of a stale one; false when it is no longer there. That nobody else does so at the
 * same time is made sure by a lock on taking over; should its holder die as well, that one is taken over in the same way.
 */
function takeOver(prepared: string, lockPath: string, taker: Taker): boolean {
  const { ops } = taker;
  const seen = readLock(lockPath, ops);
  if (seen === undefined) return false;
  const holder = parseHolder(seen);
  if (holder !== undefined && !isStale(holder, taker.processes)) throw heldBy(holder, lockPath, taker);
  const claim = acquire(`${lockPath}${CLAIM}`, taker);
  try {
    if (readLock(lockPath, ops) !== seen) return false;
    ops.rename(prepared, lockPath);
    return true;
  } finally {
    claim.release();
  }
}

/** What runs have left that were killed while they locked. Whoever holds the lock needs nobody's claim to it. */
function removeLeftovers(lockPath: string, ops: FileOps, processes: Processes): void {
  const name = basename(lockPath);
  for (const entry of ops.list(dirname(lockPath))) {
    const rest = entry.startsWith(name) ? /^((?:\.claim)*)(?:\.(\d+)\.tmp)?$/.exec(entry.slice(name.length)) : null;
    if (rest === null || entry === name) continue;
    const [, , pid] = rest;
    if (pid === undefined || processes.startOf(Number(pid)) === null) ops.unlink(join(dirname(lockPath), entry));
  }
}

function heldBy(holder: Holder, lockPath: string, { name, processes }: Taker): UsageError {
  const isHere = holder.host === processes.host;
  return new UsageError(
    `${name} is being written by another run (pid ${holder.pid}${isHere ? '' : ` on ${holder.host}`})`,
    {
      hint: isHere
        ? 'wait until it has ended, or choose another file with -o'
        : `if that run has ended, remove ${lockPath}; otherwise choose another file with -o`,
    },
  );
}

function isStale(holder: Holder, processes: Processes): boolean {
  if (holder.host !== processes.host) return false;
  const start = processes.startOf(holder.pid);
  if (start === null) return true;
  return start !== undefined && holder.start !== undefined && start !== holder.start;
}

/** Gives the prepared lock its name unless the name is taken: in one step, so that nobody reads a half-written lock. */
function linkNew(prepared: string, lockPath: string, ops: FileOps): boolean {
  try {
    ops.link(prepared, lockPath);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (!NO_HARD_LINKS.has(systemCode(error) ?? '')) throw error;
  }
  return copyNew(prepared, lockPath, ops);
}

const NO_HARD_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

function copyNew(prepared: string, lockPath: string, ops: FileOps): boolean {
  try {
    writeFile(lockPath, ops.readText(prepared), 'wx', ops);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Writes our own file anew, whatever an earlier process with the same pid has left there. */
function writeNew(path: string, text: string, ops: FileOps): void {
  quietly(() => ops.unlink(path));
  try {
    writeFile(path, text, 'wx', ops);
  } catch (error) {
    quietly(() => ops.unlink(path));
    throw error;
  }
}

function writeFile(path: string, text: string, flags: string, ops: FileOps): void {
  const fd = ops.open(path, flags);
  try {
    const written = writeAll(ops, fd, Buffer.from(text));
    if (written.error !== undefined) throw written.error;
  } finally {
    ops.close(fd);
  }
}

function readLock(path: string, ops: FileOps): string | undefined {
  try {
    return ops.readText(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** undefined for what no run of ours has written: such a lock is stale. */
function parseHolder(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    if (typeof value?.pid !== 'number' || typeof value.host !== 'string') return undefined;
    return value as Holder;
  } catch {
    return undefined;
  }
}

/** The processes of this machine, by signal 0 and, where there is one, /proc. */
export const realProcesses: Processes = {
  host: hostname(),
  startOf(pid) {
    if (!isAlive(pid)) return null;
    const stat = readProc(`/proc/${pid}/stat`);
    if (stat === undefined) return undefined;
    // The second field, the name in parentheses, may hold anything: count from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isDead = fields[0] === 'Z' || fields[0] === 'X';
    return isDead ? null : `${readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? ''} ${fields[19] ?? ''}`;
  },
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
