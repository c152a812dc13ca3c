/** What watchers are told about an outage, and what its state is for displays. */

import type { OutageState } from '../flow/outage.js';
import type { AttemptOutcome, Clock, OutageEvent } from '../ports.js';
import type { OutageNow } from '../results/run-state.js';

/** An outage before and after the attempt that changed something about it; null when there was or is none. */
export interface OutageChange {
  readonly change: OutageEvent['change'];
  readonly before: OutageState | null;
  readonly after: OutageState | null;
}

export function outageEvent(
  { change, before, after }: OutageChange,
  outcome: AttemptOutcome,
  clock: Clock,
): OutageEvent {
  const now = clock.now();
  const { since = now, probes = 0 } = after ?? before ?? {};
  const next = change === 'given-up' ? null : (after?.nextTryAt ?? null);
  return {
    change,
    sinceMs: clock.wallNow() - (now - since),
    ms: now - since,
    nextTryMs: next === null ? null : next - now,
    tries: probes,
    outcome,
  };
}

export function outageNow({ since, nextTryAt, probes }: OutageState, clock: Clock): OutageNow {
  const now = clock.now();
  return {
    sinceMs: clock.wallNow() - (now - since),
    nextTryMs: nextTryAt === null ? null : Math.max(0, nextTryAt - now),
    tries: probes,
  };
}
