/** The ports of the core: source of cases, enrichment client, sink of results, watcher of the run, clock and random. */

import type {
  Case,
  CaseEntry,
  DeliveryHandle,
  EnrichmentResult,
  Entry,
  Failure,
  KnownStatus,
  PendingPlace,
} from './case.js';
import type { CredentialProvider, Token, TokenEvent } from './credentials.js';
import type { SelectionFacts } from './cases/select.js';
import type { RunEnd, StartedRun } from './results/run-end.js';
import type { AnyResult, RunInfo, SavedResult, StopReason, Summary } from './results/run-info.js';
import type { RunState } from './results/run-state.js';

export type { CredentialProvider, Token, TokenEvent, TokenGot, TokenMissed, TokenReason } from './credentials.js';

/** Where cases come from: entries in input order, in batches as they arrive. May be iterated once. */
export interface CaseSource extends AsyncIterable<readonly Entry[]>, AsyncDisposable {
  /** Counts, updated while the source is read, final after its end. */
  readonly counts: SourceCounts;
  /** What was seen while selecting, final after the end; absent where nothing is selected. */
  readonly facts?: SourceFacts;
  /** The input was read to its end: false before that, after a fault, and when the first cases were enough. */
  readonly complete: boolean;
  /**
   * Takes the `delivery` of entries whose results are stored and counted: they are never delivered again. There for a
   * source that has to be told. Called until `close`, also when every entry was read long ago. Rejects with a
   * CaseTrackerError when the source cannot be told any more.
   */
  acknowledge?(deliveries: readonly DeliveryHandle[]): void | Promise<void>;
  /**
   * Ends the reading at once, also while a batch is on its way, as the iterator's `return` does; entries that were not
   * acknowledged may then be delivered to another consumer. Called by the opener of the source. Idempotent.
   */
  close(): Promise<void>;
}

/** Facts about the records, known at the end. */
export interface SourceFacts extends SelectionFacts {
  /** Where (nearly) no record has an id: the field that most likely holds it, if any. */
  readonly likelyIdField: string | undefined;
  /** How many rows of spreadsheets have fewer cells than their header. */
  readonly shortRows: number;
}

/** Counts of a source's records so far. */
export interface SourceCounts {
  /** Records that were read, valid or not. */
  readonly read: number;
  /** Valid cases that were selected. */
  readonly selected: number;
  /** Number of invalid records that are delivered. */
  readonly invalid: number;
  /** Number of invalid records not delivered: because of a filter, or because they belong to another shard. */
  readonly invalidHidden: number;
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
  /** What this attempt shows to the endpoint; there when the client has `credentials`. */
  readonly token?: Token;
  /** The URL to ask for the answer that an earlier attempt said comes later; the case itself must not be sent again. */
  readonly poll?: string;
}

/** The answer to one attempt: JSON text, or a failure as a value. */
export type AttemptOutcome = AttemptSuccess | AttemptFailure;

export interface AttemptSuccess {
  readonly ok: true;
  /** The enrichment's source text: one valid JSON value, on one line. */
  readonly text: string;
  readonly httpStatus?: number;
  /** There when this is no answer yet: the case is asked about again. `text` is not used then. */
  readonly pending?: PendingAnswer;
}

/** The answer comes later. */
export interface PendingAnswer {
  /** Where to ask for it: the `poll` of the next attempt. */
  readonly url: string;
  /** How long the endpoint asks to wait before that, in milliseconds. */
  readonly askedWaitMs?: number;
  /** What it says of the job now, for a message: `/state is "running"`. */
  readonly seen?: string;
}

export interface AttemptFailure {
  readonly ok: false;
  readonly failure: Failure;
  /** The wait that the endpoint asked for (Retry-After, rate limit headers), in milliseconds from now. */
  readonly askedWaitMs?: number;
  /** The endpoint does not take the token of this attempt: where another one can be had, the call is made again with it. */
  readonly refusedToken?: true;
  /** True when there was no connection, so that nothing was sent: then a second call is safe for every method. */
  readonly unsent?: boolean;
}

/** A prepared case: the key of its request, or why no request can be made for it. */
export type Prepared = PreparedRequest | { readonly problem: string };

export interface PreparedRequest {
  readonly key: string;
  readonly request: unknown;
  /** Equal for requests that can share one call: the same GET of the same URL. */
  readonly shareKey?: string;
}

/** What a case is enriched with: a value that `JSON.stringify` can write, and no promise. */
export type Enrichment = (object & { readonly then?: never }) | string | number | boolean | null;

