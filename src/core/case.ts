/** The basic types: case, entry, result, failure. */

/** A JSON object with an id. `text` is its source text on one line: it is never changed. */
export class Case {
  readonly id: string;
  readonly text: string;
  #value: Record<string, unknown> | undefined;

  constructor(id: string, text: string) {
    this.id = id;
    this.text = text;
  }

  /** The parsed case, made on first use. Numbers beyond 2^53 are exact only in `text`. */
  get value(): Readonly<Record<string, unknown>> {
    this.#value ??= JSON.parse(this.text) as Record<string, unknown>;
    return this.#value;
  }
}

/** Where a record stands: the file as it was named, and its line (from 1) in NDJSON or index (from 0) in an array. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly index?: number;
}

/** Where a record stands, for people: `cases.ndjson:77`, `cases.json[411]`. */
export function placeText({ file, line, index }: Place): string {
  if (line !== undefined) return `${file}:${line}`;
  return index === undefined ? file : `${file}[${index}]`;
}

/** A record that was read and selected; `index` counts the selected records from 0. */
export type Entry = CaseEntry | InvalidEntry;

/** An opaque handle that a source gets back when the result of an entry is stored (acknowledgement). */
export type DeliveryHandle = NonNullable<unknown>;

export interface CaseEntry {
  readonly kind: 'case';
  readonly index: number;
  readonly case: Case;
  readonly source: Place;
  /** Only of a source that has to be told. */
  readonly delivery?: DeliveryHandle;
  /** Why it has failed without being called, where its source knows. */
  readonly failure?: Failure;
}

/** A record that is not a valid case. `caseId` is null when it has no usable id. */
export interface InvalidEntry {
  readonly kind: 'invalid';
  readonly index: number;
  readonly caseId: string | null;
  readonly source: Place;
  readonly message: string;
  /** Only of a source that has to be told. */
  readonly delivery?: DeliveryHandle;
}

export const FAILURE_KINDS = ['timeout', 'network', 'http', 'response', 'case', 'cancelled'] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];
export type TimeoutPhase = 'connect' | 'response' | 'body' | 'deadline' | 'poll';
export type NotRetried = 'budget' | 'deadline' | 'unsafe';

/** Why a case has no enrichment. `body` is the beginning (512 bytes) of what the endpoint answered. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly httpStatus?: number;
  readonly code?: string;
  readonly phase?: TimeoutPhase;
  /** True when a later run may succeed. */
  readonly retryable: boolean;
  readonly notRetried?: NotRetried;
  readonly requestId?: string;
  readonly body?: string;
}

export const WAIT_REASONS = ['backoff', 'retry-after', 'pause', 'rate', 'outage', 'token', 'poll'] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** One attempt of a case that needed several. `startMs` counts from the first call of the case. */
export interface Try {
  readonly startMs: number;
  readonly durationMs: number;
  /** `ok`, `pending` (the answer comes later), or the failure in two words: `http 503`, `timeout body`, `network ECONNRESET`. */
  readonly outcome: string;
  /** The wait before this attempt. */
  readonly waitMs: number;
  readonly waitFor?: WaitReason;
}

export const RESULT_STATUSES = ['enriched', 'failed', 'invalid', 'cancelled'] as const;
export type ResultStatus = (typeof RESULT_STATUSES)[number];

/** What is known of a case from earlier runs: the status of its newest result, or that there is none. */
export type KnownStatus = ResultStatus | 'missing';

/** The members that every result has, whatever its status. */
export interface ResultFacts {
  /** Counts the selected records from 0. */
  readonly index: number;
  /** Number of HTTP exchanges for this case. */
  readonly attempts: number;
  /** From the first call to the end of the last, waits included, in milliseconds. */
  readonly durationMs: number;
  /** When the result was known, ISO 8601 with milliseconds. */
  readonly at: string;
  /** A hash of the request; absent where no request could be made. */
  readonly key?: string;
  readonly source?: Place;
  readonly tries?: readonly Try[];
  /** The status of the answer where it was accepted and not 2xx. */
  readonly httpStatus?: number;
  readonly shared?: true;
  /** The case had already what it would have been called for. */
  readonly skipped?: true;
  /** Asked again because an enrichment by the same request was too old. */
  readonly refresh?: true;
  /** Of a result that was read back: its last refresh failed, and this older enrichment stands. */
  readonly stale?: true;
  /** Where to ask for the answer of a case that has ended without it. */
  readonly poll?: string;
}

/** Where to ask for the answer of a case that comes later: a line of the journal, and no result. */
export interface PendingPlace {
  readonly caseId: string;
  readonly index: number;
  /** When it was submitted, ISO 8601 with milliseconds. */
  readonly at: string;
  readonly key?: string;
  /** The whole URL. */
  readonly poll: string;
}

interface ResultBase extends ResultFacts {
  /** The case itself, for code that needs its source text; not part of the result line. */
  readonly case?: Case;
  /** The delivery handle of its entry; not part of the result line. */
  readonly delivery?: DeliveryHandle;
}

export interface EnrichedResult extends ResultBase {
  readonly caseId: string;
  readonly status: 'enriched';
  readonly enrichedCase: EnrichedCase;
  readonly error: null;
}

export interface UnenrichedResult extends ResultBase {
  /** null only for an invalid record without a usable id. */
  readonly caseId: string | null;
  readonly status: 'failed' | 'invalid' | 'cancelled';
  readonly enrichedCase: null;
  readonly error: Failure;
}

/** The result of one case. */
export type EnrichmentResult = EnrichedResult | UnenrichedResult;

/** A case with its enrichment: `text` is put together from both source texts, `value` is parsed on first use. */
export class EnrichedCase {
  readonly text: string;
  #value: Record<string, unknown> | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get value(): Readonly<Record<string, unknown>> {
    this.#value ??= JSON.parse(this.text) as Record<string, unknown>;
    return this.#value;
  }

  toJSON(): unknown {
    return this.value;
  }
}
