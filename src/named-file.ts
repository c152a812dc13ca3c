/** Small files that a user, or a configuration file, names: read whole, but never waited for and never without an end. */

import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { errnoWords } from './text/errno-words.js';

const MOST_LINKS = 40;
const DESCRIPTOR_FOLDERS = ['/dev/fd', '/proc/self/fd', '/proc/thread-self/fd'];
const MOST_BYTES = 1 << 24;
const CHUNK_BYTES = 1 << 16;

/**
 * The content of the file at an absolute path, or of the descriptor that it stands for, as in `--header @<(pass show api)`.
 * Throws the system's error, or an Error without a code and with the reason as message: for a named pipe, which nobody may
 * ever write to, and for more than `mostBytes`, as of /dev/zero.
 */
export function readNamedFile(path: string, mostBytes = MOST_BYTES): Buffer {
  const lent = descriptorOf(path);
  if (lent !== undefined) return readToEnd(lent, mostBytes);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (fstatSync(fd).isFIFO()) throw new Error('it is a named pipe');
    return readToEnd(fd, mostBytes);
  } finally {
    closeSync(fd);
  }
}

/** Why a file can't be read: the words for the system's code, the code, or the reason itself. */
export function readProblem(error: unknown): string {
  const { code = '', message = 'unknown reason' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return errnoWords(code, 'reading') ?? (code || message);
}

function readToEnd(fd: number, mostBytes: number): Buffer {
  const pieces: Buffer[] = [];
  for (let size = 0; size <= mostBytes;) {
    const piece = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSync(fd, piece);
    if (length === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, length));
    size += length;
  }
  throw new Error(`it is larger than ${mostBytes >> 20} MiB`);
}

/**
 * The descriptor of this process that a path leads to, as `/dev/stdin`, `/dev/fd/63` and `/proc/self/fd/63` do; undefined
 * for any other. Opened by its path it would be another pipe's end, or the same file from its beginning.
 */
export function descriptorOf(path: string): number | undefined {
  let at = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const name = basename(at);
    try {
      if (/^\d{1,9}$/.test(name) && isOfDescriptors(dirname(at))) return Number(name);
      at = resolve(realpathSync(dirname(at)), readlinkSync(at));
    } catch {
      return undefined;
    }
  }
  return undefined;
}

function isOfDescriptors(folder: string): boolean {
  return DESCRIPTOR_FOLDERS.some((known) => known === folder || realpathSync(known) === realpathSync(folder));
}
