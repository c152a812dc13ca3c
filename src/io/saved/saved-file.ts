/** Reads the bytes of result files. */

import { constants } from 'node:fs';
import { InputError } from '../../errors.js';
import { type FileOps, type NamedPath, reasonOf } from '../files/file-ops.js';

/** The bytes of a file in chunks; a chunk is only valid until the next one is asked for. Throws an InputError. */
export async function* chunksOf(name: string, fd: number, size: number, ops: FileOps): AsyncGenerator<Buffer, void> {
  const chunk = Buffer.allocUnsafe(size);
  for (let offset = 0; ;) {
    const read = await readChunk(name, fd, chunk, offset, ops);
    if (read === 0) return;
    yield chunk.subarray(0, read);
    offset += read;
  }
}

/** Reads a part of a file; 0 at its end. `name` is for the InputError. */
export async function readChunk(
  name: string,
  fd: number,
  chunk: Uint8Array,
  offset: number,
  ops: FileOps,
): Promise<number> {
  try {
    return await ops.read(fd, chunk, 0, chunk.length, offset);
  } catch (error) {
    throw new InputError(`cannot read ${name}: ${reasonOf(error, 'reading')}`, { cause: error });
  }
}

/** Opens a file of results for reading. Throws an InputError. */
export function openForReading({ name, path }: NamedPath, ops: FileOps): number {
  let fd: number | undefined;
  try {
    // Opening does not wait for a named pipe's writer; a pipe is refused below.
    fd = ops.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (ops.stat(fd).isFile()) return fd;
  } catch (error) {
    const reason = ops.statPath(path) === undefined ? 'no such file' : reasonOf(error, 'reading');
    throw new InputError(`cannot read ${name}: ${reason}`, { cause: error });
  }
  ops.close(fd);
  throw new InputError(`cannot read ${name}: it is not a regular file`, { hint: 'save the results in a file first' });
}
