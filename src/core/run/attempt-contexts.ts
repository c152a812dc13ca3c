/** What clients are told about each attempt of one run. */

import type { AttemptContext, Token } from '../ports.js';
import type { CaseRun } from './case-run.js';

/** A context while it is built, member by member: an object spread would copy it each time. */
type ContextDraft = { -readonly [K in keyof AttemptContext]: AttemptContext[K] };

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
    const { pollUrl } = run;
    const context: ContextDraft = {
      attempt: run.attempts,
      requestId: `${this.#runId}-${sequence}`,
      timeoutMs: limits.timeoutMs,
      deadline: limits.deadline,
      signal: this.#signal,
      request: run.request,
    };
    if (pollUrl !== undefined) context.poll = pollUrl;
    if (this.#nextExchange !== undefined) context.nextExchange = this.#nextExchange;
    if (token !== undefined) context.token = token;
    return context;
  }
}
