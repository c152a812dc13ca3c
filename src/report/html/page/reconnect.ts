/** When the page asks again after it has lost the process, and when it does not. Decides, and waits for nothing. */

const SOONEST_MS = 500;
const LATEST_MS = 10_000;

/**
 * How long to wait before another try, after so many that have failed: 0.5 s or more, at most 10 s, spread by `random`
 * (0 to 1), so that many open pages don't come back at the same moment.
 */
export function retryDelayMs(failed: number, random: number): number {
  const latest = Math.min(LATEST_MS, 2 * SOONEST_MS * 2 ** Math.min(failed, 20));
  return SOONEST_MS + random * (latest - SOONEST_MS);
}

/** What the status of `GET /api/run` means: `open` the WebSocket, `wait` and ask again, or `stop`, as asking again won't help. */
export function afterStatus(status: number): 'open' | 'wait' | 'stop' {
  if (status >= 200 && status < 300) return 'open';
  return STOPPING.has(status) ? 'stop' : 'wait';
}

const STOPPING: ReadonlySet<number> = new Set([401, 403, 404, 421]);

/** The status of a process whose run has not begun. */
export const NOT_YET = 503;

/** The WebSocket close code by which the process says that nothing more comes. */
export const NORMAL_CLOSE = 1000;
