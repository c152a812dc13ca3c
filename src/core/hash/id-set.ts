import { HashTable } from './hash-table.js';
import { KeyedHash } from './keyed-hash.js';

/**
 * A set of strings kept as 64-bit hashes: at most 22 bytes a string, 32 for the moment that it grows. Two different
 * strings are taken for one with a chance of n² / 2^64: 5 in 100 million for a million strings.
 */
export class IdSet {
  readonly #hash: KeyedHash;
  readonly #table = new HashTable(0);

  /** The seed prevents crafted collisions. */
  constructor(seed: number) {
    this.#hash = new KeyedHash(seed, ~seed);
  }

  get size(): number {
    return this.#table.size;
  }

  /** True when the string is new. */
  add(key: string): boolean {
    const { low, high } = this.#hash.of(key);
    const before = this.#table.size;
    this.#table.insert(low, high);
    return this.#table.size > before;
  }
}
