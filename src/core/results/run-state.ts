/** What a run has done so far, for whoever shows it while it goes on. */
export interface RunState {
  readonly elapsedMs: number;
  /** Results so far; those taken over from the journal count too. */
  readonly done: number;
  /** How many there will be, or null as long as that is not known. */
  readonly total: number | null;
  readonly enriched: number;
  readonly failed: number;
  readonly invalid: number;
  readonly cancelled: number;
  readonly resumed: number;
  readonly inFlight: number;
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
  /** What is left of the endpoint's pause. */
  readonly pauseLeftMs?: number | undefined;
}
