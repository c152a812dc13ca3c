/** From what the queue gives to entries: payloads are untrusted records like any input. */

import { Case, type Entry, type Failure, type Place } from '../../core/case.js';
import { type FieldOptions, RecordShape } from '../../core/cases/record.js';
import { UsageError } from '../../errors.js';
import { oneLine } from '../../json/text.js';
import { formatCounted } from '../../text/format.js';
import { isTooDeep, jsonProblem, MAX_RECORD_BYTES, TOO_DEEP, TOO_LARGE } from '../sources/file/record-sink.js';
import type { QueueDelivery } from './delivery.js';
import { stateField } from './keys.js';
import type { TakenEntry } from './taken.js';

/** The largest case, in bytes of UTF-8, as in files. */
export const LONGEST_TEXT = MAX_RECORD_BYTES;

const FORMAT = 1;

/** A taken entry as the run gets it. */
export interface Payload {
  readonly entry: Entry;
  readonly delivery: QueueDelivery;
  /** The case was added by another program, and has no revision yet. */
  readonly isForeign: boolean;
}

export interface PayloadRules {
  readonly shape: RecordShape;
  /** A case that was delivered so often, to workers that died, is failed. */
  readonly deliveries: number;
  /** The queue's name, for places. */
  readonly queue: string;
}

export function payloadRules(fields: FieldOptions, deliveries: number, queue: string): PayloadRules {
  return { shape: new RecordShape(fields), deliveries, queue };
}

/** Throws a UsageError for an entry that this version or these settings can't read: it has to be given back. */
export function payloadOf(taken: TakenEntry, rules: PayloadRules): Payload {
  if (Number(taken.version) > FORMAT) throw newer(taken);
  const record = recordOf(taken, rules.shape);
  const isForeign = taken.revision === '' || taken.id === '';
  const { index } = taken;
  const source = placeOf(taken, rules.queue);
  if ('problem' in record) {
    const delivery = deliveryOf(taken, '', '');
    return {
      entry: { kind: 'invalid', index, caseId: record.caseId, source, message: record.problem, delivery },
      delivery,
      isForeign: false,
    };
  }
  if (!isForeign && stateField(record.id) !== taken.id) throw otherId(taken, record.id);
  const delivery = deliveryOf(taken, record.id, isForeign ? '' : taken.revision);
  const known = { kind: 'case', index, case: new Case(record.id, record.text), source, delivery } as const;
  const entry = taken.deliveries >= rules.deliveries ? { ...known, failure: condemned(taken.deliveries) } : known;
  return { entry, delivery, isForeign };
}

type Record =
  | { readonly id: string; readonly text: string }
  | { readonly caseId: string | null; readonly problem: string };

function recordOf({ text, lack, version }: TakenEntry, shape: RecordShape): Record {
  if (lack === 'long') return { caseId: null, problem: TOO_LARGE };
  if (lack === 'none') return { caseId: null, problem: 'it has no field c with the case' };
  if (!/^\d+$/.test(version)) return { caseId: null, problem: `its version ${version} is no number` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { caseId: null, problem: `not JSON: ${jsonProblem(error)}` };
  }
  if (isTooDeep(text)) return { caseId: null, problem: TOO_DEEP };
  const check = shape.check(value, text);
  return check.ok ? { id: check.id, text: oneLine(text) } : { caseId: check.caseId, problem: check.message };
}

function deliveryOf({ entry }: TakenEntry, id: string, revision: string): QueueDelivery {
  return { entry, id, revision, isBegun: false, isLost: false };
}

/** Where the record stood when it was put in; for one that another program has added, its entry in the queue. */
function placeOf({ place, index, entry }: TakenEntry, queue: string): Place {
  const inLines = /^(.+):(\d{1,15})$/s.exec(place);
  if (inLines !== null && Number(inLines[2]) > 0) return { file: inLines[1] ?? '', line: Number(inLines[2]) };
  const inArray = /^(.+)\[(\d{1,15})\]$/s.exec(place);
  if (inArray !== null) return { file: inArray[1] ?? '', index: Number(inArray[2]) };
  return { file: place === '' ? `queue ${queue} ${entry}` : place, index };
}

function condemned(deliveries: number): Failure {
  const times = formatCounted(deliveries, 'worker');
  return { kind: 'case', message: `${times} died with it in work (--max-deliveries)`, retryable: false };
}

function newer({ version, entry }: TakenEntry): UsageError {
  return new UsageError(`the queue has a case of format ${version}, which a newer version of case-tracker has put in`, {
    details: [`entry ${entry}; it was given back`],
    hint: 'update this worker',
  });
}

function otherId({ id, entry }: TakenEntry, here: string): UsageError {
  return new UsageError(`the queue has the case ${short(id)}, whose id is read as ${short(here)} here`, {
    details: [`entry ${entry}; it was given back`],
    hint: 'the same --id-field as for enqueue',
  });
}

function short(id: string): string {
  return id.length > 60 ? `${id.slice(0, 59)}…` : id;
}
