/** What a run would have said on stderr: in its folder, and not without end. */

import { constants } from 'node:fs';
import { type FileOps, quietly, writeAll } from '../../io/files/file-ops.js';

const MOST_LOG_BYTES = 1 << 20;

/** To append; a pipe that somebody has put there is not waited for. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const CUT = '… the rest is left out\n';

/** Appends to a file; a disk that is full is no concern of the run. */
export class RunLog implements Disposable {
  readonly #ops: FileOps;
  #fd: number | undefined;
  #left = 0;

  constructor(path: string, ops: FileOps) {
    this.#ops = ops;
    quietly(() => {
      this.#fd = ops.open(path, APPEND, 0o600);
      this.#left = MOST_LOG_BYTES - ops.stat(this.#fd).size;
    });
  }

  write(text: string | Uint8Array): void {
    if (this.#fd === undefined || this.#left <= 0) return;
    const bytes = Buffer.from(text);
    this.#left -= bytes.length;
    writeAll(this.#ops, this.#fd, this.#left > 0 ? bytes : Buffer.from(CUT));
  }

  [Symbol.dispose](): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) quietly(() => this.#ops.close(fd));
  }
}
