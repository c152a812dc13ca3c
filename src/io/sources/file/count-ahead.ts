/** The number of cases, known before all are read: a second reading thread counts them ahead of the calls. */

import type { CaseSource, Clock, Timer } from '../../../core/ports.js';

export interface CountAheadOptions {
  /** The source that the run reads. */
  readonly source: CaseSource;
  /** A second source of the same input that only counts; undefined where the input can be read only once. */
  readonly open: () => CaseSource | undefined;
  readonly clock: Clock;
}

/** Disposing of it ends its thread. Errors of the input are reported by the first source; here they give null. */
export class CountAhead implements AsyncDisposable {
  readonly #options: CountAheadOptions;
  #later: Timer | undefined;
  #counter: CaseSource | undefined;
  #counting: Promise<void> | undefined;
  #counted: number | null = null;

  constructor(options: CountAheadOptions) {
    this.#options = options;
  }

  /** Number of selected and invalid records in the whole input, or null while that is not known. */
  get total(): number | null {
    const { source } = this.#options;
    return source.complete ? entriesIn(source) : this.#counted;
  }

  /** Begins to count after `ms` milliseconds; at once with 0. */
  startAfter(ms: number): void {
    const start = (): void => void (this.#counting = this.#count());
    if (ms === 0) start();
    else this.#later = this.#options.clock.setTimer(ms, start);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#later?.cancel();
    await this.#counter?.close();
    await this.#counting;
  }

  async #count(): Promise<void> {
    const { source, open } = this.#options;
    if (source.complete) return;
    this.#counter = open();
    if (this.#counter === undefined) return;
    try {
      for await (const _ of this.#counter);
      this.#counted = entriesIn(this.#counter);
    } catch {
      this.#counted = null;
    }
  }
}

function entriesIn({ counts }: CaseSource): number {
  return counts.selected + counts.invalid;
}
