/** Cases that arrive go to a file at once: however many there are, little of them is in memory. */

import { createHash } from 'node:crypto';
import { type FileOps, syncIfPossible } from '../../files/file-ops.js';
import { storageRefused } from './answers.js';
import { giveBack } from './give-back.js';
import type { BodyForm } from './shapes.js';

/** What was written. */
export interface Spooled {
  readonly bytes: number;
  /** Of form and content: equal for equal bodies. */
  readonly hash: string;
}

/**
 * Writes the pieces to a new file and resolves when they are on the disk. Rejects with a Refused where they can't be. The
 * pieces are its own: their memory is given back.
 */
export async function spool(
  pieces: AsyncIterable<Uint8Array>,
  { path, form }: { readonly path: string; readonly form: BodyForm },
  ops: FileOps,
): Promise<Spooled> {
  const file = new SpoolFile(path, ops);
  const hash = createHash('sha256').update(`${form}\n`);
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      hash.update(piece);
      await file.write(piece);
      bytes += piece.length;
      giveBack(piece);
    }
    await file.sync();
  } finally {
    file.close();
  }
  return { bytes, hash: hash.digest('hex') };
}

/** Each fault of it is a Refused. */
class SpoolFile {
  readonly #ops: FileOps;
  readonly #fd: number;

  constructor(path: string, ops: FileOps) {
    this.#ops = ops;
    try {
      this.#fd = ops.open(path, 'wx', 0o600);
    } catch (error) {
      throw storageRefused(error);
    }
  }

  async write(piece: Uint8Array): Promise<void> {
    try {
      let done = 0;
      while (done < piece.length) done += await this.#ops.writeSlow(this.#fd, piece, done, piece.length - done);
    } catch (error) {
      throw storageRefused(error);
    }
  }

  async sync(): Promise<void> {
    try {
      await syncIfPossible(this.#ops.sync(this.#fd));
    } catch (error) {
      throw storageRefused(error);
    }
  }

  close(): void {
    this.#ops.close(this.#fd);
  }
}
