import { expect, test } from 'vitest';
import { isPlainJson } from '../../src/json/plain-json.js';
import { isJson, oneLine } from '../../src/json/text.js';
import { seededRandom } from '../helpers/random.js';

const plain = (text: string): boolean => isPlainJson(Buffer.from(text));

test.each([
  '{"a":1}',
  '{ "a" : [ 1 , -0.5e+3 , "x\\n\\u00e9" ] , "ü" : { } }',
  '[]',
  '[\t[null],true,false]',
  '"text with \u007f and \u2028"',
  '-0',
  '12.50E-7',
])('%s is plain JSON', (text) => {
  expect(plain(text)).toBe(true);
  expect(isJson(text)).toBe(true);
});

test.each(['{\n"a":1}', ' 1', '1 ', `${'['.repeat(33)}${']'.repeat(33)}`])('%j is JSON, but not plain', (text) => {
  expect(plain(text)).toBe(false);
  expect(isJson(text)).toBe(true);
});

test('32 levels are plain', () => {
  expect(plain(`${'['.repeat(32)}${']'.repeat(32)}`)).toBe(true);
});

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '"a"',
  '"a":',
  '1',
  '0',
  '-',
  '.',
  'e',
  '+',
  '1.5',
  'true',
  'null',
  'fals',
  '\\',
  '\\n',
  '\\u12',
  '\\u00e9',
  ' ',
  '\t',
  '\n',
  '\u0000',
  'ü',
  '\u{1f600}',
  '{"a":1}',
  '[1,2]',
];

test('what is plain is JSON for the parser too, on one line, whatever the pieces', () => {
  const random = seededRandom(7);
  const piece = (): string => PIECES[Math.floor(random() * PIECES.length)] ?? '';
  const texts = Array.from({ length: 60_000 }, () =>
    Array.from({ length: 1 + Math.floor(random() * 7) }, piece).join(''),
  );
  const accepted = texts.filter(plain);
  expect(accepted.length).toBeGreaterThan(1_000);
  expect(accepted.filter((text) => !isJson(text) || oneLine(text) !== text)).toEqual([]);
});

test('JSON with one byte changed is plain only where the parser takes it', () => {
  const random = seededRandom(8);
  const source = Buffer.from('{"a":[1,-2.5e3,"x\\u00e9\\n"],"b":{"c":null,"d":true},"e":"","f":[]}');
  expect(isPlainJson(source)).toBe(true);
  const changed = Array.from({ length: 20_000 }, () => {
    const copy = Buffer.from(source);
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 128);
    return copy;
  });
  const plainOnes = changed.filter((bytes) => isPlainJson(bytes));
  expect(plainOnes.length).toBeGreaterThan(1_000);
  expect(plainOnes.filter((bytes) => !isJson(bytes.toString()))).toEqual([]);
});
