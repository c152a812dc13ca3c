import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldsOf, JsonRowReader, unescaped } from '../../../src/io/postgres/copy-text.js';

/** As PostgreSQL escapes a field in the text format of COPY. */
function escaped(text: string): string {
  const letters: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
  };
  return text.replace(/[\\\b\f\n\r\t\v]/g, (letter) => letters[letter] ?? letter);
}

test('what COPY has escaped comes back, whatever it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(unescaped(escaped(text))).toBe(text);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.option(fc.string()), { minLength: 1 }), (fields) => {
      const line = fields.map((field) => (field === null ? '\\N' : escaped(field))).join('\t');
      expect(fieldsOf(line)).toEqual(fields);
    }),
  );
});

test('rows are records however they are cut, with their text unchanged and line breaks in it', () => {
  const texts = ['{"id":"a","j":{"x": 1e3,\n "y":"\\\\n\\t"}}', '{"id":"b","n":1.0}', '{"id":"ü"}'];
  const bytes = Buffer.from(texts.map((text) => `${escaped(text)}\n`).join(''));
  for (let cut = 0; cut <= bytes.length; cut++) {
    const read: [string, number][] = [];
    const reader = new JsonRowReader({
      record: (_, text, at) => read.push([text, at]),
      broken: () => read.push(['broken', 0]),
    });
    for (const chunk of [bytes.subarray(0, cut), bytes.subarray(cut)]) if (chunk.length > 0) reader.push(chunk);
    reader.end();
    expect(read).toEqual(texts.map((text, at) => [text, at + 1]));
  }
});

test('a row that is cut off is an error and no record', () => {
  const reader = new JsonRowReader({ record: () => expect.unreachable(), broken: () => expect.unreachable() });
  reader.push(Buffer.from('{"id":"a"}'));
  expect(() => reader.end()).toThrow('cut off');
});
