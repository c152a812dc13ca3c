/**
 * Files and standard input as an async iterable of entries. A worker thread reads; this side receives its messages.
 * Small inputs, which are read faster than a thread starts, are read on the main thread.
 */

import type { Worker } from 'node:worker_threads';

import type { Entry } from '../../../core/case.js';
import { pointerTokens } from '../../../json/pointer.js';
import type { FieldOptions } from '../../../core/cases/record.js';
import type { Selection } from '../../../core/cases/select.js';
import type { CaseSource } from '../../../core/ports.js';
import { InputError, shortageOf, systemCode, UsageError } from '../../../errors.js';
import { realClock } from '../../../host.js';
import { packageFile } from '../../../package-file.js';
import { entriesOf, NO_COUNTS, NO_FACTS } from '../entry-batch.js';
import type { FileCounts, FromWorker, InputFacts, PostedError } from '../entry-batch.js';
import { plainSize } from './plain-size.js';
import { areRereadable, inputsOf, type Tables } from '../../files/input.js';
import { pulled } from '../pulled.js';
import type { ReadPlan } from './read-inputs.js';

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
  /**
   * Continue with the next file where one can't be read further: instead of an InputError there is an invalid record
   * whose place is the file alone.
   */
  readonly keepGoing?: boolean;
  /** Seed of the hashes of ids; a random one prevents crafted collisions. */
  readonly seed?: number;
  /** Regular files of at most this many bytes in total are read without a thread; default 256 KiB. */
  readonly smallBytes?: number;
  readonly signal?: AbortSignal;
}

/** A source that reads files: it counts bytes too, and it selects. */
export interface FileSource extends CaseSource {
  readonly counts: FileCounts;
  readonly facts: InputFacts;
}

// A thread takes 40 ms to start; this much is read in 5.
const SMALL_BYTES = 256 * 1024;
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
  return areRereadable(inputs) ? openSource({ ...options, countOnly: true }) : undefined;
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
    keepGoing: options.keepGoing ?? false,
    ...(idField === undefined ? {} : { idField }),
    ...(fieldNames === undefined ? {} : { fieldNames }),
  };
}

/** How the reading ended. */
type Outcome = { readonly kind: 'end' } | { readonly kind: 'error'; readonly error: unknown };

class ThreadSource implements FileSource {
  readonly #url: URL;
  readonly #plan: ReadPlan;
  readonly #signal: AbortSignal | undefined;
  readonly #smallBytes: number;
  #isStarted = false;
  #worker: Worker | undefined;
  #counts: FileCounts = NO_COUNTS;
  #facts: InputFacts = NO_FACTS;
  #complete = false;
  #isUsed = false;
  readonly #queue: Entry[][] = [];
  #outcome: Outcome | undefined;
  #wake: (() => void) | undefined;

  constructor(url: URL, plan: ReadPlan, { signal, smallBytes = SMALL_BYTES }: ReadOptions) {
    this.#url = url;
    this.#plan = plan;
    this.#signal = signal;
    this.#smallBytes = smallBytes;
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
    await this.#endWorker();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(): Promise<void> {
    this.#isStarted = true;
    if (this.#signal?.aborted) return this.#onAbort();
    if (plainSize(this.#plan.inputs) <= this.#smallBytes) await this.#readHere();
    else this.#startWorker();
  }

  /** Reads on the main thread, without flow control: the input is small. */
  async #readHere(): Promise<void> {
    const { readInputs } = await import('./read-inputs.js');
    await readInputs(this.#plan, { post: (message) => this.#take(message), credit: () => Promise.resolve() });
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
    void this.#endWorker();
  };

  /** A database is to end its query first. */
  async #endWorker(): Promise<void> {
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

const STOP_MS = 2_000;

/** Resolves when the thread has ended by itself, or has had its time for that. */
function stopGently(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const timer = realClock.setTimer(STOP_MS, resolve);
    worker.once('exit', () => {
      timer.cancel();
      resolve();
    });
    worker.postMessage('stop');
    if (worker.threadId === -1) {
      timer.cancel();
      resolve();
    }
  });
}

/** The error for a reading thread that ended: a bug in it, or a lack of memory or other resources. */
function threadError(error: Error): Error {
  const shortage = shortageOf(error) ?? THREAD_SHORTAGES.get(systemCode(error) ?? '');
  if (shortage === undefined) return new Error(`the reading thread failed: ${error.message}`, { cause: error });
  return new InputError(`the input cannot be read: ${shortage.message}`, { hint: shortage.hint, cause: error });
}

const THREAD_SHORTAGES: ReadonlyMap<string, { readonly message: string; readonly hint: string }> = new Map([
  [
    'ERR_WORKER_INIT_FAILED',
    {
      message: 'the system starts no thread for it',
      hint: 'ulimit -n (open files) and ulimit -u (processes and threads) show what is allowed',
    },
  ],
  [
    'ERR_WORKER_OUT_OF_MEMORY',
    {
      message: 'the thread that reads it has run out of memory',
      hint: 'NODE_OPTIONS=--max-old-space-size=4096 allows 4 GB',
    },
  ],
]);

function thrown({ input, message, details, hint, stack }: PostedError): Error {
  if (input) return new InputError(message, { details, hint });
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
