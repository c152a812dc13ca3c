/** The ledger of a case's attempts, as its result tells them. */

import type { Try } from '../case.js';
import type { AttemptOutcome } from '../ports.js';
import { failureLabel } from '../results/failure-label.js';
import { tenth } from '../results/latency.js';
import type { Waited } from './wait.js';

/** The most attempts of one case that its result tells: the first and the last ones. `attempts` counts them all. */
export const MOST_KEPT_TRIES = 400;

/** An attempt that has ended; `startMs` counts from the first call of the case. */
interface EndedTry {
  readonly startMs: number;
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  readonly waited: Waited | null;
}

/** True for the only attempt of a case: the result itself tells it. */
export function isOnlyTry(tries: readonly Try[], outcome: AttemptOutcome): boolean {
  return outcome.ok && outcome.pending === undefined && tries.length === 0;
}

/** Adds an attempt to the list, which stays bounded: a case may be polled for days. */
export function noteTry(tries: Try[], { startMs, durationMs, outcome, waited }: EndedTry): void {
  if (tries.length >= MOST_KEPT_TRIES) tries.splice(MOST_KEPT_TRIES / 2, 1);
  tries.push({
    startMs: tenth(startMs),
    durationMs: tenth(durationMs),
    outcome: outcomeText(outcome),
    waitMs: tenth(waited?.ms ?? 0),
    ...(waited === null ? {} : { waitFor: waited.for }),
  });
}

function outcomeText(outcome: AttemptOutcome): string {
  if (!outcome.ok) return failureLabel(outcome.failure);
  return outcome.pending === undefined ? 'ok' : 'pending';
}
