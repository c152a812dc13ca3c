/**
 * Files and standard input as an async iterable of entries. A worker thread reads; this side receives its messages. On the
 * main thread are read: inputs that take less than a thread does, and every regular file where there is one core.
 */

import type { Worker } from 'node:worker_threads';

import type { Entry } from '../../../core/case.js';
import { pointerTokens } from '../../../json/pointer.js';
import type { FieldOptions } from '../../../core/cases/record.js';
import { isEverything, type Selection } from '../../../core/cases/select.js';
import type { CaseSource } from '../../../core/ports.js';
import { UsageError } from '../../../errors.js';
import { availableCores } from '../../../host.js';
import { packageFile } from '../../../package-file.js';
import { entriesOf, NO_COUNTS, NO_FACTS } from '../entry-batch.js';
import type { FileCounts, FromWorker, InputFacts } from '../entry-batch.js';
import { plainSize } from './plain-size.js';
import { areRereadable, inputsOf, type Tables } from '../../files/input.js';
import { pulled } from '../pulled.js';
import type { ReadPlan } from './read-inputs.js';
import type { ReadingHere } from './reading-here.js';
import { stopGently, threadError, thrown } from './reading-thread.js';

export interface ReadOptions extends FieldOptions, Pick<ReadPlan, 'inputFormat' | 'delimiter' | 'encoding'> {
  /** Paths; `-` is standard input. A path like `/dev/fd/63` is the descriptor of this process. */
  readonly files: readonly string[];
  readonly cwd?: string;
  /** What is read for each of them that is a URL of a database. */
  readonly tables?: Tables | undefined;
  /** Descriptor of standard input; default 0. */
  readonly stdinFd?: number;
  /** JSON pointer to the array of records in a JSON document. */
  readonly root?: string;
  readonly selection?: Selection;
  /** The current time in milliseconds since 1970; without it nothing is overdue. */
  readonly now?: number;
  /** Deliver invalid records also when a filter is set. */
  readonly showInvalid?: boolean;
  /** Deliver no entries, only the statistics. */
  readonly countOnly?: boolean;
  /** Only the number of all records, valid or not, which are counted as selected; for `countOnly` without a selection. */
  readonly numberOnly?: boolean;
  /**
   * Continue with the next file where one can't be read further: instead of an InputError there is an invalid record
   * whose place is the file alone.
   */
  readonly keepGoing?: boolean;
  /** Seed of the hashes of ids; a random one prevents crafted collisions. */
  readonly seed?: number;
  /** Regular files of at most this many bytes in total are read at once, without a thread; default 256 KiB. */
  readonly smallBytes?: number;
  /**
   * Those of at most this many are read without a thread too, a chunk in each turn of the event loop. Default 4 MiB; any
   * size where there is one core, on which two threads would only take turns.
   */
  readonly hereBytes?: number;
  readonly signal?: AbortSignal;
}

/** A source that reads files: it counts bytes too, and it selects. */
export interface FileSource extends CaseSource {
  readonly counts: FileCounts;
  readonly facts: InputFacts;
}

// A thread takes 40 ms to start; this much is read in 5.
const SMALL_BYTES = 256 * 1024;
// And this much in the time that it takes to start, so that no run is slower for it.
const HERE_BYTES = 4 * 1024 * 1024;
const WORKER = packageFile('dist/bundle/source-worker.cjs');

/**
 * Reads the files one after another; reading begins with the iteration. Iterating throws an InputError for a file that
 * can't be read further, after all entries before the fault; or the signal's reason. `worker` is the reading thread's code.
 */
export function openSource(options: ReadOptions, worker: URL = WORKER): FileSource {
  if (options.root !== undefined && pointerTokens(options.root) === undefined) {
    throw new UsageError(`--root ${options.root} is no JSON pointer`, { hint: '--root /path/to/the/array' });
  }
  const plan = planOf(options);
  const unknown = plan.inputs.find(
    ({ path, fd, table }) => path === undefined && fd === undefined && table === undefined,
  );
  if (unknown !== undefined) throw new UsageError('tables are read by the command line only, not by this function');
  return new ThreadSource(worker, plan, options);
}

/**
 * A second source of the same files, which only counts, in advance of the first. undefined unless all are regular
 * files: from a pipe it would consume the data of the first source.
 */
export function openCounter(options: ReadOptions): FileSource | undefined {
  const { inputs } = planOf(options);
  const numberOnly = isEverything(options.selection ?? {});
  return areRereadable(inputs) ? openSource({ ...options, countOnly: true, numberOnly }) : undefined;
}

function planOf(options: ReadOptions): ReadPlan {
  const { files, cwd = '.', stdinFd = 0, root, idField, fieldNames, selection = {}, now, seed = 0 } = options;
  return {
    inputs: inputsOf(files, cwd, stdinFd, options.tables),
    inputFormat: options.inputFormat,
    delimiter: options.delimiter,
    encoding: options.encoding,
    root,
    selection,
    now,
    seed,
    showInvalid: options.showInvalid ?? false,
    countOnly: options.countOnly ?? false,
    numberOnly: options.numberOnly,
    keepGoing: options.keepGoing ?? false,
    ...(idField === undefined ? {} : { idField }),
    ...(fieldNames === undefined ? {} : { fieldNames }),
  };
}

