// A power of two, as is every later number of slots.
const MIN_SLOTS = 64;
const MAX_LOAD = 0.75;

/**
 * A map from 64-bit hashes to a few 32-bit words, in one typed array: open addressing, linear probing. With words `n`
 * (hash included) it takes at most 4n × 2.7 bytes an entry, and 4n × 4 for the moment that it grows. It doubles, because
 * arrays that are given up may stay for long where little else is garbage: all together they are as large as the last.
 */
export class HashTable {
  /** The slots: two words of hash, then the values. An `insert` may put another array in its place. */
  words: Uint32Array;
  #size = 0;
  readonly #wordsPerSlot: number;

  /** `values` is the number of 32-bit words kept beside each hash. */
  constructor(values: number) {
    this.#wordsPerSlot = values + 2;
    this.words = new Uint32Array(MIN_SLOTS * this.#wordsPerSlot);
  }

  get size(): number {
    return this.#size;
  }

  /** Where the values of a hash begin in `words`, or -1. */
  find(low: number, high: number): number {
    const at = this.#locate(low, marked(high));
    return this.#isFree(at) ? -1 : at + 2;
  }

  /** Where the values of a hash begin in `words`; zeros when it is new. */
  insert(low: number, high: number): number {
    if (this.#size + 1 > this.#slots * MAX_LOAD) this.#grow();
    const mark = marked(high);
    const at = this.#locate(low, mark);
    if (this.#isFree(at)) {
      this.words[at] = low;
      this.words[at + 1] = mark;
      this.#size++;
    }
    return at + 2;
  }

  /** Where the values of each entry begin. */
  *entries(): Generator<number> {
    for (let at = 0; at < this.words.length; at += this.#wordsPerSlot) if (!this.#isFree(at)) yield at + 2;
  }

  get #slots(): number {
    return this.words.length / this.#wordsPerSlot;
  }

  #isFree(at: number): boolean {
    return this.words[at + 1] === 0;
  }

  #locate(low: number, mark: number): number {
    const { words } = this;
    const step = this.#wordsPerSlot;
    let at = (low & (words.length / step - 1)) * step;
    for (let found = words[at + 1]; found !== 0; found = words[at + 1]) {
      if (found === mark && words[at] === low) break;
      at += step;
      if (at === words.length) at = 0;
    }
    return at;
  }

  #grow(): void {
    const old = this.words;
    const step = this.#wordsPerSlot;
    this.words = new Uint32Array(2 * old.length);
    for (let from = 0; from < old.length; from += step) {
      const mark = old[from + 1] ?? 0;
      if (mark === 0) continue;
      const to = this.#locate(old[from] ?? 0, mark);
      for (let word = 0; word < step; word++) this.words[to + word] = old[from + word] ?? 0;
    }
  }
}

/** The upper word with its lowest bit set, so that zero means a free slot. */
function marked(high: number): number {
  return (high | 1) >>> 0;
}
