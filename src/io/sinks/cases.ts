import type { EnrichmentResult } from '../../core/case.js';
import type { ResultSink } from '../../core/ports.js';
import { OutputError } from '../../errors.js';
import { AtomicFile, type TextOutput } from '../files/atomic-file.js';
import { UnsavedResults } from './result-group.js';

/** Characters at which lines are written: well below the longest string that V8 allows. */
const FULL = 1 << 24;

/**
 * The enriched cases alone, a line each, as they come: the input of another run. The others are told by the summary and
 * the exit code. A file is written whole or not at all; a stream as far as its reader takes it.
 */
export class CasesSink implements ResultSink {
  readonly storesOn: ResultSink['storesOn'];
  readonly #output: TextOutput;
  readonly #unsaved = new UnsavedResults();
  #error: unknown;

  constructor(output: TextOutput) {
    this.storesOn = output instanceof AtomicFile ? 'finish' : 'write';
    this.#output = output;
  }

  async write(results: readonly EnrichmentResult[]): Promise<void> {
    if (this.storesOn === 'finish' || this.#error !== undefined) this.#unsaved.add(results);
    await this.#attempt(results, () => this.#writeCases(results));
  }

  async finish(): Promise<void> {
    await this.#attempt([], () => this.#output.finish());
  }

  close(): Promise<void> {
    return this.#output.close();
  }

  async #writeCases(results: readonly EnrichmentResult[]): Promise<void> {
    let text = '';
    for (const { enrichedCase } of results) {
      if (enrichedCase === null) continue;
      text += `${enrichedCase.text}\n`;
      if (text.length < FULL) continue;
      await this.#output.write(text);
      text = '';
    }
    if (text !== '') await this.#output.write(text);
  }

  /** After an error nothing more is written: a file that lacks some of the cases would look complete. */
  async #attempt(results: readonly EnrichmentResult[], action: () => void | Promise<void>): Promise<void> {
    try {
      if (this.#error === undefined) return await action();
    } catch (error) {
      this.#error = error;
      if (this.storesOn === 'write') this.#unsaved.add(results);
    }
    throw this.#error instanceof OutputError ? this.#unsaved.describe(this.#error) : this.#error;
  }
}
