import { basename, dirname, join } from 'node:path';
import { OutputError, UsageError, systemCode } from '../../errors.js';
import { type FileOps, type NamedPath, outputError, quietly, reasonOf, writeAll } from './file-ops.js';
import { HeldOutOfSight, type Holder, isStale, isWithinReach, lockText, parseLock } from './lock-text.js';
import { type Processes, realProcesses } from './processes.js';
import { isSameFile } from './same-file.js';
import { kindOf } from './side-file.js';

const CLAIM = '.claim';
/** Read limit for a lock file, far above the size of a real one. */
const MOST_BYTES = 4096;
/** Attempts to lock. One is repeated when another run takes or releases the lock meanwhile; after this many, something else is wrong. */
const MOST_ROUNDS = 100;

/** A lock that is held until released. */
export interface Lock {
  /** Set when another run took it over, believing this one dead. */
  readonly lost?: OutputError | undefined;
  release(): void;
}

/** A lock and its files, one for each name of the locked file. */
export interface HeldLock extends Lock {
  readonly paths: readonly string[];
  /** True when another run's lock is there now. A lock file that was only removed still counts as held. */
  isTaken(): boolean;
}

/**
 * Locks a file against a second run, or throws a UsageError that names the run which holds it. The lock is `FILE.lock`,
 * for each name that the file has (hard links); names in other folders can't be known, so such a file is refused. The
 * lock of a dead process is taken over, as is one whose text is in `silent`; when several runs try, exactly one succeeds.
 */
export function acquireLock(
  file: NamedPath,
  pid: number,
  ops: FileOps,
  processes: Processes = realProcesses,
  silent: ReadonlySet<string> = new Set(),
): HeldLock {
  const held: HeldLock[] = [];
  const release = (): void => held.splice(0).forEach((lock) => lock.release());
  try {
    // Always in the same order, so that two runs using different names of the file can't each hold a part of the locks.
    for (const path of namesOf(file, ops)) {
      held.push(acquire(`${path}.lock`, { name: file.name, pid, ops, processes, silent }));
      quietly(() => removeLeftovers(`${path}.lock`, ops, processes));
    }
    const paths = held.flatMap((lock) => lock.paths);
    return { paths, isTaken: () => held.some((lock) => lock.isTaken()), release };
  } catch (error) {
    release();
    throw error instanceof UsageError ? error : outputError(`${file.name}.lock`, error);
  }
}

/** The paths of all names of a file, sorted. Throws a UsageError when it has one that is not in its folder. */
function namesOf({ name, path }: NamedPath, ops: FileOps): readonly string[] {
  const file = ops.statPath(path);
  if (file === undefined || file.nlink <= 1) return [path];
  const folder = dirname(path);
  const paths = ops.list(folder).map((entry) => join(folder, entry));
  const names = paths.filter((other) => isSameFile(ops.statLink(other), file));
  if (names.length >= file.nlink) return names.toSorted((a, b) => (a < b ? -1 : 1));
  throw new UsageError(
    `${name} has another name in another folder (a hard link), where a second run could write to it`,
    {
      hint: `remove that name, or go on with a copy: cp ${name} copy-of-${basename(name)}`,
    },
  );
}

interface Taker {
  /** The locked file, for messages. */
  readonly name: string;
  readonly pid: number;
  readonly ops: FileOps;
  readonly processes: Processes;
  /** Texts of the locks whose holders have shown no heartbeat. */
  readonly silent: ReadonlySet<string>;
}

function acquire(lockPath: string, taker: Taker): HeldLock {
  const { name, pid, ops, processes } = taker;
  const mine = lockText(pid, processes);
  const prepared = `${lockPath}.${ownMark(pid, processes)}.tmp`;
  writeNew(prepared, mine, ops);
  try {
    for (let round = 0; !linkNew(prepared, lockPath, ops) && !takeOver(prepared, lockPath, taker); round++) {
      if (round === MOST_ROUNDS) throw new OutputError(`cannot lock ${name}: ${lockPath} comes and goes`);
    }
  } finally {
    quietly(() => ops.unlink(prepared));
  }
  const textNow = (): string | undefined => readLock(lockPath, taker);
  return {
    paths: [lockPath],
    isTaken: () => ![mine, undefined].includes(textNow()),
    release: () => quietly(() => textNow() === mine && ops.unlink(lockPath)),
  };
}

