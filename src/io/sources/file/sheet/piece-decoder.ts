/** Bytes of a spreadsheet file as text: a byte order mark decides, else the encoding that was asked for, else UTF-8. */

import { markLength } from '../../../../json/utf8.js';
import { Utf8Pieces } from '../../../files/utf8-pieces.js';

export type Encoding = 'utf-8' | 'utf-16' | 'windows-1252';

/** Decodes bytes that arrive in chunks of any size. */
export interface PieceDecoder {
  /** The encoding in messages. */
  readonly name: string;
  /** The text that a chunk adds, up to the first bytes that mean nothing in this encoding. */
  next(chunk: Buffer): { readonly text: string; readonly isBad: boolean };
  /** True when the last chunk ended inside a character. */
  readonly isTorn: boolean;
}

/** How a file is to be decoded, and after how many bytes its text begins. */
export interface Decoding {
  readonly decoder: PieceDecoder;
  readonly markBytes: number;
}

/** Judges by the first bytes of a file: three, unless it is shorter. */
export function decodingOf(start: Buffer, asked: Encoding | undefined): Decoding {
  if (markLength(start) > 0) return { decoder: new Utf8(), markBytes: markLength(start) };
  const mark = start.length < 2 ? 0 : start.readUInt16BE(0);
  if (mark === 0xfffe || mark === 0xfeff) return { decoder: new Utf16(mark === 0xfeff), markBytes: 2 };
  // Without a mark: a sheet begins with a letter or a delimiter, whose one byte of two is 0.
  if (asked === 'utf-16') return { decoder: new Utf16(start[0] === 0), markBytes: 0 };
  return { decoder: asked === 'windows-1252' ? new Windows1252() : new Utf8(), markBytes: 0 };
}

class Utf8 implements PieceDecoder {
  readonly name = 'UTF-8';
  readonly #pieces = new Utf8Pieces();

  next(chunk: Buffer): { text: string; isBad: boolean } {
    const { piece, isBad } = this.#pieces.next(chunk);
    return { text: piece.text ?? piece.bytes.toString(), isBad };
  }

  get isTorn(): boolean {
    return this.#pieces.isTorn;
  }
}

class Utf16 implements PieceDecoder {
  readonly name = 'UTF-16';
  readonly #isBigEndian: boolean;
  #odd = Buffer.alloc(0);

  constructor(isBigEndian: boolean) {
    this.#isBigEndian = isBigEndian;
  }

  next(chunk: Buffer): { text: string; isBad: boolean } {
    const all = Buffer.concat([this.#odd, chunk]);
    const units = all.subarray(0, all.length - (all.length % 2));
    this.#odd = all.subarray(units.length);
    return { text: (this.#isBigEndian ? units.swap16() : units).toString('utf16le'), isBad: false };
  }

  get isTorn(): boolean {
    return this.#odd.length > 0;
  }
}

/** What the bytes 80 to 9f stand for; five of them stand for themselves. (The platform's decoder is wrong on Node 20.) */
const ABOVE_ASCII =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

class Windows1252 implements PieceDecoder {
  readonly name = 'windows-1252';
  readonly isTorn = false;

  next(chunk: Buffer): { text: string; isBad: boolean } {
    const latin1 = chunk.toString('latin1');
    const text = latin1.replace(/[\x80-\x9f]/g, (char) => ABOVE_ASCII.charAt(char.charCodeAt(0) - 0x80));
    return { text, isBad: false };
  }
}
