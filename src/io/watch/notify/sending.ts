/** Sends one notification to one URL: three tries within 15 s, no redirects. */

import type { Hook } from '../../../core/notify-hooks.js';
import type { Clock } from '../../../core/ports.js';
import { type HookAnswer, postHook } from '../../http/hook-post.js';
import type { Proxy } from '../../http/proxy.js';

export interface Sending {
  readonly hook: Hook;
  readonly body: string;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly proxy?: Proxy | undefined;
  /** Ends it at once, in any state. */
  readonly signal: AbortSignal;
}

/** What came of it: taken, or why not, after how many tries; `isCut` when it was ended by its signal. */
export type Sent =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: string; readonly tries: number; readonly isCut: boolean };

const MOST_TRIES = 3;
/** For all of them together. */
export const MOST_MS = 15_000;
const TRY_MS = 4_400;
/** Before the second try and the third: all three may then take their whole time. */
const WAITS_MS = [500, 1_000] as const;

/** Resolves with what came of it; never rejects. */
export async function send(sending: Sending): Promise<Sent> {
  const { clock, signal } = sending;
  const endsMs = clock.now() + MOST_MS;
  for (let tries = 1; ; tries++) {
    const answer = await postHook({ ...postOf(sending), timeoutMs: Math.min(TRY_MS, endsMs - clock.now()) });
    if (isTaken(answer)) return { ok: true };
    const failed = { ok: false, problem: problemOf(answer), tries, isCut: signal.aborted } as const;
    const waitMs = Math.max(WAITS_MS[tries - 1] ?? 0, answer.askedWaitMs ?? 0);
    const isLast = tries === MOST_TRIES || !isWorthAnother(answer) || clock.now() + waitMs >= endsMs;
    if (isLast || failed.isCut) return failed;
    await pause(waitMs, sending);
  }
}

function postOf({
  hook,
  body,
  clock,
  userAgent,
  proxy,
  signal,
}: Sending): Omit<Parameters<typeof postHook>[0], 'timeoutMs'> {
  const headers = { 'content-type': 'application/json', 'user-agent': userAgent };
  return { url: new URL(hook.url), headers, body, clock, proxy, signal };
}

function isTaken({ status }: HookAnswer): boolean {
  return status >= 200 && status < 300;
}

/** No answer, "too many", and what is the server's fault; what is refused for good, and a redirect, is not sent again. */
function isWorthAnother({ status }: HookAnswer): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

function problemOf({ status, problem }: HookAnswer): string {
  if (problem !== undefined) return problem;
  return status >= 300 && status < 400 ? `${status}, and redirects are not followed` : `it answered ${status}`;
}

/** Ends early when the sending is cut off. */
function pause(ms: number, { clock, signal }: Sending): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = clock.setTimer(ms, done);
    signal.addEventListener('abort', done);
    function done(): void {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
