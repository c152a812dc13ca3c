/** The words of the trade: case, entry, result, failure; and the ports through which the core meets the world. */

/** A JSON object with an id. `text` is its source text on one line: nothing in it changes on the way through. */
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

export interface CaseEntry {
  readonly kind: 'case';
  readonly index: number;
  readonly case: Case;
  readonly source: Place;
}

/** A record that is not a valid case. `caseId` is null when it has no usable id. */
export interface InvalidEntry {
  readonly kind: 'invalid';
  readonly index: number;
  readonly caseId: string | null;
  readonly source: Place;
  readonly message: string;
}

/** Entries in input order, in batches as they arrive. Whoever iterates it closes it (`return`). */
export type Source = AsyncIterable<readonly Entry[]>;

export const FAILURE_KINDS = ['timeout', 'network', 'http', 'response', 'case', 'cancelled'] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];
export type TimeoutPhase = 'connect' | 'response' | 'body' | 'deadline';
export type NotRetried = 'budget' | 'deadline' | 'unsafe';

/** Why a case has no enrichment. `body` is the beginning (512 bytes) of what the endpoint answered. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly httpStatus?: number;
  readonly code?: string;
  readonly phase?: TimeoutPhase;
  /** Worth another run. */
  readonly retryable: boolean;
  readonly notRetried?: NotRetried;
  readonly requestId?: string;
  readonly body?: string;
}

export type WaitReason = 'backoff' | 'retry-after' | 'pause' | 'rate';

/** One attempt of a case that needed several. `startMs` counts from the first call of the case. */
export interface Try {
  readonly startMs: number;
  readonly durationMs: number;
  /** `ok`, or the failure in two words: `http 503`, `timeout body`, `network ECONNRESET`. */
  readonly outcome: string;
  /** The wait before this attempt. */
  readonly waitMs: number;
  readonly waitFor?: WaitReason;
}

export const RESULT_STATUSES = ['enriched', 'failed', 'invalid', 'cancelled'] as const;
export type ResultStatus = (typeof RESULT_STATUSES)[number];

/** What every result says, whatever became of the case. */
export interface ResultFacts {
  /** Counts the selected records from 0. */
  readonly index: number;
  /** HTTP exchanges that were made for this case. */
  readonly attempts: number;
  /** From the first call to the end of the last, waits included, in milliseconds. */
  readonly durationMs: number;
  /** When the result was known, ISO 8601 with milliseconds. */
  readonly at: string;
  /** A hash of what was asked; absent where nothing could be asked. */
  readonly key?: string;
  readonly source?: Place;
  readonly tries?: readonly Try[];
  readonly shared?: true;
}

interface ResultBase extends ResultFacts {
  /** The case itself, for whoever needs its source text; not part of the result line. */
  readonly case?: Case;
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

/** What became of one case. */
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

/** What a client is told about the attempt it makes. */
export interface AttemptContext {
  /** From 1. */
  readonly attempt: number;
  /** New for each attempt. */
  readonly requestId: string;
  /** The most this attempt may take, connect to last byte, in milliseconds. */
  readonly timeoutMs: number;
  /** True when `timeoutMs` is what the case's deadline leaves rather than the attempt's own timeout. */
  readonly deadline: boolean;
  /** Aborted when the calls in flight are cancelled. One signal for the whole run: never leave a listener on it. */
  readonly signal: AbortSignal;
  /** Resolves when a further exchange of this attempt (a redirect) may start; there when the run has a rate. */
  readonly nextExchange?: () => Promise<void>;
  /** What `prepare` returned for this case. */
  readonly request?: unknown;
}

/** The answer to one attempt: JSON text, or a failure as a value. */
export type AttemptOutcome = AttemptSuccess | AttemptFailure;

export interface AttemptSuccess {
  readonly ok: true;
  /** The enrichment's source text: one valid JSON value, on one line. */
  readonly text: string;
  readonly httpStatus?: number;
}

export interface AttemptFailure {
  readonly ok: false;
  readonly failure: Failure;
  /** What the endpoint asked for (Retry-After, rate limit headers), in milliseconds from now. */
  readonly askedWaitMs?: number;
}

/** A case made ready to be asked: the key of the request, or why nothing can be sent for it. */
export type Prepared = PreparedRequest | { readonly problem: string };

export interface PreparedRequest {
  readonly key: string;
  readonly request: unknown;
  /** Equal for requests that are safe to make once for all: the same GET of the same URL. */
  readonly shareKey?: string;
}

/** The port to whatever knows more about a case. Bring your own, or use HttpEnrichmentClient. */
export interface EnrichmentClient {
  /** Refuses a case before anything is sent, or names the request so that a journal can recognise it. */
  prepare?(aCase: Case): Prepared;
  /** Makes one attempt. A failure is an outcome; a rejection is reported as a `response` failure. */
  enrich(aCase: Case, context: AttemptContext): Promise<AttemptOutcome>;
  /** Whether a second call is safe after an answer that may have been processed. Default true. */
  readonly safeToRepeat?: boolean;
  /** There when cases are to be sent many at a time. */
  readonly batch?: BatchPort;
  /** True for a client that ends every attempt itself by `timeoutMs` and by `signal`. */
  readonly endsAttempts?: boolean;
  /** Releases connections. */
  close?(): Promise<void>;
}

/** How a client sends several cases in one call. */
export interface BatchPort {
  /** The most cases in one call. */
  readonly size: number;
  /** The one request for several prepared ones, in this order. */
  combine(requests: readonly unknown[]): unknown;
  /** Each case's own outcome, taken from the answer to the combined request, in the same order. */
  split(answer: string, caseIds: readonly string[]): readonly AttemptOutcome[];
}

/** A started timer. */
export interface Timer {
  cancel(): void;
}

/** Time as a value passed in. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970, for dates in results. */
  wallNow(): number;
  /** Calls `fire` once after `ms` (any length, at least 0). Keeps the process alive until then. */
  setTimer(ms: number, fire: () => void): Timer;
  /** The same to a fraction of a millisecond, at the price of CPU; for pacing. */
  setExactTimer?(ms: number, fire: () => void): Timer;
}

/** Uniform in [0, 1). */
export type Random = () => number;
