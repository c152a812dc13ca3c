/** The faults of the flaky demo endpoint: chosen by a hash of the id, so that they are the same ones in every run. */

/** `unavailable` (503) and `throttled` (429) are transient (the next attempt succeeds); the others are permanent; `later` is a 202. */
export type Fault = 'unavailable' | 'missing' | 'stall' | 'garbled' | 'throttled' | 'later';

/** How many of 1,000 ids have each fault, on average. */
const SHARES: readonly (readonly [Fault, number])[] = [
  ['unavailable', 75],
  ['missing', 50],
  ['stall', 25],
  ['garbled', 25],
  ['throttled', 25],
  ['later', 15],
];

/** With this seed the 40 sample cases have each share exactly: 3 × 503, 2 × 404, one each of the others. */
const SAMPLE_SEED = 496;

/** The fault of an id, or undefined for one that is answered. A pure function of id and seed. */
export function faultOf(id: string, seed = SAMPLE_SEED): Fault | undefined {
  let point = hash(`${seed}:${id}`) % 1000;
  for (const [fault, share] of SHARES) {
    if (point < share) return fault;
    point -= share;
  }
  return undefined;
}

/** Decides the fault of each attempt. An id with a transient fault fails and succeeds in turn, independent of other ids. */
export class FaultPlan {
  readonly #seed: number | undefined;
  readonly #failedOnce = new Set<string>();

  constructor(seed?: number) {
    this.#seed = seed;
  }

  /** The fault of the next attempt for this id. */
  next(id: string): Fault | undefined {
    const fault = faultOf(id, this.#seed);
    if (fault !== 'unavailable' && fault !== 'throttled') return fault;
    if (this.#failedOnce.delete(id)) return undefined;
    this.#failedOnce.add(id);
    return fault;
  }
}

/** FNV-1a over UTF-16 units, 32 bits, with the finalizer of MurmurHash3, so that similar ids get unrelated hashes. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
