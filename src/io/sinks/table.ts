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
import { RowsSink } from './rows.js';

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
export function tableSink(into: string, output: TextOutput): ResultSink {
  return new RowsSink(resultTable({ into }), output);
}
