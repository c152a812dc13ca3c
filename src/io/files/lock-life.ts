import type { Clock, Timer } from '../../core/ports.js';
import { OutputError } from '../../errors.js';
import { type FileOps, type NamedPath, quietly } from './file-ops.js';
import { type HeldLock, type Lock, acquireLock } from './lock.js';
import { HeldOutOfSight } from './lock-text.js';
import type { Processes } from './processes.js';

/** Interval of the lock's heartbeat, for runs that can't see the holder's process. */
const BEAT_MS = 1000;
/** A holder without a heartbeat for this long counts as dead. */
const SILENCE_MS = 10_000;

/** The outside world as locking needs it. */
export interface LockWorld {
  readonly pid: number;
  readonly ops: FileOps;
  readonly clock: Clock;
  readonly processes?: Processes | undefined;
  /** Aborts the wait for a heartbeat. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Locks a file and sends heartbeats until the lock is released. A holder in another container with this host name must
 * show a heartbeat, or its lock is taken over: so a pod that was killed and restarted can resume its journal. Throws a
 * UsageError where the file is locked, and adds a notice when a lock was taken over.
 */
export async function lockForRun(file: NamedPath, world: LockWorld, notices: string[]): Promise<Lock> {
  const { pid, ops, processes } = world;
  const silent = new Set<string>();
  for (;;) {
    try {
      return keepAlive(file, acquireLock(file, pid, ops, processes, silent), world);
    } catch (error) {
      if (!(error instanceof HeldOutOfSight) || (await showsLife(error.lockPath, world))) throw error;
      silent.add(error.text);
      notices.push(`${file.name} was locked by a run in another container that shows no life any more: taken over`);
    }
  }
}

async function showsLife(lockPath: string, { ops, clock, signal }: LockWorld): Promise<boolean> {
  const before = signOfLife(lockPath, ops);
  for (let waitedMs = 0; waitedMs < SILENCE_MS; waitedMs += BEAT_MS) {
    await new Promise<void>((resolve) => void clock.setTimer(BEAT_MS, resolve));
    signal?.throwIfAborted();
    const now = signOfLife(lockPath, ops);
    if (now === undefined) return false;
    if (now !== before) return true;
  }
  return false;
}

function signOfLife(lockPath: string, ops: FileOps): string | undefined {
  const stats = ops.statLink(lockPath);
  return stats && `${stats.ino} ${stats.mtimeMs}`;
}

function keepAlive({ name }: NamedPath, held: HeldLock, { ops, clock }: LockWorld): Lock {
  let lost: OutputError | undefined;
  let timer: Timer | undefined;
  const beat = async (): Promise<void> => {
    timer = undefined;
    // A lock that can't be read proves nothing.
    quietly(
      () => held.isTaken() && (lost = new OutputError(`while the run went on, another run took the lock of ${name}`)),
    );
    for (const path of lost ? [] : held.paths) await ops.touch(path).catch(() => {});
    schedule();
  };
  const schedule = (): void => {
    if (!released && lost === undefined) timer = clock.setTimer(BEAT_MS, () => void beat());
  };
  let released = false;
  schedule();
  return {
    get lost() {
      return lost;
    },
    release() {
      released = true;
      timer?.cancel();
      held.release();
    },
  };
}
