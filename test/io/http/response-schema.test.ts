import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.js';
import { loadResponseSchema } from '../../../src/io/http/response-schema.js';

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

describe('what JSON Schema does not know is passed over', () => {
  test.each<[string, unknown]>([
    ['an example', { example: { n: 1 }, examples: { a: { $ref: '#/nowhere', $id: 'x' } } }],
    ['a note of its author', { 'x-order': 1, 'x-enum-varnames': ['A'] }],
    ['words of OpenAPI', { xml: { name: 'n' }, externalDocs: { url: 'u' }, discriminator: { propertyName: 'kind' } }],
    ['a misspelt word', { requird: ['a'] }],
    ['a keyword of a later draft', { $schema: DRAFT_07, unevaluatedItems: false }],
    ['a keyword of an older draft', { id: 'http://example.com/s', divisibleBy: 2 }],
    ['a word of the validator', { $async: true, nullable: false }],
    ['a format that is unknown', { properties: { n: { format: 'phone' } } }],
    ['an unknown format beside a type', { properties: { n: { type: 'number', format: 'money' } } }],
    ['a pattern that is right without the u flag only', { properties: { s: { pattern: String.raw`^[\w-.]+\-$` } } }],
  ])('%s', (_what, more) => {
    const schema = { ...(more as object), required: ['n'] };
    expect(check(schema, { n: 1, s: 'a.b-' })).toBeNull();
    expect(check(schema, { s: 'a.b-' })).toEqual(expect.any(String));
  });

  test('known formats are still checked beside unknown ones', () => {
    const schema = { properties: { a: { format: 'phone' }, b: { format: 'date' } } };
    expect(check(schema, { a: '-', b: '2026-11-22' })).toBeNull();
    expect(check(schema, { a: '-', b: '-' })).toEqual(expect.any(String));
  });
});

describe('a schema taken from an OpenAPI document works', () => {
  const PET = {
    type: 'object',
    required: ['id', 'name'],
    description: 'A pet',
    example: { id: 1, name: 'Rex' },
    properties: {
      id: { type: 'integer', format: 'int64', example: 10, minimum: 0, exclusiveMinimum: true },
      name: { type: 'string', nullable: true, 'x-order': 2 },
      owner: { allOf: [{ $ref: '#/components/schemas/Owner' }], nullable: true },
      tags: { type: 'array', items: { $ref: '#/components/schemas/Tag' }, xml: { wrapped: true } },
      weight: { type: 'number', format: 'float', maximum: 9, exclusiveMaximum: false },
      id2: { type: 'string', format: 'uuid', readOnly: true, deprecated: true },
      example: { type: 'string' },
    },
    components: {
      schemas: {
        Owner: { type: 'object', properties: { name: { type: 'string', nullable: true } } },
        Tag: { type: 'string', enum: ['a', 'b'], 'x-enum-varnames': ['A', 'B'] },
      },
    },
  };

  test.each<[string, unknown]>([
    ['whole', { id: 1, name: 'Rex', owner: { name: 'Mira' }, tags: ['a'], weight: 9 }],
    ['null where nullable says so', { id: 1, name: null, owner: null }],
    ['null in what is referred to', { id: 1, name: 'Rex', owner: { name: null } }],
  ])('%s', (_what, answer) => {
    expect(check(PET, answer)).toBeNull();
    expect(check({ $schema: 'https://spec.openapis.org/oas/3.1/dialect/base', ...PET }, answer)).toBeNull();
  });

  test.each<[string, unknown, string]>([
    ['an exclusive minimum', { id: 0, name: 'Rex' }, '/id must be > 0'],
    ['null where nothing says so', { id: null, name: 'Rex' }, '/id must be integer'],
    ['what is referred to', { id: 1, name: 'Rex', tags: ['c'] }, '/tags/0 must be equal to one of the allowed values'],
    ['a property that is called example', { id: 1, name: 'Rex', example: 1 }, '/example must be string'],
    ['a limit that is not exclusive', { id: 1, name: 'Rex', weight: 9.5 }, '/weight must be <= 9'],
  ])('%s is still checked', (_what, answer, problem) => {
    expect(check(PET, answer)).toBe(problem);
  });

  test('nullable as a whole, with references that begin there', () => {
    const schema = {
      nullable: true,
      $ref: '#/components/schemas/T',
      components: { schemas: { T: { type: 'string' } } },
    };
    expect([null, 'a', 1].map((value) => check(schema, value) === null)).toEqual([true, true, false]);
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
  ['a keyword with a value that it can not have', '{"required":true}', 'required'],
  ['a property that is no schema', '{"properties":{"a":5}}', 'properties/a'],
  ['a whole OpenAPI document', '{"openapi":"3.0.3","components":{}}', 'components.schemas'],
  ['a type that is none', '{"type":"text"}', 'type'],
  ['a pattern that is none', '{"pattern":"("}', 'schema.json is not a schema that can be checked'],
  ['a reference to nothing', '{"$ref":"#/$defs/x"}', "can't resolve reference #/$defs/x"],
  ['a reference to elsewhere', '{"$ref":"https://example.com/s.json"}', "can't resolve reference"],
  ['an old draft', '{"$schema":"http://json-schema.org/draft-04/schema#"}', 'use draft-07'],
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
