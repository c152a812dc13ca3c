/**
 * A file, a pipe or standard input as decompressed bytes. Runs in the reading thread, where a blocking read harms nobody.
 * The modules that a plain file does not need are got when they are needed: together they take as long as reading one.
 */

import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { Socket } from 'node:net';
import type { Gunzip } from 'node:zlib';

import { InputError, systemCode } from '../errors.js';
import { cannotRead } from './file-problem.js';

const CHUNK_BYTES = 64 * 1024;
// zlib turns a byte into at most 1,032, so one slice of compressed bytes is at most 17 MB of output.
const GZIP_SLICE_BYTES = 16 * 1024;
const WRITER_POLL_MS = 20;

/** What to read: a path, or the descriptor of standard input. `name` is the file in messages. */
export interface ByteInput {
  readonly name: string;
  readonly path?: string;
  readonly fd?: number;
}

/**
 * The bytes in pieces, gunzipped when they are gzip. A piece is only valid until the next one is asked for. `onRead` is
 * told how many bytes were read, before decompression. Throws an InputError after the last good piece.
 */
export async function* readBytes(input: ByteInput, onRead: (bytes: number) => void): AsyncGenerator<Buffer, void> {
  const raw = counted(rawBytes(input), onRead);
  try {
    const first = await startOf(raw);
    const isGzip = first[0] === 0x1f && first[1] === 0x8b;
    if (!isGzip && input.path !== undefined && /\.gz$/i.test(input.path)) {
      throw new InputError(`${input.name} is not gzip, in spite of its name`, { hint: 'rename it without .gz' });
    }
    if (isGzip) yield* gunzipped(input.name, first, raw);
    else yield* startedWith(first, raw);
  } finally {
    await raw.return();
  }
}

/** The size of a regular file; undefined for anything else. */
export function sizeOf(input: ByteInput): number | undefined {
  try {
    const stats = input.path === undefined ? fstatSync(input.fd ?? 0) : statSync(input.path);
    return stats.isFile() ? stats.size : undefined;
  } catch {
    return undefined;
  }
}

async function* rawBytes(input: ByteInput): AsyncGenerator<Buffer, void> {
  try {
    if (input.path === undefined) yield* descriptorBytes(input.fd ?? 0, fstatSync(input.fd ?? 0));
    else yield* pathBytes(input.path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw cannotRead(input.name, error, input.path);
  }
}

async function* pathBytes(path: string): AsyncGenerator<Buffer, void> {
  if (statSync(path).isFIFO()) return yield* pipeBytes(path);
  const fd = openSync(path, constants.O_RDONLY);
  try {
    yield* descriptorBytes(fd, fstatSync(fd));
  } finally {
    closeSync(fd);
  }
}

/**
 * A pipe or terminal goes through libuv's polling: a blocking read would hold a thread that the process joins when it
 * ends, so that it would hang on an idle pipe.
 */
async function* descriptorBytes(fd: number, stats: Stats): AsyncGenerator<Buffer, void> {
  if (stats.isFile()) return yield* blockingBytes(fd);
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

/** A named pipe is opened without waiting for its writer, which could not be interrupted; so that is waited for here. */
async function* pipeBytes(path: string): AsyncGenerator<Buffer, void> {
  const { setTimeout: wait } = process.getBuiltinModule('node:timers/promises');
  for (let seen = false; !seen; await wait(WRITER_POLL_MS)) {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    for await (const chunk of streamBytes(readingSocket(fd))) {
      seen = true;
      yield chunk;
    }
  }
}

// oxlint-disable-next-line typescript/require-await -- the same shape as the other ways to read
async function* blockingBytes(fd: number): AsyncGenerator<Buffer, void> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer)) yield buffer.subarray(0, length);
}

async function* counted(chunks: AsyncIterable<Buffer>, onRead: (bytes: number) => void): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) {
    onRead(chunk.length);
    yield chunk;
  }
}

/** The first two bytes or more, unless there are fewer: enough to know gzip by. */
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

/**
 * Driven slice by slice rather than piped: a stream in error drops what it has already put out, and the records before
 * the fault count.
 */
async function* gunzipped(name: string, first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const gunzip = new SteppedGunzip();
  try {
    for await (const chunk of startedWith(first, rest)) {
      for (let from = 0; from < chunk.length; from += GZIP_SLICE_BYTES) {
        yield* await gunzip.step(chunk.subarray(from, from + GZIP_SLICE_BYTES));
        if (gunzip.error !== undefined) throw gzipProblem(name, gunzip.error);
      }
    }
    yield* await gunzip.finish();
    if (gunzip.error !== undefined) throw gzipProblem(name, gunzip.error);
  } finally {
    gunzip.close();
  }
}

class SteppedGunzip {
  readonly #gunzip: Gunzip = process.getBuiltinModule('node:zlib').createGunzip({ chunkSize: CHUNK_BYTES });
  #out: Buffer[] = [];
  #ended = false;
  error: Error | undefined;

  constructor() {
    this.#gunzip.on('data', (chunk: Buffer) => this.#out.push(chunk));
    this.#gunzip.on('error', (error) => (this.error ??= error));
    this.#gunzip.on('end', () => (this.#ended = true));
  }

  /** What comes out for these bytes; also what came before an error. */
  step(bytes: Buffer): Promise<Buffer[]> {
    return this.#settled((done) => this.#gunzip.write(bytes, done));
  }

  /** What is left. The callback of `end` comes too early: before zlib has looked whether its data was whole. */
  finish(): Promise<Buffer[]> {
    return this.#settled(() => this.#gunzip.end());
  }

  close(): void {
    this.#gunzip.destroy();
  }

  /** Resolves when the work is done, failed, or the stream at its end: padding after it is never called back for. */
  #settled(start: (done: () => void) => void): Promise<Buffer[]> {
    if (this.#ended) return Promise.resolve([]);
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#gunzip.off('error', settle).off('end', settle);
        // A stream in flowing mode may hand out its last data a tick after the callback.
        setImmediate(() => resolve(this.#out.splice(0)));
      };
      this.#gunzip.once('error', settle).once('end', settle);
      start(settle);
    });
  }
}

function gzipProblem(name: string, error: Error): InputError {
  if (systemCode(error) === 'Z_BUF_ERROR') {
    return new InputError(`${name} is cut off: the compressed data ends early`, {
      hint: 'get the file again',
      cause: error,
    });
  }
  return new InputError(`${name} is damaged: ${error.message}`, { hint: 'get the file again', cause: error });
}
