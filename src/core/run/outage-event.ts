/** What watchers are told about an outage. */

import type { OutageState } from '../flow/outage.js';
import type { AttemptOutcome, Clock, OutageEvent } from '../ports.js';

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
