/** The progress of a run on stderr, as its watcher: live lines or plain ones, and failures above the live ones. */

import type { EnrichmentResult } from '../../core/case.js';
import type { Clock, RunWatcher } from '../../core/ports.js';
import type { StartedRun } from '../../core/results/run-end.js';
import type { RunState } from '../../core/results/run-state.js';
import type { OutputStream } from '../../host.js';
import { failureLine, progressLogLine } from '../../report/terminal/progress.js';
import type { Style } from '../../text/style.js';
import { ProgressDisplay, type ProgressMode } from './progress-display.js';

export interface ProgressWatcherOptions {
  readonly stream: OutputStream;
  readonly clock: Clock;
  readonly mode: ProgressMode;
  readonly style: Style;
  /** Write plain lines as JSON, like the log around them. */
  readonly json: boolean;
}

/** Shows progress from `started` to `drained`; when disposed of earlier, it stops without waiting for the stream. */
export class ProgressWatcher implements RunWatcher, Disposable {
  readonly #options: ProgressWatcherOptions;
  #display: ProgressDisplay | undefined;
  #written: Promise<void> | undefined;

  constructor(options: ProgressWatcherOptions) {
    this.#options = options;
  }

  /** The display that other lines on the same stream must go through; undefined while nothing is shown. */
  get display(): ProgressDisplay | undefined {
    return this.#display;
  }

  started(_: StartedRun, state: () => RunState): void {
    const { json, ...options } = this.#options;
    const line = (now: RunState): string => progressLogLine(now, options.clock.wallNow());
    this.#display = new ProgressDisplay({ ...options, read: state, ...(json ? { line } : {}) });
    this.#display.start();
  }

  delivered(results: readonly EnrichmentResult[]): void {
    const display = this.#display;
    if (display?.isLive !== true) return;
    for (const result of results) {
      const isFailure = result.status === 'failed' || result.status === 'invalid';
      if (isFailure) display.failure(failureLine(result, this.#options.style));
    }
  }

  /** Erases the live lines; resolves when everything is written. */
  async drained(): Promise<void> {
    this[Symbol.dispose]();
    await this.#written;
  }

  [Symbol.dispose](): void {
    this.#written ??= this.#display?.stop();
    this.#display = undefined;
  }
}
