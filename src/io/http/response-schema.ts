/** `--response-schema`: a JSON Schema that every answer must satisfy. */

import { hash } from 'node:crypto';
import { Ajv, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { UsageError } from '../../errors.js';
import type { ResponseSchema } from './answer.js';
import { compilePattern } from './linear-pattern.js';
import { plainSchema, type Schema } from './openapi-schema.js';

// Unknown keywords and formats are ignored, as JSON Schema says.
const OPTIONS: Options = {
  strictSchema: false,
  strictNumbers: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  allowUnionTypes: true,
  messages: true,
  logger: false,
  code: { regExp: Object.assign((pattern: string) => compilePattern(pattern), { code: 'compilePattern' }) },
};

/**
 * Compiles the text of a JSON Schema (draft 7, 2019-09 or 2020-12; the last where it does not say). `name` is what
 * messages call it. Schemas of OpenAPI 3.0 and 3.1 are understood. Throws a UsageError for what is not JSON or no schema.
 */
export function loadResponseSchema(text: string, name: string): ResponseSchema {
  const validate = compile(parse(text, name), name);
  return {
    check: (value) => (validate(value) ? null : firstProblem(validate)),
    hash: hash('sha256', text, 'base64url').slice(0, 22),
  };
}

function parse(text: string, name: string): Schema {
  let schema: unknown;
  try {
    schema = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof schema === 'boolean') return schema;
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) {
    refuseDocument(schema, name);
    return schema as Schema;
  }
  throw new UsageError(`${name} is not a JSON Schema: it must be an object, true or false`);
}

/** Refuses an object without any keyword of JSON Schema: every answer would satisfy it. */
function refuseDocument(schema: object, name: string): void {
  if (!('openapi' in schema || 'swagger' in schema)) return;
  throw new UsageError(`${name} is a whole OpenAPI document, not a schema`, {
    hint: `take the schema out of it: jq '.components.schemas.NAME + {components}' ${name} > schema.json`,
  });
}

function compile(schema: Schema, name: string): ValidateFunction {
  const ajv = validatorFor(schema, name);
  // A CommonJS package: its default export is the member `default`.
  addFormats.default(ajv);
  try {
    return ajv.compile(withoutDialect(plainSchema(schema)));
  } catch (error) {
    const reason = (error as Error).message.replace(/^strict mode: /, '');
    throw new UsageError(`${name} is not a schema that can be checked: ${reason}`, { cause: error });
  }
}

function validatorFor(schema: Schema, name: string): Ajv {
  const version = versionOf(schema);
  if (version.includes('2020-12')) return new Ajv2020(OPTIONS);
  if (version.includes('2019-09')) return new Ajv2019(OPTIONS);
  if (version.includes('draft-07')) return new Ajv(OPTIONS);
  throw new UsageError(`${name} is written in a version of JSON Schema that is not supported: ${version}`, {
    hint: 'use draft-07, 2019-09 or 2020-12',
  });
}

function withoutDialect(schema: Schema): Schema {
  if (typeof schema !== 'object' || !isOpenApiDialect(schema['$schema'])) return schema;
  const { $schema: _, ...rest } = schema;
  return rest;
}

/** The schema's draft; OpenAPI 3.1 has a name of its own for 2020-12. */
function versionOf(schema: Schema): string {
  const given = typeof schema === 'object' ? (schema['$schema'] ?? '2020-12') : '2020-12';
  return isOpenApiDialect(given) ? '2020-12' : JSON.stringify(given);
}

function isOpenApiDialect(version: unknown): boolean {
  return typeof version === 'string' && version.startsWith('https://spec.openapis.org/oas/3.1/');
}

/** Where in the answer, and what is wrong there: `/items/0/score must be number`. */
function firstProblem(validate: ValidateFunction): string {
  const [error] = validate.errors ?? [];
  if (error === undefined) return 'it does not match';
  const extra = error.params['additionalProperty'] ?? error.params['unevaluatedProperty'];
  const which = typeof extra === 'string' ? ` (${JSON.stringify(extra)})` : '';
  return `${error.instancePath === '' ? 'it' : error.instancePath} ${error.message ?? 'does not match'}${which}`;
}
