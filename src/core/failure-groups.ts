/** Failures of the same kind and cause taken together, in memory that does not grow with their number. */

import type { EnrichmentResult, Failure, FailureKind, NotRetried, Place, TimeoutPhase } from './case.js';
import { clip, endpointWords, isHtml } from './endpoint-words.js';
import type { SavedResult } from './report.js';

const MOST_GROUPS = 64;
const MOST_EXAMPLES = 3;
const LONGEST_EXAMPLE = 200;
const LONGEST_MESSAGE = 400;

/** Failed cases, or invalid records, that share kind and cause. All texts are raw: not yet made printable. */
export interface FailureGroup {
  readonly status: 'failed' | 'invalid';
  /** `other` gathers what came after the 64th group. */
  readonly kind: FailureKind | 'other';
  readonly httpStatus?: number;
  readonly code?: string;
  readonly phase?: TimeoutPhase;
  readonly notRetried?: NotRetried;
  readonly count: number;
  /** How many of them are worth another run. */
  readonly retryable: number;
  /** The first three: ids of failed cases, `file:line` of invalid records. */
  readonly examples: readonly string[];
  /** The message of the first one. */
  readonly message: string;
  /** What the endpoint said to the first one that it said anything to. */
  readonly words?: string;
  /** True when it said something else to another one. */
  readonly wordsVary: boolean;
  /** True when an answer was a web page. */
  readonly html: boolean;
  /** True for valid cases that lack what the request needs: the endpoint's template or the body. */
  readonly unsendable: boolean;
}

type Growing = { -readonly [K in keyof FailureGroup]: FailureGroup[K] } & { examples: string[] };

/** Takes results one by one and groups those that failed or were invalid; cancelled ones explain nothing. */
export class FailureGroups {
  readonly #groups = new Map<string, Growing>();
  #slowestSuccessMs: number | undefined;

  add(result: EnrichmentResult | SavedResult): void {
    if (result.status === 'enriched') this.#noteSuccess(result);
    else if (result.error !== null && result.status !== 'cancelled') this.#addTo(this.#groupOf(result), result);
  }

  /** The longest successful attempt so far, in milliseconds; undefined without one. */
  get slowestSuccessMs(): number | undefined {
    return this.#slowestSuccessMs;
  }

  /** The groups, most cases first; `other` groups last. */
  groups(): FailureGroup[] {
    const rank = (group: FailureGroup): number => (group.kind === 'other' ? -1 : group.count);
    return structuredClone([...this.#groups.values()]).toSorted((a, b) => rank(b) - rank(a));
  }

  #noteSuccess(result: EnrichmentResult | SavedResult): void {
    if (result.attempts === 0) return;
    const lastMs = result.tries?.at(-1)?.durationMs ?? result.durationMs;
    this.#slowestSuccessMs = Math.max(this.#slowestSuccessMs ?? 0, lastMs);
  }

  #groupOf(result: EnrichmentResult | SavedResult): Growing {
    const failure = result.error as Failure;
    const status = result.status === 'invalid' ? 'invalid' : 'failed';
    const key = groupKey(status, failure);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const full = this.#groups.size >= MOST_GROUPS;
    const otherKey = `${status} other`;
    const group = full ? (this.#groups.get(otherKey) ?? otherGroup(status)) : newGroup(status, result);
    this.#groups.set(full ? otherKey : key, group);
    return group;
  }

  #addTo(group: Growing, result: EnrichmentResult | SavedResult): void {
    const failure = result.error as Failure;
    group.count += 1;
    if (failure.retryable) group.retryable += 1;
    if (group.examples.length < MOST_EXAMPLES) group.examples.push(clip(exampleOf(result), LONGEST_EXAMPLE));
    if (isHtml(failure.body)) group.html = true;
    noteWords(group, failure.body);
  }
}

/** The failure in two words: `http 422`, `network ECONNRESET`, `timeout body`. Raw, like the code in it. */
export function failureLabel(failure: Pick<FailureGroup, 'kind' | 'httpStatus' | 'code' | 'phase'>): string {
  const detail = failure.httpStatus ?? failure.code ?? (failure.phase === 'response' ? undefined : failure.phase);
  return detail === undefined ? failure.kind : `${failure.kind} ${clip(String(detail), 40)}`;
}

/** Where a record stands, for people: `cases.ndjson:77`, `cases.json[411]`. */
export function placeText(place: Place): string {
  if (place.line !== undefined) return `${place.file}:${place.line}`;
  return place.index === undefined ? place.file : `${place.file}[${place.index}]`;
}

function groupKey(status: string, failure: Failure): string {
  const cause = failure.httpStatus ?? failure.code ?? failure.phase ?? messageShape(failure.message);
  return `${status} ${failure.kind} ${clip(String(cause), LONGEST_EXAMPLE)} ${failure.notRetried ?? ''}`;
}

/** A message without the parts that differ from case to case. */
function messageShape(message: string): string {
  return clip(message, LONGEST_EXAMPLE).replace(/"[^"]*"?|'[^']*'|\d+/g, '#');
}

function newGroup(status: 'failed' | 'invalid', result: EnrichmentResult | SavedResult): Growing {
  const { kind, httpStatus, code, phase, notRetried, message } = result.error as Failure;
  return {
    ...emptyGroup(status, kind, clip(message, LONGEST_MESSAGE)),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(code === undefined ? {} : { code: clip(code, LONGEST_EXAMPLE) }),
    ...(phase === undefined ? {} : { phase }),
    ...(notRetried === undefined ? {} : { notRetried }),
    unsendable: status === 'invalid' && 'case' in result && result.case !== undefined,
  };
}

function otherGroup(status: 'failed' | 'invalid'): Growing {
  return emptyGroup(status, 'other', 'for other reasons');
}

function emptyGroup(status: 'failed' | 'invalid', kind: FailureGroup['kind'], message: string): Growing {
  return {
    status,
    kind,
    count: 0,
    retryable: 0,
    examples: [],
    message,
    wordsVary: false,
    html: false,
    unsendable: false,
  };
}

function exampleOf(result: EnrichmentResult | SavedResult): string {
  if (result.status === 'invalid' && result.source !== undefined) return placeText(result.source);
  return result.caseId ?? 'no id';
}

function noteWords(group: Growing, body: string | undefined): void {
  if (group.wordsVary) return;
  const words = endpointWords(body);
  if (words === undefined) return;
  group.words ??= words;
  group.wordsVary = group.words !== words;
}
