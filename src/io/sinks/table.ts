/** Results as a table: on a terminal the failures first and at most 50 rows, elsewhere every row. */

import { print } from './print.js';
import type { EnrichmentResult } from '../../core/case.js';
import type { ResultSink } from '../../core/ports.js';
import { OutputError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { TextOutput } from '../files/atomic-file.js';
import { resultTable, ResultTableCollector } from '../../report/terminal/result-table.js';
import { type ColorFlag, colorEnabled, createStyle } from '../../text/style.js';
import { UnsavedResults } from './result-group.js';

/** Keeps the rows that a terminal shows, and writes the table at the end. */
export class TerminalTableSink implements ResultSink {
  readonly storesOn = 'finish';
  readonly #host: Host;
  readonly #color: ColorFlag;
  readonly #collector: ResultTableCollector;
  readonly #unsaved = new UnsavedResults();

  constructor(options: { readonly into: string; readonly color: ColorFlag }, host: Host) {
    this.#host = host;
    this.#color = options.color;
    this.#collector = new ResultTableCollector({ into: options.into });
  }

  write(results: readonly EnrichmentResult[]): void {
    this.#unsaved.add(results);
    for (const result of results) this.#collector.add(result);
  }

  async finish(): Promise<void> {
    const { stdout, env } = this.#host;
    const style = createStyle(colorEnabled(this.#color, stdout.isTTY, env));
    const text = this.#collector.render(stdout.columns ?? Number.POSITIVE_INFINITY, style);
    await print(text, this.#host).catch((error: unknown) => this.#fail(error));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #fail(error: unknown): never {
    throw error instanceof OutputError ? this.#unsaved.describe(error) : error;
  }
}

/** One row per result, in the order of arrival. The first rows are buffered to determine the column widths. */
export class TableSink implements ResultSink {
  readonly storesOn = 'finish';
  readonly #table: ReturnType<typeof resultTable>;
  readonly #output: TextOutput;
  readonly #unsaved = new UnsavedResults();
  #error: unknown;

  constructor(into: string, output: TextOutput) {
    this.#table = resultTable({ into });
    this.#output = output;
  }

  async write(results: readonly EnrichmentResult[]): Promise<void> {
    this.#unsaved.add(results);
    await this.#attempt(() => this.#writeText(results.map((result) => this.#table.result(result)).join('')));
  }

  async finish(): Promise<void> {
    await this.#attempt(() => this.#writeText(this.#table.end()));
    await this.#attempt(() => this.#output.finish());
  }

  close(): Promise<void> {
    return this.#output.close();
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
    throw this.#error instanceof OutputError ? this.#unsaved.describe(this.#error) : this.#error;
  }
}
