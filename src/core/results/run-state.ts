/** An outage under way. */
export interface OutageNow {
  /** When it began, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** Until the next try, in milliseconds; null while one is under way. */
  readonly nextTryMs: number | null;
  /** Tries that have failed. */
  readonly tries: number;
}

/** The state of a run under way, for progress displays. */
export interface RunState {
  readonly elapsedMs: number;
  /** Results so far; those taken over from the journal count too. */
  readonly done: number;
  /** Expected number of results, or null while that is not known. */
  readonly total: number | null;
  readonly enriched: number;
  readonly failed: number;
  readonly invalid: number;
  readonly cancelled: number;
  readonly resumed: number;
  readonly inFlight: number;
  /** Cases that were submitted and whose answer comes later. */
  readonly pending?: number;
  /** The concurrency limit in force now. */
  readonly limit: number;
  readonly adaptive: boolean;
  readonly retries: number;
  /** Results a second, averaged over the last seconds. */
  readonly recentRate: number;
  /** Of the cases enriched so far; null without one. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** `finishing` after the first interruption, `cancelling` after the second. */
  readonly phase: 'running' | 'finishing' | 'cancelling';
  /** That interruption was asked for from outside: no signal has come yet. */
  readonly isStopRequested?: boolean | undefined;
  /** Remaining time of the endpoint's pause. */
  readonly pauseLeftMs?: number | undefined;
  /** Calls wait for a token. */
  readonly isTokenAwaited?: boolean | undefined;
  /** There while the endpoint is down. */
  readonly outage?: OutageNow | undefined;
}

/** How long the rest will take at the recent rate; undefined where that can't be told. */
export function timeLeftMs(state: Pick<RunState, 'done' | 'total' | 'recentRate' | 'phase'>): number | undefined {
  const { done, total, recentRate, phase } = state;
  if (total === null || recentRate <= 0 || phase !== 'running' || done >= total) return undefined;
  return ((total - done) / recentRate) * 1000;
}
