/** Results as a table: on a terminal the failures first and at most 50 rows, elsewhere every row. */

import { print } from './print.js';
import type { EnrichmentResult } from '../../core/case.js';
import type { ResultSink } from '../../core/ports.js';
import type { Host } from '../../host.js';
import type { TextOutput } from '../files/atomic-file.js';
import { resultTable, ResultTableCollector } from '../../report/terminal/result-table.js';
import { type ColorFlag, colorEnabled, createStyle } from '../../text/style.js';

/** Keeps what a terminal shows, and shows it at the end. */
export class TerminalTableSink implements ResultSink {
  readonly #host: Host;
  readonly #color: ColorFlag;
  readonly #collector: ResultTableCollector;

  constructor(options: { readonly into: string; readonly color: ColorFlag }, host: Host) {
    this.#host = host;
    this.#color = options.color;
    this.#collector = new ResultTableCollector({ into: options.into });
  }

  write(results: readonly EnrichmentResult[]): void {
    for (const result of results) this.#collector.add(result);
  }

  async finish(): Promise<void> {
    const { stdout, env } = this.#host;
    const style = createStyle(colorEnabled(this.#color, stdout.isTTY, env));
    await print(this.#collector.render(stdout.columns ?? Number.POSITIVE_INFINITY, style), this.#host);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Every result, a row each, in the order in which they come. */
export class TableSink implements ResultSink {
  readonly #table: ReturnType<typeof resultTable>;
  readonly #output: TextOutput;

  constructor(into: string, output: TextOutput) {
    this.#table = resultTable({ into });
    this.#output = output;
  }

  async write(results: readonly EnrichmentResult[]): Promise<void> {
    const text = results.map((result) => this.#table.result(result)).join('');
    if (text !== '') await this.#output.write(text);
  }

  async finish(): Promise<void> {
    await this.#output.write(this.#table.end());
    await this.#output.finish();
  }

  close(): Promise<void> {
    return this.#output.close();
  }
}
