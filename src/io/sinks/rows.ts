import type { EnrichmentResult } from '../../core/case.js';
import type { ResultSink } from '../../core/ports.js';
import { OutputError } from '../../errors.js';
import type { TextOutput } from '../files/atomic-file.js';
import { FULL, UnsavedResults } from './result-group.js';

/** Makes rows of results. Each call returns the text to write next, which may be none. */
export interface RowRenderer {
  result(result: EnrichmentResult): string;
  end(): string;
}

/** One row per result, in the order of arrival. A renderer may hold the first rows back to see what columns there are. */
export class RowsSink implements ResultSink {
  readonly storesOn = 'finish';
  readonly #rows: RowRenderer;
  readonly #output: TextOutput;
  readonly #hint: string | undefined;
  readonly #unsaved = new UnsavedResults();
  #error: unknown;

  /** @param hint what an error advises. */
  constructor(rows: RowRenderer, output: TextOutput, hint?: string) {
    this.#rows = rows;
    this.#output = output;
    this.#hint = hint;
  }

  async write(results: readonly EnrichmentResult[]): Promise<void> {
    this.#unsaved.add(results);
    await this.#attempt(() => this.#writeRows(results));
  }

  async finish(): Promise<void> {
    await this.#attempt(() => this.#writeText(this.#rows.end()));
    await this.#attempt(() => this.#output.finish());
  }

  close(): Promise<void> {
    return this.#output.close();
  }

  async #writeRows(results: readonly EnrichmentResult[]): Promise<void> {
    let text = '';
    for (const result of results) {
      text += this.#rows.result(result);
      if (text.length < FULL) continue;
      await this.#writeText(text);
      text = '';
    }
    await this.#writeText(text);
  }

  async #writeText(text: string): Promise<void> {
    if (text !== '') await this.#output.write(text);
  }

  /** After an error nothing more is written: a table with missing rows would look complete. */
  async #attempt(action: () => Promise<void>): Promise<void> {
    try {
      if (this.#error === undefined) return await action();
    } catch (error) {
      this.#error = error;
    }
    throw this.#error instanceof OutputError ? this.#unsaved.describe(this.#error, this.#hint) : this.#error;
  }
}
