import { expect, test } from 'vitest';
import { Case } from '../../../src/core/case.js';
import { UsageError } from '../../../src/errors.js';
import { compileBody } from '../../../src/io/http/body-template.js';

const aCase = new Case('C-"1"', '{"id":"C-\\"1\\"","n":12345678901234567890,"title":"a\\u0001","o":{"k":[1.0]}}');

test.each([
  ['the id becomes a JSON string', '{"case": {id}}', '{"case": "C-\\"1\\""}'],
  ['a number keeps its source text', '{"n":{n}}', '{"n":12345678901234567890}'],
  ['a string keeps its escapes', '[{title}]', '["a\\u0001"]'],
  ['a dotted path', '{"k":{o.k}}', '{"k":[1.0]}'],
  ['a missing field is null', '{"x":{nothing}}', '{"x":null}'],
  ['braces of JSON are no placeholders', '{"a":{},"b":{ "c":{id}}}', '{"a":{},"b":{ "c":"C-\\"1\\""}}'],
  ['a template without placeholders', '{"ping":true}', '{"ping":true}'],
])('%s', (_what, template, expected) => {
  expect(compileBody(template)(aCase)).toBe(expected);
});

test.each([
  ['with spaces', '{"o":{Observable Type}}', '{"o":"ip"}'],
  ['with accents', '{"p":{Priorität}}', '{"p":"hoch"}'],
  ['with an accent as a character of its own', '{"p":{Priorite\u0301}}', '{"p":"haute"}'],
  ['in other scripts', '{"n":{番号}}', '{"n":"7"}'],
  ['with signs', '{"a":{Amount (EUR)},"b":{Case #},"c":{A/B-test %},"d":{Why?}}', '{"a":1.50,"b":2,"c":3,"d":4}'],
  ['beside braces of JSON', '{"x":{"y":{Observable Type}},"z":{}}', '{"x":{"y":"ip"},"z":{}}'],
])('names of columns %s', (_what, template, expected) => {
  const text =
    '{"id":1,"Observable Type":"ip","Priorität":"hoch","Priorite\u0301":"haute","番号":"7",' +
    '"Amount (EUR)":1.50,"Case #":2,"A/B-test %":3,"Why?":4}';
  expect(compileBody(template)(new Case('1', text))).toBe(expected);
});

test('names of the export stand for the known ones', () => {
  const body = compileBody('{"t":{title}}', { fieldNames: { title: 'n' } });
  expect(body(aCase)).toBe('{"t":12345678901234567890}');
});

test.each([
  ['a placeholder within quotes', '{"case": "{id}"}'],
  ['a placeholder within a longer string', '{"case": "case {id}!"}'],
  ['a comma too many', '{"case": {id},}'],
  ['plain text', 'hello {id}'],
])('%s is refused where JSON is sent', (_what, template) => {
  expect(() => compileBody(template)).toThrow(UsageError);
});

test('other kinds of body are left alone', () => {
  expect(compileBody('id={id}', { json: false })(new Case('7', '{"id":7}'))).toBe('id="7"');
});
