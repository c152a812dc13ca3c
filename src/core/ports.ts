/** The ports through which the core meets the world: where cases come from, who knows more, where results go, time and chance. */

import type { Case, EnrichmentResult, Entry, Failure } from './case.js';
import type { AnyResult, RunInfo, SavedResult, Summary } from './results/run-info.js';

/** Entries in input order, in batches as they arrive. Whoever iterates it closes it (`return`). */
export type Source = AsyncIterable<readonly Entry[]>;

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

/** What a case is enriched with: a value that `JSON.stringify` can write, and no promise. */
export type Enrichment = (object & { readonly then?: never }) | string | number | boolean | null;

/** The port to whatever knows more about a case. Bring your own, or use HttpEnrichmentClient. */
export interface EnrichmentClient {
  /** Refuses a case before anything is sent, or names the request so that a journal can recognise it. */
  prepare?(aCase: Case): Prepared;
  /**
   * Makes one attempt and returns the enrichment. What is thrown, and a value that JSON has no form for, is a `response`
   * failure that is not retried. An AttemptOutcome says more: status, waits, whether to retry, the exact text.
   */
  enrich(aCase: Case, context: AttemptContext): AttemptOutcome | Enrichment | Promise<AttemptOutcome | Enrichment>;
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

/** Where results go. Closed by `finish`, or by `close` when the run could not end in order. */
export interface ResultSink {
  /** Resolves (or returns) when the results are written, in this order; rejects with an OutputError. */
  write(results: readonly EnrichmentResult[]): void | Promise<void>;
  /** Writes the end (closing line, summary, rename) and closes. */
  finish(run: RunInfo, summary: Summary): Promise<void>;
  /** Closes without an end: what is written stays. */
  close(): Promise<void>;
}

/** Takes results one by one, in bounded memory, and tells about all of them when the run's end is known. */
export interface Collector<View> {
  add(result: AnyResult): void;
  render(view: View): string;
}

/** One way to show results that are known: each call returns the text to write next. */
export interface Renderer {
  begin(): string;
  result(result: SavedResult): string;
  end(): string;
}