/** The port to the service that enriches cases. Implement it, or use HttpEnrichmentClient. */
export interface EnrichmentClient {
  /** Refuses a case before anything is sent, or names the request so that a journal can recognise it. */
  prepare?(aCase: Case): Prepared;
  /**
   * Makes one attempt and returns the enrichment. What is thrown, and a value that JSON has no form for, is a `response`
   * failure that is not retried. An AttemptOutcome can say more: status, waits, whether to retry, the exact text.
   */
  enrich(aCase: Case, context: AttemptContext): AttemptOutcome | Enrichment | Promise<AttemptOutcome | Enrichment>;
  /** Whether a second call is safe after an answer that may have been processed. Default true. */
  readonly safeToRepeat?: boolean;
  /** There when cases are to be sent many at a time. */
  readonly batch?: BatchPort;
  /** Where the tokens come from that its attempts get as `token`. */
  readonly credentials?: CredentialProvider;
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

/** Time, passed in so that tests can fake it. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970, for dates in results. */
  wallNow(): number;
  /** Calls `fire` once after `ms` (any length, at least 0). Keeps the process alive until then. */
  setTimer(ms: number, fire: () => void): Timer;
  /** The same with sub-millisecond precision, at the cost of CPU time; for pacing. */
  setExactTimer?(ms: number, fire: () => void): Timer;
}

/** Uniform in [0, 1). */
export type Random = () => number;

/**
 * The destination of results. Stored means: they are where the user asked for them, and survive the death of this
 * process. Each `write` is called only after the one before has settled. Closed by `finish`, or by `close` when the run
 * could not end normally.
 */
export interface ResultSink {
  /**
   * `write`: results are stored when their `write` resolves. `finish`: all are stored when `finish` resolves, and before
   * that none is for sure, as in a file that is written whole or not at all.
   */
  readonly storesOn: 'write' | 'finish';
  /**
   * Takes results in this order. Rejects (or throws) with an OutputError, whose `stored` is the number of them, counted
   * from the first, that are stored all the same (with `storesOn: 'write'`); then so does every later `write`, which is
   * still called so that the error can name each case that was answered and is not stored.
   */
  write(results: readonly EnrichmentResult[]): void | Promise<void>;
  /**
   * Stores where to ask for answers that come later, as `write` stores results. There for a sink that a later run can go on
   * from. Rejects (or throws) with an OutputError.
   */
  keepPlaces?(places: readonly PendingPlace[]): void | Promise<void>;
  /** Writes the end (closing line, summary, rename) and closes. Rejects with an OutputError when not all is stored. */
  finish(run: RunInfo, summary: Summary): Promise<void>;
  /** Closes without writing the end: stored results stay. Idempotent, and without effect after `finish`. */
  close(): Promise<void>;
}

/**
 * Told what happens in a run, in this order of events: `started`, then any of the middle ones, then `drained`, and `ended`
 * (or `lost`). A watcher never decides anything and never changes what it is handed. One that throws is a bug and ends the run with
 * 70. It must release its resources by itself: after a bug neither `drained` nor an end comes. An event without a watcher
 * costs nothing, so a method that would do nothing is left out.
 */
export interface RunWatcher {
  /** Before the first call. `state` returns the current state of the run, at any time until `drained`. */
  started?(run: StartedRun, state: () => RunState): void;
  /** An attempt has ended; whether another follows is not decided yet. */
  attempted?(attempt: AttemptEvent): void;
  /** The endpoint makes the whole run wait. */
  paused?(pause: PauseEvent): void;
  /** There is a new token, or there was none to be had. */
  token?(event: TokenEvent): void;
  /** The endpoint has gone down, is still down, or is back. */
  outage?(outage: OutageEvent): void;
  /** A case that needs no call: an earlier run has dealt with it, or it is left out. */
  settled?(entry: CaseEntry, status: KnownStatus): void;
  /** Results that are counted: stored, or handed to a sink that stores them at its end. Empty when none of them was stored. */
  delivered?(results: readonly EnrichmentResult[]): void;
  /** The run ends early: no call is started any more. At most once. */
  stopped?(reason: StopReason): void;
  /** Every case has its result, the outputs come to their end next: live lines go away. Awaited. */
  drained?(): void | Promise<void>;
  /** The outputs are closed and the summary is written. Awaited. */
  ended?(end: RunEnd): void | Promise<void>;
  /** In place of `ended`, where no summary is written: nothing could be read at all, or nobody reads the output. Awaited. */
  lost?(end: RunEnd): void | Promise<void>;
}

export interface AttemptEvent {
  readonly caseId: string;
  readonly requestId: string;
  /** From 1. */
  readonly attempt: number;
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
}

export interface PauseEvent {
  /** From now, in milliseconds. */
  readonly ms: number;
  /** True when the endpoint itself said for how long. */
  readonly asked: boolean;
  readonly outcome: AttemptOutcome;
}

export interface OutageEvent {
  /** `began`: it counts as down. `tried`: a further try has failed. `ended`: it is back. `given-up`: the run stops. */
  readonly change: 'began' | 'tried' | 'ended' | 'given-up';
  /** When it began, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** How long it has lasted, in milliseconds. */
  readonly ms: number;
  /** Until the next try, in milliseconds; null when there is none. */
  readonly nextTryMs: number | null;
  /** Tries that have failed since it began. */
  readonly tries: number;
  /** What the endpoint said last. */
  readonly outcome: AttemptOutcome;
}

/** Aggregates results one by one, in bounded memory, and renders the whole when the run's end is known. */
export interface Collector<View> {
  add(result: AnyResult): void;
  render(view: View): string;
}

/** A streaming output format for results: each call returns the text to write next. */
export interface Renderer {
  begin(): string;
  result(result: SavedResult): string;
  end(): string;
}
