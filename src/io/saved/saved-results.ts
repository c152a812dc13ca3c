import { resolve } from 'node:path';
import type { PendingPlace } from '../../core/case.js';
import { OpenPlaces } from '../../core/merge/open-places.js';
import { around, spanOf, type TimeSpan } from '../../core/merge/active-time.js';
import type { Random } from '../../core/ports.js';
import { formatCounted } from '../../text/format.js';
import { KeyedHash } from '../../core/hash/keyed-hash.js';
import { type FinishedRun, MAX_FILES, MergeIndex } from '../../core/merge/merge-index.js';
import { leftOutBy } from '../../core/merge/saved-tally.js';
import { Tally } from '../../core/results/tally.js';
import { InputError, UsageError } from '../../errors.js';
import { type FileOps, type NamedPath, realFileOps } from '../files/file-ops.js';
import { identityOfStats } from '../files/same-file.js';
import { sizeOf } from '../files/output-target.js';
import { type JournalLine, readJournal } from './journal-reader.js';
import { type ReportPart, readReport } from './report-reader.js';
import { openForReading, readChunk } from './saved-file.js';
import { type SavedRecord, staleRecord } from './saved-record.js';

type SavedItem = JournalLine | ReportPart;

/**
 * The results of one or many journals and JSON reports, merged: the newest of each case. The files are read twice, so
 * that only hashes are held in memory, not results.
 */
export class SavedResults {
  readonly index: MergeIndex;
  /** The closing lines, file by file in the order given. */
  readonly runs: FinishedRun[] = [];
  /** The files that do not end with a closing line: their last run was killed or is still under way. */
  readonly unfinished = new Set<string>();
  /** Notices for the user about the files: torn tails, runs that did not end. */
  readonly notices: string[] = [];
  readonly #places: OpenPlaces;
  readonly #files: readonly NamedPath[];
  /** File sizes in bytes at the start of the first pass. */
  readonly #sizes: number[] = [];
  readonly #ops: FileOps;
  readonly #signal: AbortSignal | undefined;
  readonly #onResult: SavedOptions['onResult'];
  #currentFile = 0;

  /** Use `openSavedResults`. */
  constructor(
    files: readonly NamedPath[],
    index: MergeIndex,
    ops: FileOps,
    more: Pick<SavedOptions, 'signal' | 'onResult'>,
  ) {
    this.#files = files;
    this.index = index;
    this.#places = new OpenPlaces(index);
    this.#ops = ops;
    this.#signal = more.signal;
    this.#onResult = more.onResult;
  }

  /** The number of the file that the last batch of `results` is from. */
  get currentFile(): number {
    return this.#currentFile;
  }

