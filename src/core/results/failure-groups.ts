/** Failures of the same kind and cause taken together, in memory that does not grow with their number. */

import type { FailureKind, Place } from '../case.js';
import { problemKind, problemsOf } from '../cases/problems.js';
import { clip } from '../../text/clip.js';
import { endpointWords, isHtml } from './endpoint-words.js';
import { causeOf } from './failure-label.js';
import { placeText } from '../case.js';
import type { AnyResult, OpenWord, SavedFailure } from './run-info.js';

const MOST_GROUPS = 64;
const MOST_EXAMPLES = 3;
const LONGEST_EXAMPLE = 200;
const LONGEST_MESSAGE = 400;

/** Failed cases, or invalid records, that share kind and cause. All texts are raw: not yet made printable. */
export interface FailureGroup {
  /** From 0, in the order in which the groups were met. */
  readonly number: number;
  readonly status: 'failed' | 'invalid';
  /** `other` gathers what came after the 64th group. */
  readonly kind: OpenWord<FailureKind | 'other'>;
  readonly httpStatus?: number;
  readonly code?: string;
  readonly phase?: string;
  readonly notRetried?: string;
  readonly count: number;
  /** How many of them may succeed in a later run. */
  readonly retryable: number;
  /** The first three: ids of failed cases, `file:line` of invalid records. */
  readonly examples: readonly string[];
  /** Where the first one stands whose place is known. */
  readonly place?: Place;
  /** The message of the first one; of invalid records with different values, what kind of problem they have. */
  readonly message: string;
  /** The endpoint's words for the first one that has any. */
  readonly words?: string;
  /** True when the endpoint's words differ for another one. */
  readonly wordsVary: boolean;
  /** True when an answer was a web page. */
  readonly html: boolean;
  /** True for valid cases that lack what the request needs: the endpoint's template or the body. */
  readonly unsendable: boolean;
}

type GroupDraft = { -readonly [K in keyof FailureGroup]: FailureGroup[K] } & { examples: string[] };

/** Takes results one by one and groups those that failed or were invalid; cancelled ones explain nothing. */
export class FailureGroups {
  readonly #groups = new Map<string, GroupDraft>();
  #slowestSuccessMs: number | undefined;

  /**
   * The number of the result's group; undefined for one that belongs to none. An invalid record counts in the group of each
   * of its problems, and belongs to the first.
   */
  add(result: AnyResult): number | undefined {
    if (result.status === 'enriched') this.#noteSuccess(result);
    if (result.error === null || (result.status !== 'failed' && result.status !== 'invalid')) return undefined;
    if (result.status === 'failed') return this.#addTo(result, result.error);
    const kinds = new Map(problemsOf(result.error.message).map((problem) => [problemKind(problem), problem]));
    const { error } = result;
    const [first] = [...kinds.values()].map((message) => this.#addTo(result, { ...error, message }));
    return first;
  }

  #addTo(result: AnyResult, failure: SavedFailure): number {
    const group = this.#groupOf(result, failure);
    addTo(group, result, failure);
    return group.number;
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

  #noteSuccess(result: AnyResult): void {
    if (result.attempts === 0) return;
    const lastMs = result.tries?.at(-1)?.durationMs ?? result.durationMs;
    this.#slowestSuccessMs = Math.max(this.#slowestSuccessMs ?? 0, lastMs);
  }

  #groupOf(result: AnyResult, failure: SavedFailure): GroupDraft {
    const status = result.status === 'invalid' ? 'invalid' : 'failed';
    const key = groupKey(status, failure);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const full = this.#groups.size >= MOST_GROUPS;
    const otherKey = `${status} other`;
    const group = (full && this.#groups.get(otherKey)) || newGroup(this.#groups.size, result, failure, full);
    this.#groups.set(full ? otherKey : key, group);
    return group;
  }
}

function addTo(group: GroupDraft, result: AnyResult, failure: SavedFailure): void {
  group.count += 1;
  if (group.status === 'invalid' && group.kind !== 'other') noteProblem(group, failure.message);
  if (failure.retryable) group.retryable += 1;
  if (group.examples.length < MOST_EXAMPLES) group.examples.push(clip(exampleOf(result), LONGEST_EXAMPLE));
  if (result.source !== undefined) group.place ??= result.source;
  if (isHtml(failure.body)) group.html = true;
  noteWords(group, failure.body);
}

/** Several with different values have in common only what kind of problem it is. */
function noteProblem(group: GroupDraft, message: string): void {
  const kind = problemKind(message);
  if (kind !== message && group.message !== clip(message, LONGEST_MESSAGE)) group.message = clip(kind, LONGEST_MESSAGE);
}

function groupKey(status: string, failure: SavedFailure): string {
  const message = status === 'invalid' ? problemKind(failure.message) : failure.message;
  const cause = causeOf(failure) ?? messageShape(message);
  return `${status} ${short(failure.kind)} ${short(cause)} ${short(failure.notRetried ?? '')}`;
}

/** A message without the parts that differ from case to case. */
function messageShape(message: string): string {
  return clip(message, LONGEST_EXAMPLE).replace(/"[^"]*"?|'[^']*'|\d+/g, '#');
}

/** The group that begins with this result; `other` takes different ones. */
function newGroup(number: number, result: AnyResult, failure: SavedFailure, other: boolean): GroupDraft {
  const status = result.status === 'invalid' ? 'invalid' : 'failed';
  return {
    number,
    status,
    ...(other ? OTHER : causeFacts(failure)),
    count: 0,
    retryable: 0,
    examples: [],
    wordsVary: false,
    html: false,
    unsendable: !other && status === 'invalid' && 'case' in result && result.case !== undefined,
  };
}

const OTHER = { kind: 'other', message: 'for other reasons' } as const;

function causeFacts(
  failure: SavedFailure,
): Pick<FailureGroup, 'kind' | 'message' | 'httpStatus' | 'code' | 'phase' | 'notRetried'> {
  const { kind, httpStatus, code, phase, notRetried, message } = failure;
  return {
    kind: short(kind),
    message: clip(message, LONGEST_MESSAGE),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(code === undefined ? {} : { code: short(code) }),
    ...(phase === undefined ? {} : { phase: short(phase) }),
    ...(notRetried === undefined ? {} : { notRetried: short(notRetried) }),
  };
}

/** A name of a closed set is short; but a file of results may have any text in its place. */
function short<Name extends string>(name: Name): Name {
  return clip(name, LONGEST_EXAMPLE) as Name;
}

function exampleOf(result: AnyResult): string {
  if (result.status === 'invalid' && result.source !== undefined) return placeText(result.source);
  return result.caseId ?? 'no id';
}

function noteWords(group: GroupDraft, body: string | undefined): void {
  if (group.wordsVary) return;
  const words = endpointWords(body);
  if (words === undefined) return;
  group.words ??= words;
  group.wordsVary = group.words !== words;
}
