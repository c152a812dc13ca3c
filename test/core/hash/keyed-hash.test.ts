import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HashTable } from '../../../src/core/hash/hash-table.js';
import { KeyedHash } from '../../../src/core/hash/keyed-hash.js';

// From the reference implementation: key 00 01 … 07, the bytes 00 01 … of each length.
test.each([
  [0, '218d1f59b9b83cc8'],
  [2, '064f39ef7c50eb57'],
  [4, 'd5e78a175be52ea1'],
  [6, 'ce3e91358aa2bc25'],
  [8, 'edfee820bce4858c'],
  [10, '95b0469f06a6f2ee'],
])('HalfSipHash-2-4 of %i bytes is that of the reference', (length, expected) => {
  const hash = new KeyedHash(0x03020100, 0x07060504);
  const bytes = Buffer.from(Array.from({ length }, (_, at) => at));
  hash.of(bytes.toString('utf16le'));
  const out = Buffer.alloc(8);
  out.writeUInt32LE(hash.low, 0);
  out.writeUInt32LE(hash.high, 4);
  expect(out.toString('hex')).toBe(expected);
});

test('texts that differ in a lone surrogate, a NUL or their length have different hashes', () => {
  const hash = new KeyedHash(1, 2);
  const texts = ['', '\0', '\0\0', 'a', 'a\0', '\ud800', '\udfff', 'ab', 'ba'];
  expect(new Set(texts.map((text) => `${hash.of(text).low} ${hash.high}`)).size).toBe(texts.length);
});

test('a hash table holds what was put into it, however often it grows', () => {
  const pairs = fc.array(fc.tuple(fc.nat(300), fc.nat({ max: 2 ** 31 })), { maxLength: 2000 });
  fc.assert(
    fc.property(pairs, (entries) => {
      const hash = new KeyedHash(3, 4);
      const table = new HashTable(1);
      const model = new Map<number, number>();
      for (const [id, value] of entries) {
        const at = table.insert(hash.of(`id ${id}`).low, hash.high);
        table.words[at] = value;
        model.set(id, value);
      }
      expect(table.size).toBe(model.size);
      for (const [id, value] of model) expect(table.words[table.find(hash.of(`id ${id}`).low, hash.high)]).toBe(value);
      expect(table.find(hash.of('another').low, hash.high)).toBe(-1);
      expect([...table.entries()]).toHaveLength(model.size);
    }),
    { seed: 1, numRuns: 50 },
  );
});

test('an entry with two values takes less than 64 bytes, also while the table grows', () => {
  const hash = new KeyedHash(5, 6);
  const table = new HashTable(2);
  let most = 0;
  let before = table.words.byteLength;
  for (let id = 1; id <= 20_000; id++) {
    table.insert(hash.of(String(id)).low, hash.high);
    const now = table.words.byteLength;
    if (id > 100) most = Math.max(most, (now === before ? now : now + before) / id);
    before = now;
  }
  expect(most).toBeLessThan(64);
});
