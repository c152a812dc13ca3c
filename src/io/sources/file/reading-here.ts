/** Reading on the main thread, a chunk in each turn of its event loop, so that calls under way are not kept waiting. */

import type { FromWorker } from '../entry-batch.js';
import { Credits } from './credits.js';
import type { Outlet } from './read-inputs.js';

/** What the reading ends with when the rest is not wanted. */
const NOT_WANTED = new Error('the rest is not wanted');

export class ReadingHere implements Outlet {
  readonly post: (message: FromWorker) => void;
  readonly #credits = new Credits();
  #isOver = false;

  constructor(post: (message: FromWorker) => void) {
    this.post = post;
  }

  async credit(): Promise<void> {
    await this.#credits.take();
    this.#throwIfOver();
  }

  /** Lets everything else have its turn. */
  async turn(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#throwIfOver();
  }

  /** A batch was taken. */
  give(): void {
    this.#credits.give();
  }

  /** Ends the reading at its next step, with an error that nobody is told of. */
  end(): void {
    this.#isOver = true;
    this.#credits.give();
  }

  #throwIfOver(): void {
    if (this.#isOver) throw NOT_WANTED;
  }
}
