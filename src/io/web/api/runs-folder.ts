/**
 * The folder of the runs: `ID/{run.json, cases.ndjson, results.ndjson}`. What is there under its name is whole: new runs
 * are made beside it under a hidden name, and what is deleted gets one first. One process at a time has it.
 */

import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode, UsageError } from '../../../errors.js';
import { AtomicFile } from '../../files/atomic-file.js';
import { type FileOps, reasonOf, syncFolder } from '../../files/file-ops.js';
import type { Lock } from '../../files/lock.js';
import { lockForRun, type LockWorld } from '../../files/lock-life.js';
import { readEnd, readRecord } from './run-files.js';
import { isRunId, RunIds } from './run-id.js';
import { storageRefused } from './answers.js';
import type { BodyForm, RunRecord } from './shapes.js';

/** A run without what only its file has to hold: many of them are in memory. */
export type RunEntry = Omit<RunRecord, keyof RunOutcome>;
/** How a run ended. */
export type RunOutcome = Pick<RunRecord, 'run' | 'state' | 'summary'>;

export const NO_OUTCOME: RunOutcome = { run: null, state: null, summary: null };

/** A folder in which a new run is made. */
export interface NewRun {
  readonly id: string;
  readonly folder: string;
  casesPath(form: BodyForm): string;
}

const MAKING = '.new-';
const GONE = '.gone-';

export class RunsFolder implements AsyncDisposable {
  readonly #dir: string;
  readonly #world: LockWorld;
  readonly #lock: Lock;
  readonly #entries = new Map<string, RunEntry>();
  readonly #ids: RunIds;
  /** How runs ended whose files could not be written. */
  readonly #unsaved = new Map<string, RunOutcome>();
  /** Runs whose files are being removed: nobody is shown half of one. */
  readonly #leaving = new Set<string>();

  private constructor(dir: string, world: LockWorld, lock: Lock, entries: readonly RunEntry[], lastId?: string) {
    this.#dir = dir;
    this.#world = world;
    this.#lock = lock;
    this.#ids = new RunIds(lastId);
    for (const entry of entries) this.#entries.set(entry.id, entry);
  }

