/**
 * A file, a pipe or standard input as decompressed bytes. Runs in the reading thread, where blocking reads are fine.
 * Modules that a plain file does not need are loaded lazily: loading them takes as long as reading a small file.
 */

import { constants, fstatSync, openSync, promises, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { Socket } from 'node:net';

import { InputError, systemCode } from '../../../errors.js';
import { isGzipName } from '../../../text/file-endings.js';
import { cannotRead } from '../../files/file-problem.js';
import { gunzipped } from './gunzip.js';
import type { Input } from '../../files/input.js';

const CHUNK_BYTES = 64 * 1024;
const WRITER_POLL_MS = 20;

/**
 * The bytes in pieces, gunzipped when they are gzip. A piece is only valid until the next one is asked for. `onRead` is
 * told how many bytes were read, before decompression. Throws an InputError after the last good piece.
 */
export async function* readBytes(input: Input, onRead: (bytes: number) => void): AsyncGenerator<Buffer, void> {
  const raw = counted(rawBytes(input), onRead);
  try {
    const first = await startOf(raw);
    const isGzip = first[0] === 0x1f && first[1] === 0x8b;
    if (!isGzip && isGzipName(input.file)) {
      throw new InputError(`${input.name} is not gzip, in spite of its name`, { hint: 'rename it without .gz' });
    }
    const bytes = startedWith(first, raw);
    if (isGzip) yield* gunzipped(input.name, bytes);
    else yield* bytes;
  } finally {
    await raw.return();
  }
}

async function* rawBytes(input: Input): AsyncGenerator<Buffer, void> {
  try {
    if (input.path === undefined) yield* descriptorBytes(input.name, input.fd ?? 0);
    else yield* pathBytes(input.name, input.path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw cannotRead(input.name, error, input.path);
  }
}

async function* pathBytes(name: string, path: string): AsyncGenerator<Buffer, void> {
  if (statSync(path).isFIFO()) return yield* pipeBytes(path);
  // A FileHandle, not a descriptor number: it is closed, exactly once, also when the thread is terminated.
  const file = await promises.open(path);
  try {
    yield* descriptorBytes(name, file.fd, fstatSync(file.fd).size);
  } finally {
    await file.close();
  }
}

/**
 * `leastBytes` is the least that a regular file must give; a descriptor opened by a shell may have been read from already. A pipe or
 * terminal goes through libuv's polling: a blocking read would hold a thread that the process joins when it
 * ends, so that it would hang on an idle pipe.
 */
async function* descriptorBytes(name: string, fd: number, leastBytes = 0): AsyncGenerator<Buffer, void> {
  const stats = fstatSync(fd);
  if (stats.isFile()) return yield* fileBytes(name, fd, stats, leastBytes);
  if (stats.isFIFO() || stats.isSocket()) return yield* streamBytes(readingSocket(fd));
  const { isatty, ReadStream } = process.getBuiltinModule('node:tty');
  yield* isatty(fd) ? streamBytes(new ReadStream(fd)) : blockingBytes(fd);
}

function readingSocket(fd: number): Socket {
  const { Socket } = process.getBuiltinModule('node:net');
  return new Socket({ fd, readable: true, writable: false });
}

async function* streamBytes(stream: Socket): AsyncGenerator<Buffer, void> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } finally {
    stream.destroy();
  }
}

/**
 * A named pipe is opened without waiting for its writer: that wait could not be interrupted. On Linux, end of file is
 * only reported after a writer has come and gone; elsewhere also while there is no writer yet, so this waits for one.
 */
async function* pipeBytes(path: string): AsyncGenerator<Buffer, void> {
  const { setTimeout: wait } = process.getBuiltinModule('node:timers/promises');
  for (let seen = process.platform === 'linux', isFirst = true; isFirst || !seen; isFirst = false) {
    if (!isFirst) await wait(WRITER_POLL_MS);
    for await (const chunk of streamBytes(readingSocket(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)))) {
      seen = true;
      yield chunk;
    }
  }
}

/**
 * A regular file up to its end at the time of reading: lines appended meanwhile are included, as with a log. A file that
 * has become shorter is an error, as part of its content may be missing.
 */
async function* fileBytes(name: string, fd: number, before: Stats, leastBytes: number): AsyncGenerator<Buffer, void> {
  let read = 0;
  for await (const chunk of blockingBytes(fd)) {
    read += chunk.length;
    yield chunk;
  }
  if (read >= leastBytes && fstatSync(fd).size >= before.size) return;
  throw new InputError(`${name} became shorter while it was read: it had ${before.size} bytes at the start`, {
    hint: 'run again when nobody writes to it any more',
  });
}

// oxlint-disable-next-line typescript/require-await -- the same shape as the other ways to read
async function* blockingBytes(fd: number): AsyncGenerator<Buffer, void> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let length = readOrEnd(fd, buffer); length > 0; length = readOrEnd(fd, buffer)) yield buffer.subarray(0, length);
}

/** Returns 0 at the end. That of a pipe is an error on Windows, where Node takes no descriptor for a pipe either. */
function readOrEnd(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer);
  } catch (error) {
    if (systemCode(error) === 'EOF') return 0;
    throw error;
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, onRead: (bytes: number) => void): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) {
    onRead(chunk.length);
    yield chunk;
  }
}

/** The first bytes, at least two unless the file is shorter: enough to recognise gzip. */
async function startOf(chunks: AsyncGenerator<Buffer, void>): Promise<Buffer> {
  let start = Buffer.alloc(0);
  while (start.length < 2) {
    const next = await chunks.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
  }
  return start;
}

async function* startedWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  if (first.length > 0) yield first;
  yield* rest;
}