function mostHere(): number {
  return availableCores() === 1 ? Number.MAX_SAFE_INTEGER : HERE_BYTES;
}

/** How the reading ended. */
type Outcome = { readonly kind: 'end' } | { readonly kind: 'error'; readonly error: unknown };

class ThreadSource implements FileSource {
  readonly #url: URL;
  readonly #plan: ReadPlan;
  readonly #signal: AbortSignal | undefined;
  readonly #smallBytes: number;
  readonly #hereBytes: number;
  #isStarted = false;
  #worker: Worker | undefined;
  #here: ReadingHere | undefined;
  /** The reading on the main thread; it never rejects. */
  #reading: Promise<void> | undefined;
  #counts: FileCounts = NO_COUNTS;
  #facts: InputFacts = NO_FACTS;
  #complete = false;
  #isUsed = false;
  readonly #queue: Entry[][] = [];
  #outcome: Outcome | undefined;
  #wake: (() => void) | undefined;

  constructor(url: URL, plan: ReadPlan, { signal, smallBytes = SMALL_BYTES, hereBytes = mostHere() }: ReadOptions) {
    this.#url = url;
    this.#plan = plan;
    this.#signal = signal;
    this.#smallBytes = smallBytes;
    this.#hereBytes = hereBytes;
  }

  get counts(): FileCounts {
    return this.#counts;
  }

  get facts(): InputFacts {
    return this.#facts;
  }

  get complete(): boolean {
    return this.#complete;
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly Entry[]> {
    if (this.#isUsed) throw new Error('a source can be iterated once');
    this.#isUsed = true;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    return pulled(
      () => this.#next(),
      () => this.close(),
    );
  }

  async close(): Promise<void> {
    this.#isUsed = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#finish({ kind: 'end' });
    await this.#endReading();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(): Promise<void> {
    this.#isStarted = true;
    if (this.#signal?.aborted) return this.#onAbort();
    const size = plainSize(this.#plan.inputs);
    if (size <= this.#smallBytes) await this.#readAtOnce();
    else if (size <= this.#hereBytes) await this.#startHere();
    else this.#startWorker();
  }

  /** Reads on the main thread, without flow control: the input is small. */
  async #readAtOnce(): Promise<void> {
    const { readInputs } = await import('./read-inputs.js');
    await readInputs(this.#plan, { post: (message) => this.#take(message), credit: () => Promise.resolve() });
  }

  async #startHere(): Promise<void> {
    const [{ readInputs }, { ReadingHere }] = await Promise.all([
      import('./read-inputs.js'),
      import('./reading-here.js'),
    ]);
    // Closed in the meantime.
    if (this.#outcome !== undefined) return;
    this.#here = new ReadingHere((message) => this.#take(message));
    this.#reading = readInputs(this.#plan, this.#here).catch((error: unknown) => this.#fail(error));
  }

  #startWorker(): void {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    // The thread closes its descriptors itself: a second close by Node could hit a descriptor that reuses the number.
    const worker = new Worker(this.#url, { workerData: this.#plan, execArgv: [], trackUnmanagedFds: false });
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#take(message));
    worker.on('error', (error) => this.#fail(threadError(error)));
    worker.on('exit', (code) => this.#fail(new Error(`the reading thread ended early (code ${code})`)));
  }

  /** The next batch; undefined at the end. */
  async #next(): Promise<Entry[] | undefined> {
    if (!this.#isStarted && this.#outcome === undefined) await this.#start();
    while (this.#queue.length === 0 && this.#outcome === undefined) {
      await new Promise<void>((wake) => (this.#wake = wake));
    }
    const batch = this.#queue.shift();
    if (batch !== undefined) {
      this.#worker?.postMessage('credit');
      this.#here?.give();
      return batch;
    }
    if (this.#outcome?.kind === 'error') throw this.#outcome.error;
    return undefined;
  }

  #take(message: FromWorker): void {
    if (this.#outcome !== undefined) return;
    this.#counts = message.counts;
    if ('facts' in message) this.#facts = message.facts;
    if (message.type === 'batch') this.#queue.push(entriesOf(message.batch));
    else if (message.type === 'error') this.#fail(thrown(message.error));
    else if (message.type === 'end') {
      this.#complete = message.complete;
      this.#finish({ kind: 'end' });
    }
    this.#wake?.();
  }

  readonly #onAbort = (): void => {
    this.#queue.length = 0;
    this.#complete = false;
    // Also after the last message has arrived: the entries dropped with the queue must not look like a regular end.
    this.#outcome = { kind: 'error', error: this.#signal?.reason };
    this.#wake?.();
    void this.#endReading();
  };

  /** A database is to end its query first. */
  async #endReading(): Promise<void> {
    this.#here?.end();
    await this.#reading;
    const worker = this.#worker;
    if (worker === undefined) return;
    if (this.#plan.inputs.some(({ table }) => table !== undefined)) await stopGently(worker);
    await worker.terminate();
  }

  #fail(error: unknown): void {
    this.#finish({ kind: 'error', error });
  }

  /** Sets the outcome; the first one counts. */
  #finish(outcome: Outcome): void {
    this.#outcome ??= outcome;
    this.#wake?.();
  }
}
