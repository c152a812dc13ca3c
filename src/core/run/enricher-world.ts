/** What the enricher is given: settings, the world it lives in, and whom it tells. */

import type { ThrottleOptions } from '../flow/throttle.js';
import type { Clock, Random } from '../ports.js';
import type { StopReason } from '../results/stop-reason.js';
import type { CaseRun } from './case-run.js';
import type { Ending } from './ending.js';
import type { Slots } from './slots.js';

export interface EnricherOptions {
  readonly throttle: ThrottleOptions;
  /** Names the attempts: `x-request-id` is this, a hyphen and a number. */
  readonly runId: string;
  /** Make equal requests once and give every such case the answer. */
  readonly shareRequests?: boolean;
  /** Where to ask for answers that come later is stored before the first poll. */
  readonly keepsPlaces?: boolean;
}

/** Callbacks from the enricher to the pipeline. */
export interface EnricherEvents {
  readonly finished: (run: CaseRun, ending: Ending, shared: boolean) => void;
  /** Something may start now that could not before. */
  readonly free: () => void;
  /** There is a place to be stored. */
  readonly placeToKeep: () => void;
  /** The endpoint makes the run end. */
  readonly stop: (reason: StopReason) => void;
  readonly failed: (error: unknown) => void;
}

/** What a run shares with the enricher: time, randomness, and its slots. */
export interface EnricherWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly slots: Slots;
}
