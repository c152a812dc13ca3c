import { expect, test } from 'vitest';
import { faultOf } from '../../src/json/fault.js';
import { isJson } from '../../src/json/text.js';

test.each([
  ['{"a": [1, true, null, "x\\u00e9"]}', undefined, undefined],
  ['12', undefined, undefined],
  ['{\n"a": 1,\n}', 'expected a name in quotes, found "}"', 3],
  ['{\n"a": secret}', 'expected a value, found "s"', 2],
  ['{\n"a": nulll}', 'not a number, true, false or null', 2],
  ['{"a": "\\x"}', 'a bad escape in a string', 1],
  ['[1]\n\nx', 'expected the end of the file, found "x"', 3],
  ['{\n"a": "b\n"', 'a control character inside a string', 2],
  ['{\n"a": "b', 'it ends too soon', 2],
  ['{\n"a": 1\n\n', 'it ends too soon', 2],
  ['', 'it ends too soon', 1],
])('%j', (text, message, line) => {
  const fault = faultOf(text);
  expect([fault?.message, fault?.line]).toEqual([message, line]);
});

test('finds a fault where JSON.parse does, and only there', () => {
  const pieces = ['{', '}', '[', ']', ',', ':', '"a"', '1', '-', '0', 'e', '.', 'true', ' ', '"', '\\', '\n'];
  for (let number = 0; number < 17 ** 3; number++) {
    const text = [0, 1, 2].map((place) => pieces[Math.floor(number / 17 ** place) % 17]).join('');
    expect({ text, isJson: faultOf(text) === undefined }).toEqual({ text, isJson: isJson(text) });
  }
});
