/** How a queue stands, for people and programs. */

export interface WorkerStats {
  readonly name: string;
  /** Its name for people: host and process. */
  readonly label: string;
  readonly inWork: number;
  readonly limit: number;
  readonly leaseMs: number;
  /** Since it was last heard of, in milliseconds. */
  readonly silentMs: number;
  /** Since it joined, in milliseconds. */
  readonly ageMs: number;
  /** False when its lease has ended. */
  readonly isAlive: boolean;
}

export interface QueueStats {
  /** Empty where there is no queue. */
  readonly id: string;
  readonly waiting: number;
  readonly inWork: number;
  /** Given back, and not taken again yet; they count as waiting. */
  readonly givenBack: number;
  /** Results that nobody has collected yet. */
  readonly results: number;
  readonly pauseMs: number;
  readonly totals: QueueTotals;
  readonly workers: readonly WorkerStats[];
}

export interface QueueTotals {
  readonly queued: number;
  readonly enriched: number;
  readonly failed: number;
  readonly invalid: number;
  readonly late: number;
  readonly superseded: number;
  readonly skipped: number;
}