  /**
   * Makes the folder if need be, takes it for this process and reads what is there. Rejects with a UsageError when another
   * process has it or it can't be written. `notices` gets a line for each run that can't be read: it is left alone.
   */
  static async open(dir: { name: string; path: string }, world: LockWorld, notices: string[]): Promise<RunsFolder> {
    await makeFolder(dir);
    const lock = await takeFolder(dir, world, notices);
    try {
      const names = world.ops.list(dir.path).toSorted();
      for (const name of names) if (isLeftover(name)) await removeFolder(join(dir.path, name));
      const ids = names.filter(isRunId);
      return new RunsFolder(dir.path, world, lock, entriesIn(dir, ids, world.ops, notices), ids.at(-1));
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** The oldest first. */
  get entries(): readonly RunEntry[] {
    return [...this.#entries.values()].filter(({ id }) => !this.#leaving.has(id));
  }

  entry(id: string): RunEntry | undefined {
    return this.#leaving.has(id) ? undefined : this.#entries.get(id);
  }

  path(id: string, name: 'results.ndjson' | 'run.log' | 'end.json' | 'run.json'): string {
    return join(this.#dir, id, name);
  }

  casesPath({ id, form }: Pick<RunEntry, 'id' | 'form'>): string {
    return join(this.#dir, id, `cases.${form}`);
  }

  /** How the run ended, from its file; nulls where it has not, or the file can't be read any more. */
  outcome(id: string): RunOutcome {
    const unsaved = this.#unsaved.get(id);
    if (unsaved !== undefined) return unsaved;
    const record = readRecord(this.path(id, 'run.json'), this.#world.ops);
    if (typeof record === 'string') return NO_OUTCOME;
    const { run, state, summary } = record;
    return { run, state, summary };
  }

  /** A folder for a run that is not known yet. Rejects with a Refused when it can't be made. */
  async begin(nowMs: number): Promise<NewRun> {
    const id = this.#ids.next(nowMs);
    const folder = join(this.#dir, `${MAKING}${id}`);
    await refusing(() => mkdir(folder, { mode: 0o700 }));
    return { id, folder, casesPath: (form) => join(folder, `cases.${form}`) };
  }

  /** Gives it its name, and resolves when all of it is on the disk. Rejects with a Refused; then there is no such run. */
  async commit({ id, folder }: NewRun, entry: RunEntry): Promise<void> {
    const { ops } = this.#world;
    await refusing(async () => {
      await this.#write(join(folder, 'run.json'), { ...entry, ...NO_OUTCOME });
      ops.rename(folder, join(this.#dir, id));
      await syncFolder(ops, this.#dir).catch(async (error: unknown) => {
        await this.#discardNamed(id);
        throw error;
      });
    });
    this.#entries.set(id, entry);
  }

  /** Removes a run that has not become one. */
  async discard({ folder }: NewRun): Promise<void> {
    await removeFolder(folder);
  }

  /** Notes what has become of a run. Rejects with an OutputError when it can't be kept; in memory it stands all the same. */
  async update(entry: RunEntry, outcome: RunOutcome = this.outcome(entry.id)): Promise<void> {
    try {
      await this.#write(this.path(entry.id, 'run.json'), { ...entry, ...outcome });
      this.#unsaved.delete(entry.id);
    } catch (error) {
      this.#unsaved.set(entry.id, outcome);
      throw error;
    } finally {
      // Not before: who sees that it has ended asks the file how.
      this.#entries.set(entry.id, entry);
    }
  }

  /** Keeps the last message about a run, for those who ask later. Rejects with an OutputError. */
  async keepEnd(id: string, message: string): Promise<void> {
    await this.#replace(this.path(id, 'end.json'), message);
  }

  /** The last message about a run that has ended; undefined when there is none. */
  end(id: string): string | undefined {
    return readEnd(this.path(id, 'end.json'), this.#world.ops);
  }

  /** Removes a run with all its files. Rejects with a Refused when it can't be removed. */
  async remove(id: string): Promise<void> {
    this.#leaving.add(id);
    try {
      await refusing(async () => this.#discardNamed(id));
      this.#entries.delete(id);
      this.#unsaved.delete(id);
    } finally {
      this.#leaving.delete(id);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#lock.release();
    return Promise.resolve();
  }

  async #discardNamed(id: string): Promise<void> {
    const { ops } = this.#world;
    const path = join(this.#dir, id);
    const gone = join(this.#dir, `${GONE}${id}`);
    if (ops.statLink(path) !== undefined) ops.rename(path, gone);
    await syncFolder(ops, this.#dir);
    await removeFolder(gone);
  }

  async #write(path: string, record: RunRecord): Promise<void> {
    await this.#replace(path, `${JSON.stringify(record, null, 2)}\n`);
  }

  async #replace(path: string, text: string): Promise<void> {
    const { pid, ops } = this.#world;
    const file = new AtomicFile({ name: path, path }, pid, ops);
    try {
      file.write(text);
      await file.finish();
    } finally {
      file.discard();
    }
  }
}

async function makeFolder({ name, path }: { name: string; path: string }): Promise<void> {
  try {
    await makeWithParents(path);
  } catch (error) {
    throw cannotUse(name, error);
  }
}

/** Cases and results are nobody else's business. Not by `recursive`, which never ends below /proc. */
async function makeWithParents(path: string): Promise<void> {
  const isThere = await mkdir(path, { mode: 0o700 }).then(
    () => true,
    (error: unknown) => problemOf(error, path),
  );
  if (isThere) return;
  await makeWithParents(dirname(path));
  await makeWithParents(path);
}

/** Whether the folder is there already; false where one above it is missing. Rejects when neither is so. */
async function problemOf(error: unknown, path: string): Promise<boolean> {
  const code = systemCode(error);
  if (code === 'ENOENT' && !existsSync(dirname(path))) return false;
  if (code !== 'EEXIST') throw error;
  if ((await stat(path)).isDirectory()) return true;
  throw new Error('it is no folder');
}

async function takeFolder(dir: { name: string; path: string }, world: LockWorld, notices: string[]): Promise<Lock> {
  try {
    return await lockForRun({ name: dir.name, path: join(dir.path, 'api') }, world, notices);
  } catch (error) {
    if (!(error instanceof UsageError)) throw cannotUse(dir.name, error);
    const holder = /\(pid[^)]*\)| in another .*/.exec(error.message)?.[0];
    if (holder === undefined) throw new UsageError(`--dir ${dir.name} cannot be used: ${error.message}`, HINT);
    throw new UsageError(`${dir.name} is in use by another case-tracker api ${holder.trim()}`, {
      hint: 'stop that one, or choose another folder with --dir',
      cause: error,
    });
  }
}

function cannotUse(name: string, error: unknown): UsageError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const reason = systemCode(cause) === 'EEXIST' ? 'it is no folder' : reasonOf(cause);
  return new UsageError(`--dir ${name} cannot be used: ${reason}`, { ...HINT, cause: error });
}

const HINT = { hint: 'a folder that this user can write to' };

function entriesIn(
  dir: { name: string; path: string },
  ids: readonly string[],
  ops: FileOps,
  notices: string[],
): RunEntry[] {
  return ids.flatMap((id) => {
    const record = readRecord(join(dir.path, id, 'run.json'), ops);
    const problem = typeof record === 'string' ? record : record.id === id ? undefined : `it is of run ${record.id}`;
    if (typeof record !== 'string' && problem === undefined) {
      const { run: _, state: __, summary: ___, ...entry } = record;
      return [entry];
    }
    notices.push(`${join(dir.name, id, 'run.json')} is left out: ${problem}`);
    return [];
  });
}

/** What a process that was killed has left behind. */
function isLeftover(name: string): boolean {
  return [MAKING, GONE].some((mark) => name.startsWith(mark) && isRunId(name.slice(mark.length)));
}

function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageRefused(error);
  }
}
