import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { IdSet } from '../../../src/core/hash/id-set.js';
import { stableHash32 } from '../../../src/core/hash/stable-hash.js';

describe('IdSet', () => {
  test('tells new ids from ones it has', () => {
    const ids = new IdSet(7);
    expect([ids.add('a'), ids.add('b'), ids.add('a')]).toEqual([true, true, false]);
    expect(ids.size).toBe(2);
  });

  test('is a set of exact strings', () => {
    const ids = new IdSet(0);
    const near = ['', ' ', 'a', 'A', 'aa', 'a ', '\u00e9', 'e\u0301', '1', '01', '\ud800', '\u0000', '\u0000\u0000'];
    expect(near.filter((id) => !ids.add(id))).toEqual([]);
    expect(near.some((id) => ids.add(id))).toBe(false);
  });

  test('takes no two of 300,000 numbered ids for one, whatever the seed', () => {
    for (const seed of [0, 1, 0xffffffff]) {
      const ids = new IdSet(seed);
      for (let i = 0; i < 100_000; i++) for (const id of [`CASE-${i}`, String(i), `${i}-a`]) ids.add(id);
      expect(ids.size).toBe(300_000);
      expect(ids.add('CASE-100000')).toBe(true);
    }
  });

  test('behaves as a Set', () => {
    const property = fc.property(fc.array(fc.string({ maxLength: 3 })), fc.integer(), (keys, seed) => {
      const ids = new IdSet(seed);
      const model = new Set<string>();
      for (const key of keys) {
        expect(ids.add(key)).toBe(!model.has(key));
        model.add(key);
      }
      expect(ids.size).toBe(model.size);
    });
    fc.assert(property, { seed: 1, numRuns: 200 });
  });
});

describe('stableHash32', () => {
  test('never changes', () => {
    expect(['', 'a', 'CASE-001', 'é', '账户', '😀', '\ud800'].map(stableHash32)).toEqual(
      ['', 'a', 'CASE-001', 'é', '账户', '😀', '\ufffd'].map(referenceHash),
    );
    expect(stableHash32('CASE-001')).toMatchInlineSnapshot(`1444285376`);
  });

  test('spreads numbered ids evenly over shards', () => {
    for (const count of [2, 3, 4, 7, 16]) {
      const sizes = Array.from({ length: count }, () => 0);
      for (let i = 0; i < 20_000; i++) sizes[stableHash32(`CASE-${i}`) % count]! += 1;
      for (const size of sizes) expect(Math.abs(size / (20_000 / count) - 1)).toBeLessThan(0.1);
    }
  });
});

/** FNV-1a over the bytes that TextEncoder gives, then fmix32, in BigInt. */
function referenceHash(text: string): number {
  let hash = 0x811c9dc5n;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * 0x01000193n) & 0xffffffffn;
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & 0xffffffffn;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & 0xffffffffn;
  return Number(hash ^ (hash >> 16n));
}
