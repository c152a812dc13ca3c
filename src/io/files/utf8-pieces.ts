import { isAscii, isUtf8 } from 'node:buffer';
import type { Piece } from '../../json/array-cutter.js';
import { firstBadByte, incompleteTail } from '../../json/utf8.js';

/** Regroups bytes that arrive in chunks so that no piece ends inside a character. */
export class Utf8Pieces {
  /** The incomplete character at the end of the last chunk. */
  #tail = Buffer.alloc(0);

  /** The piece that a chunk ends, up to the first byte that is not UTF-8 if there is one. Valid as long as the chunk. */
  next(chunk: Buffer): { readonly piece: Piece; readonly isBad: boolean } {
    const all = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    const whole = all.length - incompleteTail(all);
    const bytes = all.subarray(0, whole);
    this.#tail = Buffer.from(all.subarray(whole));
    if (isAscii(bytes)) return { piece: { bytes, text: bytes.toString('latin1') }, isBad: false };
    const bad = isUtf8(bytes) ? -1 : firstBadByte(bytes);
    return { piece: { bytes: bad === -1 ? bytes : bytes.subarray(0, bad), text: undefined }, isBad: bad !== -1 };
  }

  /** True when the last chunk ended inside a character. */
  get isTorn(): boolean {
    return this.#tail.length > 0;
  }
}
