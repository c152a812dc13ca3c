/** A schema of OpenAPI 3.0, or one with notes of its author, as JSON Schema: constructs that the validator can't handle are rewritten. */

/** A JSON Schema: true, false, or keywords. */
export type Schema = Readonly<Record<string, unknown>> | boolean;

/**
 * The equivalent JSON Schema: `nullable` and the exclusive limits of OpenAPI 3.0 are translated; annotations for people,
 * and keywords that have a special meaning to the validator, are left out.
 */
export function plainSchema(schema: Schema): Schema {
  if (typeof schema !== 'object') return schema;
  const kept = Object.entries(schema).filter(([keyword]) => !LEFT_OUT.has(keyword));
  const plain = Object.fromEntries(kept.map(([keyword, value]) => [keyword, plainValue(keyword, value)]));
  makeExclusive(plain, 'minimum', 'exclusiveMinimum');
  makeExclusive(plain, 'maximum', 'exclusiveMaximum');
  return schema['nullable'] === true ? withNull(plain) : plain;
}

// `example` may hold anything, a `$ref` or an `$id` too; `id` belongs to draft 4, `$async` is the validator's own.
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
  // References of an OpenAPI document point into its `components`.
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

/** Rewrites `"minimum": 0, "exclusiveMinimum": true` to `"exclusiveMinimum": 0`. */
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
  // Without a `type` beside it, as with a `$ref` or an `allOf`, `nullable` applies to the whole schema.
  const entries = Object.entries(schema);
  const outside = Object.fromEntries(entries.filter(([keyword]) => OF_DOCUMENT.has(keyword)));
  const inside = Object.fromEntries(entries.filter(([keyword]) => !OF_DOCUMENT.has(keyword)));
  return { ...outside, anyOf: [inside, { type: 'null' }] };
}

// References are resolved from the outermost schema, so these keywords stay there.
const OF_DOCUMENT: ReadonlySet<string> = new Set(['$schema', '$id', '$defs', '$anchor', 'definitions', 'components']);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
