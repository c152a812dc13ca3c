/** What is wrong with the endpoint of all runs is told before the first one is taken. */

import type { EnrichValues, Resolved } from '../../config/resolved.js';
import { UsageError } from '../../errors.js';
import { commandLine } from '../../text/shell.js';

/** Throws a UsageError where nobody has said what is to be called. */
export function needEndpoint({ endpoint, dir = 'runs/' }: Resolved<'api'>['values']): void {
  if (endpoint !== undefined) return;
  throw new UsageError('no endpoint given', {
    hint:
      `${commandLine(['api', '--dir', dir, '--endpoint', 'https://api.example.com/cases/{id}'])}\n` +
      'or "endpoint" in case-tracker.config.json, or CASE_TRACKER_ENDPOINT; to try it out: --endpoint demo',
  });
}

/** Rejects with a UsageError for an endpoint that no run could call. */
export async function checkEndpoint(values: EnrichValues): Promise<void> {
  const { endpoint, fieldNames, idField, batch, noAppendId } = values;
  if (endpoint === 'demo' || endpoint === 'demo:flaky') return;
  const { compileEndpoint } = await import('../../io/http/endpoint.js');
  compileEndpoint(endpoint, {
    fieldNames,
    ...(idField === undefined ? {} : { idField }),
    fixed: batch !== undefined,
    appendId: !noAppendId,
  });
}
