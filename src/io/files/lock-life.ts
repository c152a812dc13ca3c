import type { Clock, Timer } from '../../core/ports.js';
import { OutputError } from '../../errors.js';
import { type FileOps, type NamedPath, quietly } from './file-ops.js';
import { type HeldLock, type Lock, acquireLock } from './lock.js';
import { HeldOutOfSight } from './lock-text.js';
import type { Processes } from './processes.js';

/** How often a lock shows that its holder lives, to those who can't see its process. */
const BEAT_MS = 1000;
/** A holder that shows no life for so long is gone. */
const SILENCE_MS = 10_000;

/** What locking needs of the world around it. */
export interface LockWorld {
  readonly pid: number;
  readonly ops: FileOps;
  readonly clock: Clock;
  readonly processes?: Processes | undefined;
  /** Ends the wait for a sign of life. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Locks a file and shows life until the lock is released. Where a run in another container of this name holds it, that
 * run must show life: a pod that was killed and starts again goes on from its journal. Throws a UsageError where the
 * file is held, and adds to the notices what was taken over.
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
    // What can't be looked at is no proof.
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
