import fc from 'fast-check';
import { expect, test } from 'vitest';

import { printable, printableJson } from '../../src/text/printable.js';

test('is the same JSON', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
      expect(JSON.parse(printableJson(json))).toEqual(JSON.parse(json));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test.each(['\u009b2J', '\u202eevil', '\u2028', '\u{e0041}', '\ufeff'])('has nothing unprintable for %j', (text) => {
  const json = printableJson(JSON.stringify({ id: text }));
  expect(printable(json)).toBe(json);
  expect(JSON.parse(json)).toEqual({ id: text });
});