  /** The results that count, in the order of files and lines, a batch at a time. */
  async *results(): AsyncGenerator<readonly SavedRecord[]> {
    for (const [number, file] of this.#files.entries()) {
      this.#currentFile = number;
      for await (const items of readSaved(file, this.#ops, this.#signal)) {
        const newest = items.filter(isResult).filter((item) => this.index.isNewest(number, positionOf(item)));
        if (newest.length > 0) yield newest.map((item) => this.#withStale(number, item));
      }
      this.#refuseShorter(number, file);
    }
  }

  #withStale(file: number, item: SavedItem & SavedRecord): SavedRecord {
    return this.index.isStale(file, positionOf(item)) ? staleRecord(item) : item;
  }

  /** Where to ask for the answers of cases without a newer result; complete after the first pass. */
  get places(): readonly PendingPlace[] {
    return this.#places.all;
  }

  /** From the earliest known start to the latest known end. */
  get span(): TimeSpan {
    const runs = this.runs.map(({ run }) => spanOf(run));
    return runs.reduce(around, this.index.callTime) ?? { startMs: 0, endMs: 0 };
  }

  /** The first pass. */
  async read(): Promise<void> {
    for (const [number, file] of this.#files.entries()) {
      this.#sizes[number] = sizeOf(file.path, this.#ops);
      const content = await this.#readFile(number, file);
      this.#refuseShorter(number, file);
      // One by one: spread into push(), they could overflow the stack.
      for (const run of content.runs) this.runs.push(run);
      if (content.isFinished) continue;
      this.unfinished.add(file.name);
      this.notices.push(`${file.name} has no summary at its end: killed, still under way, or written to stdout`);
    }
  }

  async #readFile(number: number, file: NamedPath): Promise<{ runs: readonly FinishedRun[]; isFinished: boolean }> {
    const runs: FinishedRun[] = [];
    const written = new Tally();
    let last: SavedItem | undefined;
    let tornBytes = 0;
    for await (const items of readSaved(file, this.#ops, this.#signal, (bytes) => (tornBytes = bytes))) {
      for (const item of items) {
        if (item.kind === 'run') runs.push({ file: file.name, run: item.run, summary: item.summary });
        else if (item.kind === 'result') {
          written.add(item.result);
          this.#onResult?.(item, number);
        }
        this.#index(number, item);
      }
      last = items.at(-1) ?? last;
    }
    if (tornBytes > 0) this.notices.push(`${file.name}: the last ${tornBytes} bytes are a torn line, passed over`);
    // A torn line after a closing line comes from a later run that did not end.
    const isFinished = last?.kind === 'run' && tornBytes === 0;
    const [only, ...others] = runs;
    if (only === undefined || others.length > 0 || !isFinished) return { runs, isFinished };
    return { runs: [this.#withLeftOut(only, written)], isFinished };
  }

  /** Lines appended to a journal since the first pass are ignored; one that has become shorter is refused. */
  #refuseShorter(number: number, { name, path }: NamedPath): void {
    if (sizeOf(path, this.#ops) >= (this.#sizes[number] ?? 0)) return;
    throw new InputError(`${name} became shorter while it was read`, {
      hint: 'run again when nobody writes to it any more',
    });
  }

  #index(number: number, item: SavedItem): void {
    if (item.kind === 'run') this.index.addRun(number, item.run);
    else if (item.kind === 'place') this.#places.add(number, item.place);
    else {
      this.#places.replaceBy(number, item.result);
      this.index.add(number, positionOf(item), item.result);
    }
  }

  /** Where a file has a single run, results that its summary counts and the file lacks were left out by that run. */
  #withLeftOut(run: FinishedRun, written: Tally): FinishedRun {
    const leftOut = leftOutBy(run.summary, written);
    const count = Object.values(leftOut).reduce((sum, value) => sum + value, 0);
    if (count === 0) return run;
    this.notices.push(`${run.file}: ${formatCounted(count, 'failed case')} left out of it (--on-failure skip)`);
    return { ...run, leftOut };
  }
}

export interface SavedOptions {
  readonly cwd: string;
  readonly random: Random;
  readonly ops?: FileOps;
  /** Aborts the reading; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Called with every result of the first pass, also with those that turn out not to count, and the number of its file. */
  readonly onResult?: ((record: SavedRecord, file: number) => void) | undefined;
}

/** Opens saved results and makes the first pass. Throws an InputError for what is neither journal nor report. */
export async function openSavedResults(
  names: readonly string[],
  { cwd, random, ops = realFileOps, ...more }: SavedOptions,
): Promise<SavedResults> {
  const files = names.map((name) => ({ name, path: resolve(cwd, name) }));
  return openSavedFiles(files, { random, ops, ...more });
}

/** The same for files whose names in messages are not their paths. */
export async function openSavedFiles(
  files: readonly NamedPath[],
  { random, ops = realFileOps, ...more }: Omit<SavedOptions, 'cwd'>,
): Promise<SavedResults> {
  if (files.length > MAX_FILES) throw new UsageError(`at most ${MAX_FILES} files can be merged at once`);
  const saved = new SavedResults(withoutRepeats(files, ops), new MergeIndex(KeyedHash.random(random)), ops, more);
  await saved.read();
  return saved;
}

/** A file named twice is read once: otherwise every result in it would look like a duplicate. */
function withoutRepeats(files: readonly NamedPath[], ops: FileOps): NamedPath[] {
  const seen = new Set<string>();
  return files.filter(({ path }) => {
    const stats = ops.statPath(path);
    const identity = stats === undefined ? path : identityOfStats(stats);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

async function* readSaved(
  file: NamedPath,
  ops: FileOps,
  signal: AbortSignal | undefined,
  onTorn: (bytes: number) => void = () => {},
): AsyncGenerator<readonly SavedItem[]> {
  const fd = openForReading(file, ops);
  try {
    const isOne = await isReport(file.name, fd, ops);
    const batches = isOne ? readReport(file.name, fd, ops) : readJournalItems(file.name, fd, ops, onTorn);
    for await (const items of batches) {
      signal?.throwIfAborted();
      yield items;
    }
  } finally {
    ops.close(fd);
  }
}

/** Whether a file is a report: it begins with `{` and the name of one of its members; a journal begins with a result or a run. */
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
  onTorn: (bytes: number) => void,
): AsyncGenerator<readonly SavedItem[]> {
  const end = yield* readJournal(name, fd, ops);
  if (end.kind === 'torn') onTorn(end.torn);
}

function isResult(item: SavedItem): item is SavedItem & SavedRecord {
  return item.kind === 'result';
}

function positionOf(item: SavedItem): number {
  if ('line' in item) return item.line;
  return 'element' in item ? item.element : 0;
}
