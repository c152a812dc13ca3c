import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isDeeperThan, oneLine, textAt, textAtName, withMember } from '../../src/json/text.js';

const RUNS = { seed: 1, numRuns: 300 };

/** JSON text as others write it: white space anywhere, names and strings with escapes, duplicate names. */
const jsonText: fc.Arbitrary<string> = fc.letrec((tie) => {
  const space = fc.constantFrom('', '', ' ', '\n', '\r\n\t');
  const text = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom('a', 'b.c', '0', '__proto__', '"', '\\', '{[,:]}', '\u2028'),
  );
  const string = fc
    .tuple(text, fc.boolean())
    .map(([value, escaped]) => (escaped ? escapedString(value) : JSON.stringify(value)));
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.constantFrom('12345678901234567890', '1.0', '-0', '1E+5'),
  );
  const scalar = fc.oneof(string, number, fc.constantFrom('true', 'false', 'null'));
  const padded = fc.tuple(space, tie('value') as fc.Arbitrary<string>, space).map((parts) => parts.join(''));
  const member = fc.tuple(space, string, space, padded).map(([a, name, b, value]) => `${a}${name}${b}:${value}`);
  return {
    value: fc.oneof(
      { maxDepth: 4 },
      scalar,
      tie('object') as fc.Arbitrary<string>,
      tie('array') as fc.Arbitrary<string>,
    ),
    object: fc
      .tuple(fc.array(member, { maxLength: 4 }), space)
      .map(([members, gap]) => `{${members.join(',') || gap}}`),
    array: fc
      .tuple(fc.array(padded, { maxLength: 4 }), space)
      .map(([elements, gap]) => `[${elements.join(',') || gap}]`),
    document: padded,
  };
}).document as fc.Arbitrary<string>;

const objectText = jsonText.map((text) => `{"first":${text}}`);

function escapedString(value: string): string {
  const codes = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at).toString(16).padStart(4, '0'));
  return `"${codes.map((code) => `\\u${code}`).join('')}"`;
}

/** Every path into a value, each with what is there. */
function pathsInto(value: unknown, path: string[] = []): [string[], unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  const children = Object.entries(value).flatMap(([name, child]) => pathsInto(child, [...path, name]));
  return [[path, value], ...children];
}

describe('textAt', () => {
  test('finds what JSON.parse finds, at every path', () => {
    const property = fc.property(jsonText, (text) => {
      for (const [path, value] of pathsInto(JSON.parse(text))) {
        expect(JSON.parse(textAt(text, path) ?? 'nothing')).toEqual(value);
      }
    });
    fc.assert(property, RUNS);
  });

  test.each([
    ['the source text, not the value', '{"a":1.0}', ['a'], '1.0'],
    ['every digit', '{"a":[12345678901234567890]}', ['a', '0'], '12345678901234567890'],
    ['the last member of a name', '{"a":1,"a":{"b":2}}', ['a', 'b'], '2'],
    ['a name with escapes', '{"\\u0061":1}', ['a'], '1'],
    ['a name with a quote in it', '{"\\"":1}', ['"'], '1'],
    ['a __proto__ member', '{"__proto__":1}', ['__proto__'], '1'],
    ['nothing where a name is missing', '{"a":1}', ['b'], undefined],
    ['nothing under a scalar', '{"a":"b"}', ['a', '0'], undefined],
    ['nothing under null', 'null', ['a'], undefined],
    ['nothing beyond an array', '[1]', ['1'], undefined],
    ['nothing in an empty array', '[ ]', ['0'], undefined],
    ['nothing at an index with a leading zero', '[1,2]', ['01'], undefined],
    ['nothing at a negative index', '[1]', ['-1'], undefined],
    ['nothing inherited', '{}', ['toString'], undefined],
    ['the text without white space around it', ' \n[1] ', [], '[1]'],
  ])('gives %s', (_, text, path, expected) => {
    expect(textAt(text, path)).toBe(expected);
  });
});

