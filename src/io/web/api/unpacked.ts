/** The body of a request as it arrives: unpacked, and no more of it than is allowed. */

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { systemCode } from '../../../errors.js';
import { formatBytes } from '../../../text/format.js';
import { Refused } from '../refusal.js';

export interface BodyOptions {
  readonly isGzip: boolean;
  /** Of the unpacked body. */
  readonly mostBytes: number;
}

/** Its bytes piece by piece. Throws a Refused: 413 as soon as there are too many, 422 for broken gzip. */
export async function* unpacked(
  body: AsyncIterable<Uint8Array>,
  { isGzip, mostBytes }: BodyOptions,
): AsyncGenerator<Uint8Array> {
  try {
    // Packed too: gzip can go on for ever, and be nothing when unpacked.
    yield* isGzip ? atMost(gunzipped(atMost(body, mostBytes)), mostBytes) : atMost(body, mostBytes);
  } catch (error) {
    throw systemCode(error)?.startsWith('Z_') ? brokenGzip() : error;
  }
}

async function* atMost(pieces: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > most) throw tooLarge(most);
    yield piece;
  }
}

/** The refusal of a body that is larger than `--max-body`. */
export function tooLarge(mostBytes: number): Refused {
  return new Refused(413, 'too_large', `the cases have over ${formatBytes(mostBytes)} (--max-body), unpacked`);
}

function brokenGzip(): Refused {
  return new Refused(422, 'broken_gzip', 'the body is no gzip, or it is cut off');
}

function gunzipped(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  // What goes wrong destroys both; whoever reads is told.
  pipeline(Readable.from(body, { objectMode: false }), gunzip, () => {});
  return gunzip as AsyncIterable<Uint8Array>;
}
