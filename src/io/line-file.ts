import type { TextOutput } from './atomic-file.js';
import { type FileOps, outputError, quietly, syncIfPossible, writeAll } from './file-ops.js';

const NEWLINE = 0x0a;
const ALL = { error: undefined } as const;

/** What came of appending lines: nothing to say, or the error and how many lines are whole in the file in spite of it. */
export type Appended = { readonly error: undefined } | { readonly error: unknown; readonly lines: number };

// Lines are encoded into the same bytes again and again: new ones for each write would be garbage outside of V8's heap.
let encoded: Buffer | undefined;
const ENCODED_BYTES = 128 * 1024;

/** Appends whole lines to a descriptor opened for appending. A line that did not get through whole is cut off again. */
export function appendLines(ops: FileOps, fd: number, text: string): Appended {
  const bytes = bytesOf(text);
  const written = writeAll(ops, fd, bytes);
  if (written.error === undefined) return ALL;
  const taken = bytes.subarray(0, written.bytes);
  const whole = taken.subarray(0, taken.lastIndexOf(NEWLINE) + 1);
  // If even this fails, the torn line stays at the end, where --resume looks for one.
  quietly(() => cutOff(ops, fd, taken.length - whole.length));
  return { lines: countLines(whole), error: written.error };
}

/** The text in UTF-8; valid until the next call. */
function bytesOf(text: string): Buffer {
  // No code unit takes more than three bytes.
  if (text.length * 3 > ENCODED_BYTES) return Buffer.from(text);
  encoded ??= Buffer.allocUnsafe(ENCODED_BYTES);
  return encoded.subarray(0, encoded.write(text));
}

function cutOff(ops: FileOps, fd: number, bytes: number): void {
  if (bytes > 0) ops.truncate(fd, ops.stat(fd).size - bytes);
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** A file that only ever holds whole lines. After an error nothing more is written. */
export class LineFile implements TextOutput {
  readonly #path: string;
  readonly #fd: number;
  readonly #ops: FileOps;
  #error: unknown;
  #open = true;

  constructor(path: string, fd: number, ops: FileOps) {
    this.#path = path;
    this.#fd = fd;
    this.#ops = ops;
  }

  /** `text` is one or more whole lines. */
  write(text: string): void {
    this.#error ??= appendLines(this.#ops, this.#fd, text).error;
    this.#throwIfFailed();
  }

  async finish(): Promise<void> {
    try {
      if (this.#error === undefined) await syncIfPossible(this.#ops.syncData(this.#fd));
    } catch (error) {
      this.#error = error;
    }
    await this.close();
    this.#throwIfFailed();
  }

  close(): Promise<void> {
    if (this.#open) quietly(() => this.#ops.close(this.#fd));
    this.#open = false;
    return Promise.resolve();
  }

  #throwIfFailed(): void {
    if (this.#error !== undefined) throw outputError(this.#path, this.#error);
  }
}
