/**
 * A journal that the results of one queue are collected in. Each line says which queue it is from and where it stood
 * there, so that the journal itself knows how far it has come: killed at any moment, no line is in it twice.
 */

import { dirname } from 'node:path';
import { CaseTrackerError, InputError, UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import { isJson } from '../../json/text.js';
import { AppendedFile } from '../files/appended-file.js';
import { type FileOps, outputError, quietly, syncFolder, syncIfPossible } from '../files/file-ops.js';
import { lockForRun } from '../files/lock-life.js';
import type { Lock } from '../files/lock.js';
import { type FileTarget, findTarget, sizeOf } from '../files/output-target.js';
import { openToAppend } from '../files/side-file.js';
import { repairEnd } from '../saved/journal-repair.js';
import { openForReading, readChunk } from '../saved/saved-file.js';
import type { StoredResult } from './stored-results.js';

/** Where a journal of a queue has come to. */
interface Progress {
  /** The id of its queue; undefined for a journal without lines. */
  readonly queue: string | undefined;
  /** The last result that it has; empty for none. */
  readonly last: string;
}

export class QueueJournal implements Disposable {
  readonly notices: readonly string[];
  readonly #target: FileTarget;
  readonly #fd: number;
  readonly #file: AppendedFile;
  readonly #ops: FileOps;
  readonly #lock: Lock;
  readonly #queue: string;
  #last: string;
  #isClosed = false;

  /** Use `openQueueJournal`. */
  constructor(
    opened: {
      readonly target: FileTarget;
      readonly fd: number;
      readonly lock: Lock;
      readonly notices: readonly string[];
    },
    from: { readonly queue: string; readonly last: string },
    ops: FileOps,
  ) {
    this.#target = opened.target;
    this.#fd = opened.fd;
    this.#lock = opened.lock;
    this.notices = opened.notices;
    this.#file = new AppendedFile(opened.target, opened.fd, ops);
    this.#ops = ops;
    this.#queue = from.queue;
    this.#last = from.last;
  }

  /** The id of the last result that is in it; empty for none. */
  get last(): string {
    return this.#last;
  }

  /** Appends results. Throws an OutputError; then whole lines of them may be in it. */
  append(results: readonly StoredResult[]): void {
    if (results.length === 0) return;
    const text = results.map(({ id, line }) => `${line.slice(0, -1)},"queue":"${this.#queue} ${id}"}\n`).join('');
    const { error } = this.#file.append(text);
    if (error !== undefined)
      throw outputError(this.#target.name, error, { hint: 'free some space; the rest stays in Redis' });
    this.#last = results.at(-1)?.id ?? this.#last;
  }

  /** Resolves when everything is on the disk, and still in its place. */
  async sync(): Promise<void> {
    try {
      await syncIfPossible(this.#ops.syncData(this.#fd));
    } catch (error) {
      throw outputError(this.#target.name, error);
    }
    const loss = this.#file.loss() ?? this.#lock.lost;
    if (loss !== undefined) throw loss;
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    quietly(() => this.#ops.close(this.#fd));
    this.#lock.release();
  }
}

/**
 * Opens a journal for the results of the queue with this id, new or to go on with. Throws a UsageError for a file that
 * has anything else in it.
 */
export async function openQueueJournal(
  path: string,
  queue: string,
  { host, ops, signal }: { readonly host: Host; readonly ops: FileOps; readonly signal: AbortSignal },
): Promise<QueueJournal> {
  const target = findTarget(path, host.cwd, ops);
  if (target.kind !== 'file') throw new UsageError(`${path} is no file`, { hint: '-o run.ndjson' });
  const notices: string[] = [];
  const lock = await lockForRun(target, { pid: host.pid, clock: host.clock, ops, signal }, notices);
  try {
    const from = await progressOf(target, queue, ops, notices);
    const fd = openToAppend(target.path, ops);
    if (!target.exists) await syncFolder(ops, dirname(target.path));
    return new QueueJournal({ target, fd, lock, notices }, { queue, last: from.last }, ops);
  } catch (error) {
    lock.release();
    throw error instanceof CaseTrackerError ? error : outputError(target.name, error);
  }
}

async function progressOf(target: FileTarget, queue: string, ops: FileOps, notices: string[]): Promise<Progress> {
  const size = sizeOf(target.path, ops);
  if (size === 0) return { queue: undefined, last: '' };
  const fd = openForReading(target, ops);
  let end;
  try {
    refuseOthers(target.name, await firstLine(target, fd, ops), queue);
    end = await endOf(target, fd, size, ops);
  } finally {
    ops.close(fd);
  }
  const { whole, tail, offset } = end;
  const isUnterminated = tail !== '' && progressIn(tail).queue !== undefined;
  const last = isUnterminated ? tail : whole;
  refuseOthers(target.name, last, queue);
  const repair = await repairEnd(
    target,
    {
      kind: tail === '' ? 'whole' : isUnterminated ? 'unterminated' : 'torn',
      offset,
      torn: isUnterminated ? 0 : size - offset,
    },
    ops,
  );
  if (repair !== undefined) notices.push(repair);
  return progressIn(last);
}

function refuseOthers(name: string, line: string, queue: string): void {
  // Nothing but the remains of a first line.
  if (line === '') return;
  const found = progressIn(line).queue;
  if (found === queue) return;
  throw found === undefined
    ? new UsageError(`${name} holds something else than the results of a queue`, { hint: 'choose another file' })
    : new UsageError(`${name} is of another queue, or of this one before it was emptied`, {
        hint: 'choose another file; case-tracker report merges both',
      });
}

function progressIn(line: string): Progress {
  const [, queue, last] = /,"queue":"([0-9a-f]+) (\d+-\d+)"\}$/.exec(line) ?? [];
  return queue === undefined || !isJson(line) ? { queue: undefined, last: '' } : { queue, last: last ?? '' };
}

const WINDOW = 1 << 16;
const LONGEST = 1 << 28;

/** The first line; empty where there is no whole one. */
async function firstLine(target: FileTarget, fd: number, ops: FileOps): Promise<string> {
  let text = Buffer.alloc(0);
  while (text.length < LONGEST) {
    const chunk = Buffer.alloc(WINDOW);
    const size = await readChunk(target.name, fd, chunk, text.length, ops);
    if (size === 0) return '';
    text = Buffer.concat([text, chunk.subarray(0, size)]);
    const end = text.indexOf('\n');
    if (end !== -1) return text.toString('utf8', 0, end);
  }
  throw tooLong(target);
}

/** The last whole line, what stands behind it, and where that begins. */
async function endOf(
  target: FileTarget,
  fd: number,
  size: number,
  ops: FileOps,
): Promise<{ readonly whole: string; readonly tail: string; readonly offset: number }> {
  for (let window = WINDOW; window < LONGEST; window *= 4) {
    const from = Math.max(0, size - window);
    const bytes = await readAll(target, fd, from, size, ops);
    const end = bytes.lastIndexOf('\n');
    const before = end <= 0 ? -1 : bytes.lastIndexOf('\n', end - 1);
    if (from > 0 && (end === -1 || before === -1)) continue;
    const whole = end === -1 ? '' : bytes.toString('utf8', before + 1, end);
    return { whole, tail: bytes.toString('utf8', end + 1), offset: from + end + 1 };
  }
  throw tooLong(target);
}

async function readAll(target: FileTarget, fd: number, from: number, to: number, ops: FileOps): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  for (let done = 0; done < bytes.length;) {
    const size = await readChunk(target.name, fd, bytes.subarray(done), from + done, ops);
    if (size === 0) return bytes.subarray(0, done);
    done += size;
  }
  return bytes;
}

function tooLong({ name }: FileTarget): InputError {
  return new InputError(`${name} has a line of more than 256 MiB`);
}
