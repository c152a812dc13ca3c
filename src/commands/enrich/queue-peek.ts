/** `enrich --queue --dry-run`: looks at the first cases of the queue without taking them. */

import type { CaseSource } from '../../core/ports.js';
import type { QueueAddress } from '../../core/queue-address.js';
import type { Resolved } from '../../config/resolved.js';
import type { Host } from '../../host.js';
import { payloadOf, payloadRules } from '../../io/queue/payload.js';
import { firstCases, type StreamEntry, valueOf } from '../../io/queue/stored-results.js';
import { GivenCases } from '../../io/sources/given-cases.js';
import { openQueueOf } from '../shared/queue.js';

const MOST_SHOWN = 5;

type Values = Resolved<'enrich'>['values'] & { readonly queue: QueueAddress };

/** The first cases that wait, or are in work. */
export async function peekCases(values: Values, host: Host): Promise<CaseSource> {
  using opened = await openQueueOf(values, host, false);
  const { idField, fieldNames, maxDeliveries, queue } = values;
  const fields = { fieldNames, ...(idField === undefined ? {} : { idField }) };
  const rules = payloadRules(fields, maxDeliveries, queue.name);
  const waiting = await firstCases(opened.queue, MOST_SHOWN);
  return new GivenCases(waiting.map((one, at) => payloadOf(takenOf(one, at), rules).entry));
}

function takenOf([entry, fields]: StreamEntry, index: number): Parameters<typeof payloadOf>[0] {
  const of = (name: string): string | undefined => valueOf(fields, name);
  const text = of('c');
  return {
    entry,
    deliveries: 0,
    version: of('v') ?? '1',
    id: of('id') ?? '',
    revision: of('rev') ?? '',
    index,
    place: of('src') ?? '',
    text: text ?? '',
    lack: text === undefined ? 'none' : undefined,
  };
}
