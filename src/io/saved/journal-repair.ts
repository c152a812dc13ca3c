import type { RunInfo } from '../../core/results/run-info.js';
import type { ResumeIndex } from '../../core/merge/resume-index.js';
import { type FileOps, type NamedPath, outputError, syncIfPossible, writeAll } from '../files/file-ops.js';
import { openSideFile, openToAppend } from '../files/side-file.js';
import { type JournalEnd, readJournal } from './journal-reader.js';
import { openForReading, readChunk } from './saved-file.js';

/** The content of a journal that is resumed, besides what went into the index. */
export interface JournalContent {
  /** Number of lines with a result, older results of the same case included. */
  readonly results: number;
  /** Number of lines that say where to ask for an answer. */
  readonly places: number;
  /** The run of the last closing line, if there is one. */
  readonly lastRun: RunInfo | undefined;
  readonly end: JournalEnd;
}

/** Reads a journal into an index, when one is given. Throws an InputError for a bad line before its end. */
export async function readContent(file: NamedPath, ops: FileOps, index?: ResumeIndex): Promise<JournalContent> {
  const fd = openForReading(file, ops);
  try {
    const batches = readJournal(file.name, fd, ops);
    let [results, places] = [0, 0];
    let lastRun: RunInfo | undefined;
    for (;;) {
      const { done, value } = await batches.next();
      if (done) return { results, places, lastRun, end: value };
      for (const line of value) {
        if (line.kind === 'run') lastRun = line.run;
        else if (line.kind === 'place') {
          places++;
          index?.places.add(line.place);
        } else {
          results++;
          index?.add(line.result);
        }
      }
    }
  } finally {
    ops.close(fd);
  }
}

/**
 * Makes a journal end with a whole line: a torn tail is copied to `FILE.torn` and truncated, a missing line break is
 * added. Returns what was done, as a notice. May be killed at any point: the copy is synced before the truncation.
 */
export async function repairEnd(file: NamedPath, end: JournalEnd, ops: FileOps): Promise<string | undefined> {
  if (end.kind === 'whole') return undefined;
  try {
    return end.kind === 'torn' ? await moveTail(file, end, ops) : await addLineBreak(file, ops);
  } catch (error) {
    throw outputError(file.name, error);
  }
}

async function moveTail({ name, path }: NamedPath, end: JournalEnd, ops: FileOps): Promise<string> {
  await withFile(ops.open(path, 'r+'), ops, async (journal) => {
    const mode = ops.stat(journal).mode & 0o777;
    const side = { name: `${name}.torn`, path: `${path}.torn` };
    await withFile(openSideFile(side, mode, ops), ops, async (torn) => {
      await copyFrom(journal, end.offset, torn, name, ops);
      await syncIfPossible(ops.sync(torn));
    });
    ops.truncate(journal, end.offset);
    await syncIfPossible(ops.syncData(journal));
  });
  return `${name} ended in the middle of a line: its last ${end.torn} bytes are now in ${name}.torn`;
}

async function addLineBreak({ name, path }: NamedPath, ops: FileOps): Promise<string> {
  await withFile(openToAppend(path, ops), ops, async (journal) => {
    const written = writeAll(ops, journal, Buffer.from('\n'));
    if (written.error !== undefined) throw written.error;
    await syncIfPossible(ops.syncData(journal));
  });
  return `${name} had no line break at its end: added`;
}

async function copyFrom(from: number, start: number, to: number, name: string, ops: FileOps): Promise<void> {
  const chunk = Buffer.allocUnsafe(1 << 16);
  for (let offset = start; ;) {
    const size = await readChunk(name, from, chunk, offset, ops);
    if (size === 0) return;
    const written = writeAll(ops, to, chunk.subarray(0, size));
    if (written.error !== undefined) throw written.error;
    offset += size;
  }
}

async function withFile(fd: number, ops: FileOps, use: (fd: number) => Promise<void>): Promise<void> {
  try {
    await use(fd);
  } finally {
    ops.close(fd);
  }
}
