import { LINE_FEED } from '../../json/bytes.js';
import { type FileOps, quietly, writeAll } from './file-ops.js';

/** The outcome of appending lines: bytes appended, and after an error how many whole lines they make. */
export type Appended =
  | { readonly error: undefined; readonly bytes: number }
  | { readonly error: unknown; readonly bytes: number; readonly lines: number };

// One buffer is reused for encoding: a new one for each write would be garbage outside of V8's heap.
let encoded: Buffer | undefined;
const ENCODED_BYTES = 128 * 1024;

/** Appends whole lines to a descriptor opened for appending. A line that was written only in part is truncated away again. */
export function appendLines(ops: FileOps, fd: number, text: string): Appended {
  const bytes = bytesOf(text);
  const written = writeAll(ops, fd, bytes);
  if (written.error === undefined) return { error: undefined, bytes: bytes.length };
  const taken = bytes.subarray(0, written.bytes);
  const whole = taken.subarray(0, taken.lastIndexOf(LINE_FEED) + 1);
  // If the truncation fails too, as always on Windows, the torn line stays at the end, and --resume repairs it.
  quietly(() => cutOff(ops, fd, taken.length - whole.length));
  return { error: written.error, bytes: whole.length, lines: countLines(whole) };
}

/** The text in UTF-8; valid until the next call. */
function bytesOf(text: string): Buffer {
  // A UTF-16 code unit takes at most three bytes in UTF-8.
  if (text.length * 3 > ENCODED_BYTES) return Buffer.from(text);
  encoded ??= Buffer.allocUnsafe(ENCODED_BYTES);
  return encoded.subarray(0, encoded.write(text));
}

function cutOff(ops: FileOps, fd: number, bytes: number): void {
  if (bytes > 0) ops.truncate(fd, ops.stat(fd).size - bytes);
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}
