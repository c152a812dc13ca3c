/** What clients are told about each attempt of one run. */

import type { AttemptContext, Token } from '../ports.js';
import type { CaseRun } from './case-run.js';

export class AttemptContexts {
  readonly #runId: string;
  readonly #signal: AbortSignal;
  readonly #nextExchange: (() => Promise<void>) | undefined;

  /** @param nextExchange resolves when a redirect may be followed; undefined in a run without a rate. */
  constructor(runId: string, signal: AbortSignal, nextExchange: (() => Promise<void>) | undefined) {
    this.#runId = runId;
    this.#signal = signal;
    this.#nextExchange = nextExchange;
  }

  /** @param sequence the number of the attempt in its run. */
  of(
    run: CaseRun,
    sequence: number,
    limits: { readonly timeoutMs: number; readonly deadline: boolean },
    token?: Token,
  ): AttemptContext {
    const { timeoutMs, deadline } = limits;
    const requestId = `${this.#runId}-${sequence}`;
    const context = {
      attempt: run.attempts,
      requestId,
      timeoutMs,
      deadline,
      signal: this.#signal,
      request: run.request,
    };
    if (run.pollUrl !== undefined) Object.assign(context, { poll: run.pollUrl });
    const paced = this.#nextExchange === undefined ? context : { ...context, nextExchange: this.#nextExchange };
    return token === undefined ? paced : { ...paced, token };
  }
}
