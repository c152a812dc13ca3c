import { resolve } from 'node:path';
import type { Random } from '../core/case.js';
import { KeyedHash } from '../core/keyed-hash.js';
import { type FinishedRun, MAX_FILES, MergeIndex } from '../core/merge.js';
import { UsageError } from '../errors.js';
import { type FileOps, type NamedPath, realFileOps } from './file-ops.js';
import { type JournalLine, type SavedRecord, openForReading, readChunk, readJournal } from './journal-reader.js';
import { type ReportPart, readReport } from './report-reader.js';

type SavedItem = JournalLine | ReportPart;

/**
 * The results of one or many journals and JSON reports, merged: of each case the newest. The files are read twice, so
 * that memory holds hashes and not results.
 */
export class SavedResults {
  readonly index: MergeIndex;
  /** The closing lines, file by file in the order given. */
  readonly runs: FinishedRun[] = [];
  /** What a person should know about the files: torn tails, runs that did not end. */
  readonly notices: string[] = [];
  readonly #files: readonly NamedPath[];
  readonly #ops: FileOps;

  /** Use `openSavedResults`. */
  constructor(files: readonly NamedPath[], index: MergeIndex, ops: FileOps) {
    this.#files = files;
    this.index = index;
    this.#ops = ops;
  }

  /** The results that count, in the order of files and lines, a batch at a time. */
  async *results(): AsyncGenerator<readonly SavedRecord[]> {
    for (const [number, file] of this.#files.entries()) {
      for await (const items of readSaved(file, this.#ops)) {
        const newest = items.filter(isResult).filter((item) => this.index.isNewest(number, positionOf(item)));
        if (newest.length > 0) yield newest;
      }
    }
  }

  /** The first pass. */
  async read(): Promise<void> {
    for (const [number, file] of this.#files.entries()) {
      let hasRun = false;
      for await (const items of readSaved(file, this.#ops, this.notices)) {
        for (const item of items) this.#add(number, file.name, item);
        hasRun = items.at(-1)?.kind === 'run';
      }
      if (hasRun) continue;
      this.notices.push(`${file.name} has no summary at its end: killed, still under way, or written to stdout`);
    }
  }

  #add(number: number, file: string, item: SavedItem): void {
    if (item.kind === 'result') return this.index.add(number, positionOf(item), item.result);
    this.index.addRun(number, item.run);
    this.runs.push({ file, run: item.run, summary: item.summary });
  }
}

/** Opens saved results and makes the first pass. Throws an InputError for what is neither journal nor report. */
export async function openSavedResults(
  names: readonly string[],
  { cwd, random, ops = realFileOps }: { cwd: string; random: Random; ops?: FileOps },
): Promise<SavedResults> {
  if (names.length > MAX_FILES) throw new UsageError(`at most ${MAX_FILES} files can be merged at once`);
  const files = names.map((name) => ({ name, path: resolve(cwd, name) }));
  const saved = new SavedResults(withoutRepeats(files, ops), new MergeIndex(KeyedHash.random(random)), ops);
  await saved.read();
  return saved;
}

/** A file that is named twice is read once: otherwise everything in it would look enriched twice. */
function withoutRepeats(files: readonly NamedPath[], ops: FileOps): NamedPath[] {
  const seen = new Set<string>();
  return files.filter(({ path }) => {
    const stats = ops.statPath(path);
    const identity = stats === undefined ? path : `${stats.dev}:${stats.ino}`;
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

async function* readSaved(file: NamedPath, ops: FileOps, notices: string[] = []): AsyncGenerator<readonly SavedItem[]> {
  const fd = openForReading(file, ops);
  try {
    if (await isReport(file.name, fd, ops)) yield* readReport(file.name, fd, ops);
    else yield* readJournalItems(file.name, fd, ops, notices);
  } finally {
    ops.close(fd);
  }
}

/** A report begins with an object's brace and the name of one of its members; a journal with a result or a run. */
async function isReport(name: string, fd: number, ops: FileOps): Promise<boolean> {
  const head = Buffer.alloc(4096);
  let size = 0;
  for (let more = 1; more > 0; size += more) more = await readChunk(name, fd, head.subarray(size), size, ops);
  return /^\s*\{\s*"(schemaVersion|results)"/.test(head.subarray(0, size).toString('utf8'));
}

async function* readJournalItems(
  name: string,
  fd: number,
  ops: FileOps,
  notices: string[],
): AsyncGenerator<readonly SavedItem[]> {
  const end = yield* readJournal(name, fd, ops);
  if (end.kind === 'torn') notices.push(`${name}: the last ${end.torn} bytes are a torn line, passed over`);
}

function isResult(item: SavedItem): item is SavedItem & SavedRecord {
  return item.kind === 'result';
}

function positionOf(item: SavedItem): number {
  if ('line' in item) return item.line;
  return 'element' in item ? item.element : 0;
}
