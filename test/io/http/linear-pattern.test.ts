import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern } from '../../../src/io/http/linear-pattern.js';

test.each(['^(a+)+$', '^(a|a)*$', '^a*a*a*a*a*$', String.raw`^(\w+\s?)*$`])(
  'no answer keeps %s busy, however it is made',
  (pattern) => {
    expect(compilePattern(pattern).test(`${'a'.repeat(20_000)}!`)).toBe(false);
  },
);

test.each([
  String.raw`^[\w-.]+$`,
  String.raw`^\s*\S+\s*$`,
  String.raw`[^\s]`,
  String.raw`^\d{4}-\d{2}`,
  String.raw`^\p{L}+$`,
  String.raw`\u00e4|\u{1f600}`,
  '^(?<year>[0-9]+)$',
  '^[^@]+@[^@]+$',
  'a/b',
])('%s means what it means in ECMAScript', (pattern) => {
  const native = /\\[pu]/.test(pattern) ? new RegExp(pattern, 'u') : new RegExp(pattern);
  const compiled = compilePattern(pattern);
  const text = fc.string({ unit: fc.constantFrom(...Array.from('ab 0@-./ä😀\u00a0\u2028\ufeff\v\t')), maxLength: 8 });
  fc.assert(
    fc.property(text, (one) => {
      expect(compiled.test(one)).toBe(native.test(one));
    }),
    { seed: 3, numRuns: 300 },
  );
});

test.each([String.raw`^(?=.*\d)(?=.*[a-z]).+$`, String.raw`^(a)\1$`, '^a{1001}$'])(
  '%s, which RE2 does not have, is still checked',
  (pattern) => {
    const text = ['a1', 'aa', 'a'.repeat(1001)].find((one) => new RegExp(pattern).test(one)) ?? '';
    expect([compilePattern(pattern).test(text), compilePattern(pattern).test('!')]).toEqual([true, false]);
  },
);

test('what is no pattern is refused', () => {
  expect(() => compilePattern('(')).toThrow('Invalid regular expression');
});
