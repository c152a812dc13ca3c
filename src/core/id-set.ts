/** A set of strings kept as 64-bit hashes: at most 32 bytes a string, growth included. */

const FIRST_SLOTS = 1024;

/**
 * Open addressing over two independent 32-bit hashes. Two different strings are taken for one with a chance of
 * n² / 2^65: 3 in 100 million for a million strings. The seed keeps others from making such strings up.
 */
export class IdSet {
  readonly #seed: number;
  /** Two numbers a slot; both 0 is an empty one. */
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #size = 0;

  constructor(seed = 0) {
    this.#seed = seed >>> 0;
  }

  get size(): number {
    return this.#size;
  }

  /** True when the string is new. */
  add(key: string): boolean {
    hashInto(key, this.#seed);
    const at = findSlot(this.#slots, hashA, hashB);
    if ((this.#slots[at] as number) !== 0 || (this.#slots[at + 1] as number) !== 0) return false;
    this.#slots[at] = hashA;
    this.#slots[at + 1] = hashB;
    if (++this.#size * 8 > this.#slots.length * 3) this.#grow();
    return true;
  }

  has(key: string): boolean {
    hashInto(key, this.#seed);
    const at = findSlot(this.#slots, hashA, hashB);
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    for (let from = 0; from < old.length; from += 2) {
      const a = old[from] as number;
      const b = old[from + 1] as number;
      if (a === 0 && b === 0) continue;
      const at = findSlot(this.#slots, a, b);
      this.#slots[at] = a;
      this.#slots[at + 1] = b;
    }
  }
}

/**
 * The hash that shards go by: FNV-1a (32 bits, offset 0x811c9dc5, prime 0x01000193) over the UTF-8 bytes, then
 * MurmurHash3's fmix32, because FNV's low bits alone are uneven. It never changes: shards of one run may be run by
 * different versions. A lone surrogate counts as U+FFFD.
 */
export function stableHash32(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0x80) hash = fnvStep(hash, code);
    else hash = fnvCodePoint(hash, code >= 0xd800 && code <= 0xdfff ? 0xfffd : code);
  }
  return mix(hash);
}

function fnvStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

function fnvCodePoint(start: number, code: number): number {
  const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  const lead = more === 1 ? 0xc0 : more === 2 ? 0xe0 : 0xf0;
  let hash = fnvStep(start, lead | (code >> (6 * more)));
  for (let left = more - 1; left >= 0; left--) hash = fnvStep(hash, 0x80 | ((code >> (6 * left)) & 0x3f));
  return hash;
}

/** The slot that holds this pair of hashes, or the empty one where it belongs. */
function findSlot(slots: Uint32Array, a: number, b: number): number {
  const mask = slots.length - 1;
  let at = (a << 1) & mask;
  while ((slots[at] !== a || slots[at + 1] !== b) && (slots[at] !== 0 || slots[at + 1] !== 0)) at = (at + 2) & mask;
  return at;
}

// The two halves of the last hash: a pair returned from a function would be an allocation for every id.
let hashA = 0;
let hashB = 0;

function hashInto(key: string, seed: number): void {
  let a = seed ^ 0x9e3779b9;
  let b = mix(seed ^ 0x7f4a7c15);
  for (let at = 0; at < key.length; at++) {
    const char = key.charCodeAt(at);
    a = Math.imul(a ^ char, 0x85ebca6b);
    b = Math.imul((b << 5) ^ (b >>> 27) ^ char, 0xc2b2ae35);
  }
  hashA = mix(a ^ key.length);
  hashB = mix(b);
  if (hashA === 0 && hashB === 0) hashB = 1;
}

/** MurmurHash3's finalizer: every bit of the input changes every bit of the output. */
function mix(input: number): number {
  let hash = input;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