describe('textAtName', () => {
  test.each([
    ['a member', '{"a":1}', 'a', '1'],
    ['a dotted path', '{"a":{"b":[5,6]}}', 'a.b.1', '6'],
    ['the member that is really called so', '{"a.b":1,"a":{"b":2}}', 'a.b', '1'],
    ['nothing', '{"a":{"b":2}}', 'a.c', undefined],
  ])('finds %s', (_, text, name, expected) => {
    expect(textAtName(text, name)).toBe(expected);
  });
});

describe('withMember', () => {
  test('sets the member and keeps everything else as it was', () => {
    const name = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('first', '__proto__', 'enrichment'));
    const property = fc.property(objectText, name, jsonText, (text, member, value) => {
      const out = JSON.parse(withMember(text, member, value)) as Record<string, unknown>;
      const before = JSON.parse(text) as Record<string, unknown>;
      expect(Object.getOwnPropertyDescriptor(out, member)?.value).toEqual(JSON.parse(value));
      for (const key of Object.keys(before)) if (key !== member) expect(out[key]).toEqual(before[key]);
      expect(new Set(Object.keys(out))).toEqual(new Set([...Object.keys(before), member]));
    });
    fc.assert(property, RUNS);
  });

  test.each([
    ['adds to an empty object', '{ }', 'b', '2', '{ "b":2}'],
    ['adds at the end', '{"a":1.0}', 'b', '2', '{"a":1.0,"b":2}'],
    ['replaces in place', '{"b": [1] ,"a":1}', 'b', '2', '{"b": 2 ,"a":1}'],
    ['replaces the last of several', '{"b":1,"b":2}', 'b', '3', '{"b":1,"b":3}'],
    ['replaces a name spelled with escapes', '{"\\u0062":1}', 'b', '2', '{"\\u0062":2}'],
    ['is not misled by the same text in a value', '{"a":"b","c":{"b":1}}', 'b', '2', '{"a":"b","c":{"b":1},"b":2}'],
  ])('%s', (_, text, name, value, expected) => {
    expect(withMember(text, name, value)).toBe(expected);
  });
});

describe('oneLine', () => {
  test('gives one line of the same value, each token as it was', () => {
    const property = fc.property(jsonText, (text) => {
      const line = oneLine(text);
      expect(line).not.toMatch(/[\n\r]/);
      expect(JSON.parse(line)).toEqual(JSON.parse(text));
      expect(line.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
    });
    fc.assert(property, RUNS);
  });

  test.each([
    ['leaves a line alone', '{ "a" : 1.0 }', '{ "a" : 1.0 }'],
    ['keeps white space in strings', '{\n "a": " \\n b  " }', '{"a":" \\n b  "}'],
    ['is not misled by escaped quotes', '{"a\\\\":"\\" ",\r\n"b":1}', '{"a\\\\":"\\" ","b":1}'],
    ['takes out lone carriage returns', '[1,\r2]', '[1,2]'],
  ])('%s', (_, text, expected) => {
    expect(oneLine(text)).toBe(expected);
  });
});

describe('isDeeperThan', () => {
  test.each([
    [1000, 1000, false],
    [1001, 1000, true],
    [100_000, 1000, true],
    [1, 0, true],
  ])('%i levels against %i is %s', (levels, limit, expected) => {
    expect(isDeeperThan('['.repeat(levels) + ']'.repeat(levels), limit)).toBe(expected);
    expect(isDeeperThan(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`, limit)).toBe(expected);
  });

  test('counts no brackets in strings, and levels rather than brackets', () => {
    expect(isDeeperThan(JSON.stringify(['['.repeat(50), '\\"[[[['.repeat(9)]), 3)).toBe(false);
    expect(isDeeperThan(`[${'[],'.repeat(100)}[]]`, 3)).toBe(false);
    expect(isDeeperThan(`[${'{},'.repeat(100)}[]]`, 3)).toBe(false);
    expect(isDeeperThan('[{"a":[{}]}]'.padEnd(99), 3)).toBe(true);
  });
});
