/** A schema of OpenAPI 3.0, or one with notes of its author, as JSON Schema: what the validator would stumble over is put another way. */

/** A JSON Schema: true, false, or keywords. */
export type Schema = Readonly<Record<string, unknown>> | boolean;

/**
 * The same schema in words of JSON Schema: `nullable` and the exclusive limits of OpenAPI 3.0 are put as JSON Schema has
 * them; what is only for people, and what the validator has meanings of its own for, is left out.
 */
export function plainSchema(schema: Schema): Schema {
  if (typeof schema !== 'object') return schema;
  const kept = Object.entries(schema).filter(([keyword]) => !LEFT_OUT.has(keyword));
  const plain = Object.fromEntries(kept.map(([keyword, value]) => [keyword, plainValue(keyword, value)]));
  makeExclusive(plain, 'minimum', 'exclusiveMinimum');
  makeExclusive(plain, 'maximum', 'exclusiveMaximum');
  return schema['nullable'] === true ? withNull(plain) : plain;
}

// `example` may hold anything, a `$ref` or an `$id` too; `id` is draft 4's, `$async` the validator's own.
const LEFT_OUT: ReadonlySet<string> = new Set([
  'example',
  'examples',
  'default',
  'nullable',
  'discriminator',
  'id',
  '$async',
]);

const ONE: ReadonlySet<string> = new Set([
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
const LISTED: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems']);
const NAMED: ReadonlySet<string> = new Set([
  '$defs',
  'definitions',
  'dependencies',
  'dependentSchemas',
  'patternProperties',
  'properties',
]);

function plainValue(keyword: string, value: unknown): unknown {
  if (LISTED.has(keyword) && Array.isArray(value)) return value.map(plainIfSchema);
  if (ONE.has(keyword)) return plainIfSchema(value);
  if (NAMED.has(keyword)) return mapped(value, plainIfSchema);
  // Where the references of a document lead to.
  if (keyword === 'components') return mapped(value, (part) => mapped(part, plainIfSchema));
  return value;
}

function plainIfSchema(value: unknown): unknown {
  return isObject(value) ? plainSchema(value) : value;
}

function mapped(value: unknown, change: (member: unknown) => unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member)]));
}

/** `"minimum": 0, "exclusiveMinimum": true` is `"exclusiveMinimum": 0`. */
function makeExclusive(schema: Record<string, unknown>, limit: string, exclusive: string): void {
  const isExclusive = schema[exclusive];
  if (typeof isExclusive !== 'boolean') return;
  delete schema[exclusive];
  if (!isExclusive || schema[limit] === undefined) return;
  schema[exclusive] = schema[limit];
  delete schema[limit];
}

function withNull(schema: Readonly<Record<string, unknown>>): Schema {
  const { type } = schema;
  if (typeof type === 'string') return { ...schema, type: [type, 'null'] };
  if (type !== undefined) return Array.isArray(type) ? { ...schema, type: [...new Set([...type, 'null'])] } : schema;
  // Without a type of its own, as beside a `$ref` or an `allOf`, it is meant of the whole.
  const entries = Object.entries(schema);
  const outside = Object.fromEntries(entries.filter(([keyword]) => OF_DOCUMENT.has(keyword)));
  const inside = Object.fromEntries(entries.filter(([keyword]) => !OF_DOCUMENT.has(keyword)));
  return { ...outside, anyOf: [inside, { type: 'null' }] };
}

// References begin at the outermost schema: these stay there.
const OF_DOCUMENT: ReadonlySet<string> = new Set(['$schema', '$id', '$defs', '$anchor', 'definitions', 'components']);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
