/** Saved results gathered into what reports show first. Memory does not grow with the number of results. */

import type { Failure, FailureKind, Place } from '../core/case.js';
import type { SavedResult } from '../core/report.js';
import { cut } from './words.js';

const MAX_GROUPS = 60;
const MAX_EXAMPLES = 3;
const MAX_ID = 100;
const MAX_MESSAGE = 200;
const MAX_BODY = 200;

/** Failures with the same kind and the same status, code or phase. Texts are those of the first one that has them, cut to be shown. */
export interface FailureGroup {
  readonly kind: FailureKind;
  readonly httpStatus?: number;
  readonly code?: string;
  readonly phase?: string;
  /** `http 503`, `timeout body`, `network ECONNRESET`, `response`. */
  readonly label: string;
  readonly message: string;
  readonly body?: string;
  readonly retryable: boolean;
  readonly examples: readonly Example[];
  readonly count: number;
}

export interface Example {
  readonly id: string;
  readonly source?: Place;
}

/** The failed results in groups. After 60 different ones the rest of a kind is counted as `kind (other)`. */
export class FailureGroups {
  readonly #groups = new Map<string, MutableGroup>();

  /** Counts a failed result; returns the label of its group. */
  add(result: SavedResult): string {
    const error = result.error ?? NO_ERROR;
    const label = this.#labelFor(error);
    const group = this.#groups.get(label) ?? newGroup(label, error);
    this.#groups.set(label, group);
    group.count++;
    if (error.body) group.body ??= cut(error.body, MAX_BODY);
    if (group.examples.length < MAX_EXAMPLES) group.examples.push(exampleOf(result));
    return label;
  }

  /** The largest group first. */
  sorted(): FailureGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
  }

  #labelFor(error: Failure): string {
    const label = labelOf(error);
    return this.#groups.has(label) || this.#groups.size < MAX_GROUPS ? label : `${error.kind} (other)`;
  }
}

/** Records that are not valid cases: the first ones in full, the others as a number. */
export class InvalidRecords {
  readonly first: SavedResult[] = [];
  count = 0;
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  add(result: SavedResult): void {
    this.count++;
    if (this.first.length < this.#max) this.first.push(shortened(result));
  }
}

/** The kind with what tells one cause from another: `http 503`, `timeout body`, `network ECONNRESET`. */
export function labelOf(error: Failure): string {
  const cause = causeOf(error);
  return cause === undefined ? error.kind : `${error.kind} ${cut(String(cause), 40)}`;
}

/** What tells one cause from another within a kind: the status, the phase or the code. */
export function causeOf({ kind, httpStatus, phase, code }: Failure): string | number | undefined {
  if (kind === 'http') return httpStatus;
  return kind === 'timeout' ? phase : code;
}

/** `cases.ndjson:77`, `cases.json, record 12`, or the empty string. */
export function placeText(place: Place | undefined): string {
  if (place === undefined) return '';
  const file = cut(place.file, MAX_ID);
  if (place.line !== undefined) return `${file}:${place.line}`;
  return place.index === undefined ? file : `${file}, record ${place.index}`;
}

/** The case's id, cut to be shown, or where the record without one stands. */
export function nameOf(result: SavedResult): string {
  return cut(result.caseId ?? (placeText(result.source) || `record ${result.index}`), MAX_ID);
}

/** The time of the calls of a case, waits between them left out, in milliseconds. */
export function callingMs(result: SavedResult): number {
  return result.tries?.reduce((sum, attempt) => sum + attempt.durationMs, 0) ?? result.durationMs;
}

type MutableGroup = Omit<FailureGroup, 'count' | 'examples' | 'body'> & {
  count: number;
  examples: Example[];
  body?: string;
};

const NO_ERROR: Failure = { kind: 'response', message: 'no cause was saved', retryable: false };

function newGroup(label: string, error: Failure): MutableGroup {
  return {
    kind: error.kind,
    ...(error.httpStatus === undefined ? {} : { httpStatus: error.httpStatus }),
    ...(error.code === undefined ? {} : { code: cut(error.code, 40) }),
    ...(error.phase === undefined ? {} : { phase: error.phase }),
    label,
    message: cut(error.message, MAX_MESSAGE),
    retryable: error.retryable,
    examples: [],
    count: 0,
  };
}

function exampleOf(result: SavedResult): Example {
  return { id: nameOf(result), ...(result.source === undefined ? {} : { source: result.source }) };
}

function shortened(result: SavedResult): SavedResult {
  const caseId = result.caseId === null ? null : cut(result.caseId, MAX_ID);
  const error = result.error === null ? null : { ...result.error, message: cut(result.error.message, MAX_MESSAGE) };
  return { ...result, caseId, error, enrichedCase: null };
}
