import type { Random } from './case.js';

/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein), over the UTF-16 code units of a text. Keyed, so that
 * nobody can write ids that collide. The hash of the last text is in `low` and `high`: no object is made per id.
 */
export class KeyedHash {
  low = 0;
  high = 0;
  readonly #key0: number;
  readonly #key1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  constructor(key0: number, key1: number) {
    this.#key0 = key0;
    this.#key1 = key1;
  }

  static random(random: Random): KeyedHash {
    return new KeyedHash(random() * 2 ** 32, random() * 2 ** 32);
  }

  of(text: string): this {
    this.#begin();
    const { length } = text;
    const whole = length & ~1;
    for (let at = 0; at < whole; at += 2) this.#absorb(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    this.#absorb((length << 25) | (whole < length ? text.charCodeAt(whole) : 0));
    this.#end();
    return this;
  }

  #begin(): void {
    this.#v0 = this.#key0;
    this.#v1 = this.#key1 ^ 0xee;
    this.#v2 = 0x6c796765 ^ this.#key0;
    this.#v3 = 0x74656462 ^ this.#key1;
  }

  #absorb(word: number): void {
    this.#v3 ^= word;
    this.#mix(2);
    this.#v0 ^= word;
  }

  #end(): void {
    this.#v2 ^= 0xee;
    this.#mix(4);
    this.low = (this.#v1 ^ this.#v3) >>> 0;
    this.#v1 ^= 0xdd;
    this.#mix(4);
    this.high = (this.#v1 ^ this.#v3) >>> 0;
  }

  #mix(rounds: number): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    for (let round = 0; round < rounds; round++) {
      v0 = (v0 + v1) | 0;
      v1 = rotate(v1, 5) ^ v0;
      v0 = rotate(v0, 16);
      v2 = (v2 + v3) | 0;
      v3 = rotate(v3, 8) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = rotate(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotate(v1, 13) ^ v2;
      v2 = rotate(v2, 16);
    }
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