/** Suffix that distinguishes our files from those of a process with the same pid in another container. */
function ownMark(pid: number, { namespace }: Processes): string {
  const number = /\d+/.exec(namespace ?? '')?.[0];
  return number === undefined ? String(pid) : `${pid}-${number}`;
}

/**
 * Replaces a stale lock with the prepared one; false when the stale lock is gone. A second lock, on the takeover itself,
 * keeps out other runs; should its holder die as well, it is taken over in the same way.
 */
function takeOver(prepared: string, lockPath: string, taker: Taker): boolean {
  const { ops } = taker;
  const seen = readLock(lockPath, taker);
  if (seen === undefined) return false;
  refuseHeld(seen, lockPath, taker);
  const claim = acquire(`${lockPath}${CLAIM}`, taker);
  try {
    if (readLock(lockPath, taker) !== seen) return false;
    ops.rename(prepared, lockPath);
    return true;
  } finally {
    claim.release();
  }
}

function refuseHeld(text: string, lockPath: string, taker: Taker): void {
  const holder = parseLock(text);
  if (holder === 'foreign') throw notALock('holds something else', lockPath, taker);
  if (holder === 'torn' || taker.silent.has(text) || isStale(holder, taker.processes)) return;
  throw heldBy(holder, text, lockPath, taker);
}

/** Removes temporary files of runs that were killed while locking. Safe only for the run that holds the lock. */
function removeLeftovers(lockPath: string, ops: FileOps, processes: Processes): void {
  const name = basename(lockPath);
  for (const entry of ops.list(dirname(lockPath))) {
    const rest = entry.startsWith(name)
      ? /^((?:\.claim)*)(?:\.((\d+)(?:-\d+)?)\.tmp)?$/.exec(entry.slice(name.length))
      : null;
    if (rest === null || entry === name) continue;
    const [, , mark, pid] = rest;
    const isGone = mark === ownMark(Number(pid), processes) && processes.startOf(Number(pid)) === null;
    if (mark === undefined || isGone) ops.unlink(join(dirname(lockPath), entry));
  }
}

function heldBy(holder: Holder, text: string, lockPath: string, { name, processes }: Taker): UsageError {
  const message = (where: string): string => `${name} is being written by another run (pid ${holder.pid}${where})`;
  if (isWithinReach(holder, processes)) {
    return new UsageError(message(''), { hint: 'wait until it has ended, or choose another file with -o' });
  }
  const hint = `if that run has ended, remove ${lockPath}; otherwise choose another file with -o`;
  if (holder.host !== processes.host) return new UsageError(message(` on ${holder.host}`), { hint });
  const where = message(` in another container or system called ${holder.host}`);
  return holder.beats === true ? new HeldOutOfSight(where, lockPath, text, { hint }) : new UsageError(where, { hint });
}

/** The error for a file that is not a lock of this program; such a file is never replaced. */
function notALock(what: string, lockPath: string, { name }: Taker): UsageError {
  return new UsageError(`${name} cannot be locked: ${lockPath} is no lock of a run, it ${what}`, {
    hint: 'choose another file with -o, or move that one out of the way',
  });
}

/** Links the prepared lock to its name unless the name is taken: atomic, so that nobody reads a half-written lock. */
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

// EISDIR is what Windows says on a disk without hard links (exFAT).
const NO_HARD_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EISDIR']);

function copyNew(prepared: string, lockPath: string, ops: FileOps): boolean {
  try {
    writeFile(lockPath, ops.readText(prepared), 'wx', ops);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Writes our own temporary file, replacing what an earlier process with the same pid has left there. */
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

/** The text of a lock; undefined when there is none. Links are not followed and pipes not opened: they could block for ever. */
function readLock(path: string, taker: Taker): string | undefined {
  const { ops } = taker;
  const stats = ops.statLink(path);
  if (stats === undefined) return undefined;
  const what = kindOf(stats);
  if (what !== undefined) throw notALock(what, path, taker);
  if (stats.size > MOST_BYTES) throw notALock('holds something else', path, taker);
  try {
    return ops.readText(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new OutputError(`cannot read ${path}, the lock of ${taker.name}: ${reasonOf(error, 'reading')}`, {
      cause: error,
    });
  }
}
