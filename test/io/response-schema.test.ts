import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { loadResponseSchema } from '../../src/io/response-schema.js';

const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';

function check(schema: unknown, value: unknown): string | null {
  return loadResponseSchema(JSON.stringify(schema), 'schema.json').check(value);
}

describe('keywords', () => {
  test.each<[string, unknown, unknown, unknown]>([
    ['type', { type: 'object' }, {}, []],
    ['properties without type', { properties: { a: { type: 'string' } } }, { a: 'x' }, { a: 1 }],
    ['required', { required: ['a'] }, { a: 1 }, {}],
    ['additionalProperties', { properties: { a: {} }, additionalProperties: false }, { a: 1 }, { b: 1 }],
    ['patternProperties', { patternProperties: { '^x': { type: 'number' } } }, { x1: 1, y: 's' }, { x1: 's' }],
    ['$ref and $defs', { $defs: { s: { type: 'string' } }, items: { $ref: '#/$defs/s' } }, ['a'], [1]],
    ['keywords beside $ref', { $defs: { s: { type: 'string' } }, $ref: '#/$defs/s', minLength: 2 }, 'ab', 'a'],
    ['a schema that refers to itself', { type: 'array', items: { $ref: '#' } }, [[[]]], [[1]]],
    ['allOf', { allOf: [{ minimum: 1 }, { maximum: 2 }] }, 1, 3],
    ['anyOf', { anyOf: [{ const: 1 }, { const: 2 }] }, 2, 3],
    ['oneOf', { oneOf: [{ minimum: 1 }, { minimum: 5 }] }, 2, 6],
    ['not', { not: { type: 'string' } }, 1, 'a'],
    ['if, then, else', JSON.parse('{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":0}}'), 'ab', -1],
    ['const with an object', { const: { a: [1] } }, { a: [1] }, { a: [2] }],
    ['enum', { enum: [1, null, { a: 1 }] }, { a: 1 }, 2],
    ['pattern', { pattern: '^\\p{L}+$' }, 'ü', '1'],
    ['prefixItems', { prefixItems: [{ type: 'string' }], items: false }, ['a'], ['a', 1]],
    ['contains', { contains: { const: 1 }, maxContains: 1 }, [1, 2], [1, 1]],
    ['unevaluatedProperties', { allOf: [{ properties: { a: {} } }], unevaluatedProperties: false }, { a: 1 }, { b: 1 }],
    ['dependentRequired', { dependentRequired: { a: ['b'] } }, { a: 1, b: 1 }, { a: 1 }],
    ['format', { format: 'date-time' }, '2026-11-22T09:30:00Z', 'yesterday'],
    ['uniqueItems', { uniqueItems: true }, [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 1 }]],
    ['a default fills nothing in', { properties: { a: { default: 1 } }, required: ['a'] }, { a: 1 }, {}],
    ['items as a list in draft 7', { $schema: DRAFT_07, items: [{ type: 'string' }] }, ['a', 1], [1]],
    [
      'definitions in draft 7',
      { $schema: DRAFT_07, definitions: { n: { type: 'null' } }, $ref: '#/definitions/n' },
      null,
      1,
    ],
    [
      'dependencies in 2019-09 by their new name',
      { $schema: 'https://json-schema.org/draft/2019-09/schema', dependentSchemas: { a: { required: ['b'] } } },
      { a: 1, b: 1 },
      { a: 1 },
    ],
  ])('%s', (_what, schema, good, bad) => {
    expect(check(schema, good)).toBeNull();
    expect(check(schema, bad)).toEqual(expect.any(String));
  });

  test('true allows everything, false nothing', () => {
    expect(check(true, 1)).toBeNull();
    expect(check(false, 1)).toEqual(expect.any(String));
  });
});

test.each([
  ['the place and the rule', { properties: { a: { type: 'number' } } }, { a: 's' }, '/a must be number'],
  ['the whole answer', { type: 'object' }, [], 'it must be object'],
  ['the member too many', { additionalProperties: false }, { b: 1 }, 'it must NOT have additional properties ("b")'],
])('the problem names %s', (_what, schema, value, problem) => {
  expect(check(schema, value)).toBe(problem);
});

test.each([
  ['what is not JSON', '{', 'schema.json is not JSON'],
  ['an array', '[]', 'it must be an object, true or false'],
  ['a word that is no keyword', '{"requird":["a"]}', 'unknown keyword: "requird"'],
  [
    'a keyword of a later draft',
    `{"$schema":"${DRAFT_07}","unevaluatedItems":false}`,
    'unknown keyword: "unevaluatedItems"',
  ],
  ['a format that is unknown', '{"format":"phone"}', 'unknown format "phone"'],
  ['a type that is none', '{"type":"text"}', 'type'],
  ['a pattern that is none', '{"pattern":"("}', 'schema.json is not a schema that can be checked'],
  ['a reference to nothing', '{"$ref":"#/$defs/x"}', "can't resolve reference #/$defs/x"],
  ['a reference to elsewhere', '{"$ref":"https://example.com/s.json"}', "can't resolve reference"],
  ['an old draft', '{"$schema":"http://json-schema.org/draft-04/schema#"}', 'use draft-07'],
  ['$async', '{"$async":true}', '$async'],
])('%s is refused', (_what, text, message) => {
  const load = (): unknown => loadResponseSchema(text, 'schema.json');
  expect(load).toThrow(UsageError);
  try {
    load();
  } catch (error) {
    const { message: what, hint = '' } = error as UsageError;
    expect(`${what} ${hint}`).toContain(message);
  }
});

test('the hash names the schema', () => {
  const [a, b] = ['{"type":"object"}', '{"type":"array"}'].map((text) => loadResponseSchema(text, 's').hash);
  expect(a).toMatch(/^[\w-]{22}$/);
  expect(a).not.toBe(b);
});
