/** What the reading thread does, without the thread: files in, messages out. */

import { CaseTrackerError } from '../../../errors.js';
import type { FileCounts, FromWorker, PostedError } from '../entry-batch.js';
import { readBytes } from './read-bytes.js';
import { Ingest } from '../ingest.js';
import type { IngestOptions } from '../ingest.js';
import { AfterContentError } from './gunzip.js';
import { sizeOf } from '../../files/input.js';
import type { Input } from '../../files/input.js';
import type { CaseForm } from '../../../text/file-endings.js';
import { formOf, isSheet, RecordReader } from './record-reader.js';
import type { SheetOptions } from './sheet/sheet-reader.js';
import type { ChunkReader } from './record-sink.js';

/** The input of the reading thread: plain data that can be cloned. */
export interface ReadPlan extends IngestOptions, Pick<SheetOptions, 'delimiter' | 'encoding'> {
  readonly inputs: readonly Input[];
  /** The form of every input; absent or `auto`, each name tells it, else the content. */
  readonly inputFormat?: CaseForm | 'auto' | undefined;
  readonly root: string | undefined;
  /** How many records there are is all that is wanted; `selected` has all of them, also those that are not valid. */
  readonly numberOnly?: boolean | undefined;
  /** A file that can't be read further becomes an invalid record, and the next file is read. */
  readonly keepGoing: boolean;
}

/** The receiver of messages. `credit` resolves when one more batch may be posted (flow control). */
export interface Outlet {
  post(message: FromWorker): void;
  credit(): Promise<void>;
  /** Awaited after each chunk, where the thread has other work. */
  turn?(): Promise<void>;
  /** The rest is not wanted: a database ends its query. */
  readonly signal?: AbortSignal;
}

const PROGRESS_BYTES = 4 * 1024 * 1024;

/** Reads all inputs one after another. The last message is `end` or `error`. */
export async function readInputs(plan: ReadPlan, outlet: Outlet): Promise<void> {
  const reading = new Reading(plan, outlet);
  try {
    for (const input of plan.inputs) {
      if (!(await reading.file(input))) break;
    }
    await reading.end();
  } catch (error) {
    await reading.fail(error);
  }
}

class Reading {
  readonly #plan: ReadPlan;
  readonly #outlet: Outlet;
  readonly #ingest: Ingest;
  readonly #bytesTotal: number | null;
  #bytesRead = 0;
  #bytesTold = 0;
  #stopped = false;

  constructor(plan: ReadPlan, outlet: Outlet) {
    this.#plan = plan;
    this.#outlet = outlet;
    this.#ingest = new Ingest(plan);
    this.#bytesTotal = totalSize(plan.inputs);
  }

  /** Reads one file; false when nothing after it is wanted. */
  async file(input: Input): Promise<boolean> {
    try {
      return await this.#readFile(input);
    } catch (error) {
      if (!this.#plan.keepGoing || !(error instanceof CaseTrackerError)) throw error;
      this.#ingest.fault(input.file, error);
      return true;
    }
  }

  async #readFile(input: Input): Promise<boolean> {
    const reader = await this.#readerOf(input);
    this.#ingest.begin(input.file, reader);
    try {
      for await (const chunk of this.#chunksOf(input)) {
        this.#unlessFull(() => reader.push(chunk));
        await this.#flush();
        if (this.#ingest.full) return this.#stop();
        await this.#outlet.turn?.();
      }
    } catch (error) {
      // The content came to its end before the fault: a last line without a newline is whole.
      if (error instanceof AfterContentError) this.#unlessFull(() => reader.end());
      if (this.#ingest.full) return this.#stop();
      throw error;
    }
    this.#unlessFull(() => reader.end());
    return true;
  }

  async #readerOf({ file, name, table }: Input): Promise<ChunkReader & Pick<RecordReader, 'unit'>> {
    if (table !== undefined) {
      const { JsonRowReader } = await import('../../postgres/copy-text.js');
      return new JsonRowReader(this.#ingest);
    }
    const form = formOf(file, this.#plan.inputFormat);
    const sheet = isSheet(form) ? (await import('./sheet/sheet-reader.js')).SheetReader : undefined;
    return new RecordReader({ ...this.#plan, name, form, sheet }, this.#ingest);
  }

  async *#chunksOf(input: Input): AsyncGenerator<Buffer, void> {
    const { table } = input;
    if (table === undefined) return yield* readBytes(input, (bytes) => (this.#bytesRead += bytes));
    const { readRows } = await import('../../postgres/rows.js');
    for await (const chunk of readRows(table, { signal: this.#outlet.signal })) {
      this.#bytesRead += chunk.length;
      yield chunk;
    }
  }

  async end(): Promise<void> {
    this.#ingest.end();
    await this.#flush();
    this.#outlet.post({ type: 'end', counts: this.#counts(), facts: this.#ingest.facts(), complete: !this.#stopped });
  }

  /** The entries before the fault are posted first. */
  async fail(error: unknown): Promise<void> {
    await this.#flush();
    this.#outlet.post({ type: 'error', counts: this.#counts(), facts: this.#ingest.facts(), error: asData(error) });
  }

  #stop(): false {
    this.#stopped = true;
    return false;
  }

  /** Ignores errors after the last wanted case, so that the outcome does not depend on how chunks are cut. */
  #unlessFull(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!this.#ingest.full) throw error;
    }
  }

  /** Posts the entries of a chunk at once: the next chunk may take long. */
  async #flush(): Promise<void> {
    const batches = this.#ingest.takeBatches();
    for (const batch of batches) {
      await this.#outlet.credit();
      this.#post({ type: 'batch', batch, counts: this.#counts() });
    }
    if (this.#bytesRead - this.#bytesTold >= PROGRESS_BYTES) this.#post({ type: 'progress', counts: this.#counts() });
  }

  #post(message: FromWorker): void {
    this.#bytesTold = this.#bytesRead;
    this.#outlet.post(message);
  }

  #counts(): FileCounts {
    return { ...this.#ingest.counts(), bytesRead: this.#bytesRead, bytesTotal: this.#bytesTotal };
  }
}

function totalSize(inputs: readonly Input[]): number | null {
  let total = 0;
  for (const input of inputs) {
    const size = sizeOf(input);
    if (size === undefined) return null;
    total += size;
  }
  return total;
}

function asData(error: unknown): PostedError {
  const input = error instanceof CaseTrackerError;
  return {
    input,
    message: error instanceof Error ? error.message : String(error),
    details: input ? error.details : [],
    hint: input ? error.hint : undefined,
    stack: error instanceof Error ? error.stack : undefined,
  };
}
