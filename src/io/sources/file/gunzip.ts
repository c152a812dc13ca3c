/**
 * Gzip to bytes, member after member. Node's own Gunzip drops what it has put out in the same step when it fails, so a
 * file with something after its end would lose good records; here every member is inflated to its end before an error
 * in what follows is reported.
 */

import type { InflateRaw } from 'node:zlib';

import { InputError, systemCode } from '../../../errors.js';

const CHUNK_BYTES = 64 * 1024;
// zlib turns a byte into at most 1,032, so one slice of compressed bytes is at most 17 MB of output.
const SLICE_BYTES = 16 * 1024;

const MAGIC = [0x1f, 0x8b];
const DEFLATE = 8;
const HAS_HEADER_CRC = 0x02;
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const RESERVED_FLAGS = 0xe0;

/** An error after the end of the whole content: everything delivered before is valid. */
export class AfterContentError extends InputError {}

/**
 * The content of gzip in `chunks`, each valid until the next is asked for. Zero bytes between members and after the last
 * are padding. Throws an InputError after the last good byte: for damage inside of the deflated data itself, after the
 * last good step of 16 KiB.
 */
export async function* gunzipped(name: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const input = new GzipInput(name, chunks[Symbol.asyncIterator]());
  let isMember = await takesMagic(input);
  if (!isMember) throw input.damaged('incorrect header check');
  for (; isMember; isMember = await anotherBegins(input)) {
    await passHeader(input);
    yield* content(input);
  }
}

/** Consumes the two magic bytes of gzip; false when they are not there. */
async function takesMagic(input: GzipInput): Promise<boolean> {
  for (const byte of MAGIC) {
    if ((await input.some())?.[0] !== byte) return false;
    input.skip(1);
  }
  return true;
}

/** RFC 1952, section 2.3, from the third byte on. */
async function passHeader(input: GzipInput): Promise<void> {
  input.isContentOver = false;
  if ((await input.byte()) !== DEFLATE) throw input.damaged('unknown compression method');
  const flags = await input.byte();
  if ((flags & RESERVED_FLAGS) !== 0) throw input.damaged('unknown header flags set');
  await input.number(6);
  if (flags & HAS_EXTRA) for (let left = await input.number(2); left > 0; left--) await input.byte();
  if (flags & HAS_NAME) while ((await input.byte()) !== 0);
  if (flags & HAS_COMMENT) while ((await input.byte()) !== 0);
  if (flags & HAS_HEADER_CRC) await input.number(2);
}

/** Inflates one member and checks it against its CRC-32 and length. */
async function* content(input: GzipInput): AsyncGenerator<Buffer, void> {
  const { crc32 } = process.getBuiltinModule('node:zlib');
  const inflate = new SteppedInflate();
  let crc = 0;
  let size = 0;
  try {
    while (!inflate.ended) {
      const slice = (await input.some())?.subarray(0, SLICE_BYTES);
      for (const piece of await inflate.step(slice)) {
        crc = crc32(piece, crc);
        size += piece.length;
        yield piece;
      }
      if (inflate.error !== undefined) throw input.problem(inflate.error);
      input.skip(inflate.taken);
    }
  } finally {
    inflate.close();
  }
  input.isContentOver = true;
  const isGood = (await input.number(4)) === crc && (await input.number(4)) === size % 2 ** 32;
  if (!isGood) throw input.damaged('incorrect data check');
}

/** Passes over padding; true when another member begins. Throws when something else comes. */
async function anotherBegins(input: GzipInput): Promise<boolean> {
  const endsAt = input.offset;
  for (let bytes = await input.some(); bytes?.[0] === 0; bytes = await input.some()) {
    const zeros = bytes.findIndex((byte) => byte !== 0);
    input.skip(zeros === -1 ? bytes.length : zeros);
  }
  if ((await input.some()) === undefined) return false;
  if (await takesMagic(input)) return true;
  throw new AfterContentError(`${input.name} goes on with something that is not gzip (byte ${endsAt})`, {
    hint: `get the file again, or use its first ${endsAt} bytes: head -c ${endsAt}`,
  });
}

/** A cursor over the compressed bytes. */
class GzipInput {
  readonly name: string;
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);
  /** Number of bytes consumed so far. */
  offset = 0;
  /** True between members: all content so far has been delivered. */
  isContentOver = false;

  constructor(name: string, chunks: AsyncIterator<Buffer>) {
    this.name = name;
    this.#chunks = chunks;
  }

  /** The bytes available, at least one; undefined at the end. */
  async some(): Promise<Buffer | undefined> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      this.#chunk = next.value;
    }
    return this.#chunk;
  }

  skip(bytes: number): void {
    this.#chunk = this.#chunk.subarray(bytes);
    this.offset += bytes;
  }

  async byte(): Promise<number> {
    const byte = (await this.some())?.[0];
    if (byte === undefined) throw this.cutOff();
    this.skip(1);
    return byte;
  }

  /** The next bytes as a little-endian number. */
  async number(bytes: number): Promise<number> {
    let value = 0;
    for (let at = 0; at < bytes; at++) value += (await this.byte()) * 2 ** (8 * at);
    return value;
  }

  problem(error: Error): InputError {
    return systemCode(error) === 'Z_BUF_ERROR' ? this.cutOff(error) : this.damaged(error.message, error);
  }

  damaged(why: string, cause?: Error): InputError {
    return this.#problem(`${this.name} is damaged: ${why}`, cause);
  }

  cutOff(cause?: Error): InputError {
    return this.#problem(`${this.name} is cut off: the compressed data ends early`, cause);
  }

  #problem(message: string, cause: Error | undefined): InputError {
    const more = { hint: 'get the file again', cause };
    return this.isContentOver ? new AfterContentError(message, more) : new InputError(message, more);
  }
}

/**
 * Driven step by step rather than piped: a failing stream drops output that it has already produced, but the records
 * before the fault must be delivered.
 */
class SteppedInflate {
  readonly #inflate: InflateRaw = process.getBuiltinModule('node:zlib').createInflateRaw({ chunkSize: CHUNK_BYTES });
  #out: Buffer[] = [];
  #takenBefore = 0;
  ended = false;
  error: Error | undefined;

  constructor() {
    this.#inflate.on('data', (chunk: Buffer) => this.#out.push(chunk));
    this.#inflate.on('error', (error) => (this.error ??= error));
    this.#inflate.on('end', () => (this.ended = true));
  }

  /** How many bytes the last step has consumed: all, unless the deflated data ended among them. */
  get taken(): number {
    return this.#inflate.bytesWritten - this.#takenBefore;
  }

  /** The output for these bytes; `undefined` stands for the end of the file. */
  step(bytes: Buffer | undefined): Promise<Buffer[]> {
    this.#takenBefore = this.#inflate.bytesWritten;
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#inflate.off('error', settle).off('end', settle);
        // A stream in flowing mode may hand out its last data a tick after the callback.
        setImmediate(() => resolve(this.#out.splice(0)));
      };
      // After the end of the data the callback does not come; that of `end` comes before zlib looked if all was there.
      this.#inflate.once('error', settle).once('end', settle);
      if (bytes === undefined) this.#inflate.end();
      else this.#inflate.write(bytes, settle);
    });
  }

  close(): void {
    this.#inflate.destroy();
  }
}
