export const STOP_REASONS = [
  'signal',
  'fail-fast',
  'max-failures',
  'all-failing',
  'rate-limited',
  'outage',
  'auth',
  'max-time',
  'input',
  'strict',
  'request',
  'output',
  'unfinished',
] as const;
/**
 * Why a run ended before its input did; the first cause counts. `unfinished` is only said of saved results that have no end:
 * their run was killed or is still under way.
 */
export type StopReason = (typeof STOP_REASONS)[number];

/** Reasons that lie with the endpoint: cases that were called by then have failed and are worth another run, as it ends them. */
export const ENDS_CALLED_AS_FAILED: ReadonlySet<StopReason> = new Set(['rate-limited', 'outage', 'auth']);

/** False for a reason that only a newer version knows. */
export function isStopReason(word: string): word is StopReason {
  return (STOP_REASONS as readonly string[]).includes(word);
}
