/** `case-tracker schema NAME`: prints a JSON Schema, or the SQL of a results table. */

import { print } from '../io/sinks/print.js';
import { configSchema } from '../config/schema.js';
import type { Resolved } from '../config/resolved.js';
import {
  CASE_SCHEMA,
  type JsonSchema,
  NOTIFICATION_SCHEMA,
  REPORT_SCHEMA,
  RESULT_SCHEMA,
} from '../core/results/json-schemas.js';
import { EXIT, UsageError } from '../errors.js';
import type { Host } from '../host.js';

const SCHEMAS: Readonly<Record<Exclude<Resolved<'schema'>['values']['name'], 'sql'>, () => JsonSchema>> = {
  case: () => CASE_SCHEMA,
  result: () => RESULT_SCHEMA,
  report: () => REPORT_SCHEMA,
  config: () => configSchema(),
  notification: () => NOTIFICATION_SCHEMA,
};

export async function run({ values, sources }: Resolved<'schema'>, host: Host): Promise<number> {
  const { name, table } = values;
  if (name === 'sql') {
    const { resultsSql } = await import('../io/postgres/results-sql.js');
    await print(resultsSql(table), host);
    return EXIT.ok;
  }
  if (sources['table']?.from === 'flag') {
    throw new UsageError('--table is for schema sql', { hint: `case-tracker schema sql --table ${table}` });
  }
  await print(`${JSON.stringify(SCHEMAS[name](), null, 2)}\n`, host);
  return EXIT.ok;
}
