/** Flow control between who reads and who takes: a batch is read when one more is wanted. */

/** How many batches are read ahead. */
const AHEAD = 2;

export class Credits {
  #left = AHEAD;
  #wake: (() => void) | undefined;

  /** Resolves when one more batch may be handed over. */
  async take(): Promise<void> {
    while (this.#left === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#left--;
  }

  /** A batch was taken: one more is wanted. */
  give(): void {
    this.#left++;
    this.#wake?.();
  }
}
