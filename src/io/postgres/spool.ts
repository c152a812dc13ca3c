/** A file without a name that is written at its end and read from its beginning meanwhile. It goes with the process. */

import { closeSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, systemCode } from '../../errors.js';
import { errnoWords } from '../../text/errno-words.js';

const CHUNK_BYTES = 256 * 1024;

/** Written and read synchronously: what was just written is in the system's memory. */
export class Spool implements Disposable {
  readonly fd: number;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  #size = 0;
  #readTo = 0;
  #isClosed = false;

  /** Throws an InputError where there is no place for it. */
  constructor() {
    this.fd = inWords(() => {
      const folder = mkdtempSync(join(tmpdir(), 'case-tracker-spool-'));
      const path = join(folder, 'rows');
      const fd = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      rmdirSync(folder);
      return fd;
    });
  }

  /** How many bytes were written. */
  get size(): number {
    return this.#size;
  }

  /** True when all that was written has been read. */
  get isRead(): boolean {
    return this.#readTo >= this.#size;
  }

  append(bytes: Uint8Array): void {
    inWords(() => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.fd, bytes, at, bytes.length - at, this.#size + at);
    });
    this.#size += bytes.length;
  }

  /** The next bytes, valid until the next call; none when all that was written has been read. */
  read(): Buffer {
    if (this.#readTo >= this.#size) return this.#chunk.subarray(0, 0);
    const read = inWords(() => readSync(this.fd, this.#chunk, 0, CHUNK_BYTES, this.#readTo));
    this.#readTo += read;
    return this.#chunk.subarray(0, read);
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.fd);
  }
}

function inWords<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = systemCode(error) ?? '';
    throw new InputError(`cannot keep rows in ${tmpdir()}: ${errnoWords(code, 'writing') ?? code}`, {
      hint: 'TMPDIR=/other/folder names another place for them',
      cause: error,
    });
  }
}
