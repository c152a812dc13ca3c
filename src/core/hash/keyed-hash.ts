import type { Random } from '../ports.js';

/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein), over the UTF-16 code units of a text. Keyed, so that
 * nobody can write ids that collide. The hash of the last text is in `low` and `high`: no object is made per id.
 */
export class KeyedHash {
  low = 0;
  high = 0;
  readonly #key0: number;
  readonly #key1: number;

  constructor(key0: number, key1: number) {
    this.#key0 = key0;
    this.#key1 = key1;
  }

  static random(random: Random): KeyedHash {
    return new KeyedHash(random() * 2 ** 32, random() * 2 ** 32);
  }

  // One loop, in local variables: this runs for every record, and in a short run before V8 has compiled it, when each
  // call and each field costs more than the arithmetic.
  of(text: string): this {
    const words = (text.length >> 1) + 1;
    let v0 = this.#key0 | 0;
    let v1 = this.#key1 ^ 0xee;
    let v2 = 0x6c796765 ^ this.#key0;
    let v3 = 0x74656462 ^ this.#key1;
    // Two rounds for each word, then four for each half of the hash.
    for (let turn = 0; turn < words + 2; turn++) {
      const word = turn < words ? wordAt(text, 2 * turn) : 0;
      v3 ^= word;
      if (turn === words) v2 ^= 0xee;
      else if (turn > words) {
        this.low = (v1 ^ v3) >>> 0;
        v1 ^= 0xdd;
      }
      for (let rounds = turn < words ? 2 : 4; rounds > 0; rounds--) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= word;
    }
    this.high = (v1 ^ v3) >>> 0;
    return this;
  }
}

/** A word of two code units; the last word has the length, and the remaining unit if there is one. */
function wordAt(text: string, at: number): number {
  const { length } = text;
  if (at + 1 < length) return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
  return (length << 25) | (at < length ? text.charCodeAt(at) : 0);
}
