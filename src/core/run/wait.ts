/** The waits between the attempts of a case. */

import type { WaitReason } from '../case.js';

/** A wait between two attempts, in times of the run's clock. */
export interface Wait {
  readonly since: number;
  readonly until: number;
  readonly for: WaitReason;
}

/** A wait that is over. */
export interface Waited {
  readonly ms: number;
  readonly for: WaitReason;
}

/** A time in which no attempt of the run could start, and that no case is charged for. */
export interface Hold {
  readonly until: number;
  readonly for: WaitReason;
}

/** What most of a wait was for: a retry can be held up with the whole run, or by the rate, for longer than its backoff. */
export function reasonOf(wait: Wait, now: number, hold: Hold, held: WaitReason | undefined): WaitReason {
  if (wait.for !== 'backoff') return wait.for;
  if (hold.until > wait.until) return hold.for;
  return held === 'rate' && now - wait.until > wait.until - wait.since ? 'rate' : 'backoff';
}
