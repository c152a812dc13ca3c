import type { EnrichmentResult } from '../../core/case.js';
import type { RunInfo, Summary } from '../../core/results/run-info.js';
import type { ResultSink } from '../../core/ports.js';
import { OutputError } from '../../errors.js';
import type { AtomicFile } from '../files/atomic-file.js';
import { UnsavedResults, resultGroups } from './result-group.js';

const VERSION = '{"schemaVersion":1';
/** Bytes reserved for the member `run`, which precedes the results but is known only after them. */
const RUN_SPACE = 2048;
const BEGIN = `${VERSION}${' '.repeat(RUN_SPACE)},\n"results":[\n`;

/**
 * The JSON report in a file: whole or not at all, one result per line, in constant memory. `run` is written into the
 * space reserved for it, padded with white space. A longer `run` goes to the end of the document.
 */
export class JsonReportSink implements ResultSink {
  readonly storesOn = 'finish';
  readonly #file: AtomicFile;
  readonly #unsaved = new UnsavedResults();
  #isEmpty = true;
  #error: OutputError | undefined;

  constructor(file: AtomicFile) {
    this.#file = file;
  }

  write(results: readonly EnrichmentResult[]): void {
    this.#unsaved.add(results);
    this.#attempt(() => {
      for (const { lines } of resultGroups(results)) {
        this.#file.write(`${this.#isEmpty ? BEGIN : ',\n'}${lines.join(',\n')}`);
        this.#isEmpty = false;
      }
    });
    this.#throwIfFailed();
  }

  async finish(run: RunInfo, summary: Summary): Promise<void> {
    this.#attempt(() => this.#writeEnd(`,"run":${JSON.stringify(run)}`, JSON.stringify(summary)));
    if (this.#error === undefined) await this.#file.finish().catch((error: unknown) => this.#fail(error));
    this.#throwIfFailed();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #writeEnd(run: string, summary: string): void {
    const fits = Buffer.byteLength(run) <= RUN_SPACE;
    this.#file.write(`${this.#isEmpty ? BEGIN : '\n'}],\n"summary":${summary}${fits ? '' : run}}\n`);
    if (fits) this.#file.overwrite(VERSION.length, run);
  }

  #attempt(action: () => void): void {
    if (this.#error !== undefined) return;
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Removes the temporary file at once, to free its space: half a report is of no use. */
  #fail(error: unknown): void {
    if (!(error instanceof OutputError)) throw error;
    this.#error = error;
    this.#file.discard();
  }

  #throwIfFailed(): void {
    if (this.#error === undefined) return;
    throw this.#unsaved.describe(this.#error, 'a journal (-o FILE.ndjson) keeps each result as it comes');
  }
}
