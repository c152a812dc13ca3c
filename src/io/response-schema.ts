/** `--response-schema`: a JSON Schema that every answer must satisfy. */

import { hash } from 'node:crypto';
import { Ajv, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { UsageError } from '../errors.js';
import type { ResponseSchema } from './http-answer.js';

// Strict about words it does not know, lenient about style.
const OPTIONS: Options = {
  strictSchema: true,
  strictNumbers: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  allowUnionTypes: true,
  messages: true,
  logger: false,
};

/**
 * Compiles the text of a JSON Schema (draft 7, 2019-09 or 2020-12; the last where it does not say). `name` is what
 * messages call it. Throws a UsageError for what is not JSON, no schema, or uses keywords or formats that are unknown.
 */
export function loadResponseSchema(text: string, name: string): ResponseSchema {
  const validate = compile(parse(text, name), name);
  return {
    check: (value) => (validate(value) ? null : firstProblem(validate)),
    hash: hash('sha256', text, 'base64url').slice(0, 22),
  };
}

function parse(text: string, name: string): Record<string, unknown> | boolean {
  let schema: unknown;
  try {
    schema = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof schema === 'boolean') return schema;
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as Record<string, unknown>;
  throw new UsageError(`${name} is not a JSON Schema: it must be an object, true or false`);
}

function compile(schema: Record<string, unknown> | boolean, name: string): ValidateFunction {
  const ajv = validatorFor(schema, name);
  // A package that is CommonJS: its default export arrives as a member of itself.
  addFormats.default(ajv);
  if (typeof schema === 'object' && '$async' in schema) throw new UsageError(`${name}: $async is not JSON Schema`);
  try {
    return ajv.compile(schema);
  } catch (error) {
    const reason = (error as Error).message.replace(/^strict mode: /, '');
    throw new UsageError(`${name} is not a schema that can be checked: ${reason}`, { cause: error });
  }
}

function validatorFor(schema: Record<string, unknown> | boolean, name: string): Ajv {
  const version = typeof schema === 'object' ? JSON.stringify(schema['$schema'] ?? '2020-12') : '2020-12';
  if (version.includes('2020-12')) return new Ajv2020(OPTIONS);
  if (version.includes('2019-09')) return new Ajv2019(OPTIONS);
  if (version.includes('draft-07')) return new Ajv(OPTIONS);
  throw new UsageError(`${name} is written in a version of JSON Schema that is not supported: ${version}`, {
    hint: 'use draft-07, 2019-09 or 2020-12',
  });
}

/** Where in the answer, and what is wrong there: `/items/0/score must be number`. */
function firstProblem(validate: ValidateFunction): string {
  const [error] = validate.errors ?? [];
  if (error === undefined) return 'it does not match';
  const extra = error.params['additionalProperty'] ?? error.params['unevaluatedProperty'];
  const which = typeof extra === 'string' ? ` (${JSON.stringify(extra)})` : '';
  return `${error.instancePath === '' ? 'it' : error.instancePath} ${error.message ?? 'does not match'}${which}`;
}
