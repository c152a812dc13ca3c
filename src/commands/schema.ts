/** `case-tracker schema NAME`: prints a JSON Schema. */

import { print } from '../io/sinks/print.js';
import { configSchema } from '../config/schema.js';
import type { Resolved } from '../config/resolved.js';
import { CASE_SCHEMA, type JsonSchema, REPORT_SCHEMA, RESULT_SCHEMA } from '../core/results/json-schemas.js';
import { EXIT } from '../errors.js';
import type { Host } from '../host.js';

const SCHEMAS: Readonly<Record<Resolved<'schema'>['values']['name'], () => JsonSchema>> = {
  case: () => CASE_SCHEMA,
  result: () => RESULT_SCHEMA,
  report: () => REPORT_SCHEMA,
  config: () => configSchema(),
};

export async function run({ values }: Resolved<'schema'>, host: Host): Promise<number> {
  await print(`${JSON.stringify(SCHEMAS[values.name](), null, 2)}\n`, host);
  return EXIT.ok;
}
