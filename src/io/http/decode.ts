/** Content encodings: decoded as the bytes arrive, with a limit on the output, so that a decompression bomb is stopped early. */

import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { Transform } from 'node:stream';

export type Encoding = 'identity' | 'gzip' | 'deflate' | 'br';

/** The encoding that a Content-Encoding header names; undefined for an unknown one or several. */
export function encodingOf(header: string | readonly string[] | undefined): Encoding | undefined {
  switch (String(header ?? '').toLowerCase()) {
    case '':
    case 'identity':
      return 'identity';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
      return 'deflate';
    case 'br':
      return 'br';
    default:
      return undefined;
  }
}

/** Called once: with all bytes, or with the reason why decoding stopped and the bytes up to there. */
export interface InflaterListener {
  inflated(bytes: Buffer): void;
  inflateFailed(reason: 'damaged' | 'too large', soFar: Buffer): void;
}

// How many bytes the encoded form of a small body may exceed the decoded one by.
const ENCODING_OVERHEAD = 64 * 1024;

/** Decodes one body. Both forms of deflate are understood, with and without a zlib header. */
export class Inflater {
  readonly #encoding: Encoding;
  readonly #maxBytes: number;
  readonly #listener: InflaterListener;
  readonly #chunks: Buffer[] = [];
  #stream: Transform | undefined;
  #received = 0;
  #size = 0;
  #ended = false;

  constructor(encoding: Encoding, maxBytes: number, listener: InflaterListener) {
    this.#encoding = encoding;
    this.#maxBytes = maxBytes;
    this.#listener = listener;
  }

  write(chunk: Buffer): void {
    if (this.#ended || chunk.length === 0) return;
    this.#received += chunk.length;
    this.#stream ??= this.#open(chunk[0] ?? 0);
    this.#stream.write(chunk);
    if (this.#received > this.#maxBytes + ENCODING_OVERHEAD) this.#fail('too large');
  }

  /** Call at the end of the input: the encoded stream must be complete too. */
  end(): void {
    if (this.#stream !== undefined) this.#stream.end();
    else if (!this.#ended) this.#listener.inflated(Buffer.alloc(0));
  }

  destroy(): void {
    this.#ended = true;
    this.#stream?.destroy();
  }

  #open(firstByte: number): Transform {
    const stream = streamFor(this.#encoding, firstByte);
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', () => this.#fail('damaged'));
    stream.on('end', () => {
      if (this.#ended) return;
      this.#ended = true;
      this.#listener.inflated(Buffer.concat(this.#chunks, this.#size));
    });
    return stream;
  }

  #take(chunk: Buffer): void {
    if (this.#ended) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > this.#maxBytes) this.#fail('too large');
  }

  #fail(reason: 'damaged' | 'too large'): void {
    if (this.#ended) return;
    this.destroy();
    this.#listener.inflateFailed(reason, Buffer.concat(this.#chunks, this.#size));
  }
}

function streamFor(encoding: Encoding, firstByte: number): Transform {
  if (encoding === 'br') return createBrotliDecompress();
  if (encoding === 'gzip') return createGunzip();
  // RFC 9110 means zlib by "deflate", but some servers send the bare form; 8 is the only method zlib knows.
  return (firstByte & 0x0f) === 8 ? createInflate() : createInflateRaw();
}
