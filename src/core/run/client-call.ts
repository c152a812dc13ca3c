/** One call of a client, whatever the client does: every call ends, and a failure is a value. */

import type { Case, FailureKind } from '../case.js';
import type { AttemptContext, AttemptFailure, AttemptOutcome, Clock, EnrichmentClient } from '../ports.js';

/** Makes the attempts of one run. */
export class ClientCaller {
  readonly #client: EnrichmentClient;
  readonly #clock: Clock;
  /** Ends the calls of a client that does not end them itself. One listener on the run's signal serves all of them. */
  readonly #enders = new Set<() => void>();

  constructor(client: EnrichmentClient, clock: Clock, signal: AbortSignal) {
    this.#client = client;
    this.#clock = clock;
    if (client.endsAttempts) return;
    signal.addEventListener('abort', () => this.#enders.forEach((end) => end()), { once: true });
  }

  /**
   * Makes one attempt and calls `ended` once, later; `ended` must not throw. A client that does not end its attempts
   * itself is given up after `timeoutMs` or on abort; what it rejects with becomes a `response` failure.
   */
  call(aCase: Case, context: AttemptContext, ended: (outcome: AttemptOutcome) => void): void {
    const call = this.#enrich(aCase, context);
    const inTime = this.#client.endsAttempts ? call : this.#raceAgainstEnd(call, context);
    // One promise and not an async function, which would make three of them for every attempt.
    void inTime.then(
      (outcome: AttemptOutcome | undefined) => ended(isOutcome(outcome) ? outcome : noOutcome(context)),
      (error: unknown) => ended(rejected(error, context)),
    );
  }

  /** Clients of others may throw at once, or return an outcome that is no promise. */
  #enrich(aCase: Case, context: AttemptContext): Promise<AttemptOutcome> {
    try {
      return Promise.resolve(this.#client.enrich(aCase, context));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #raceAgainstEnd(call: Promise<AttemptOutcome>, context: AttemptContext): Promise<AttemptOutcome> {
    if (context.signal.aborted) {
      call.catch(() => {});
      return cancelled(context);
    }
    let end: (outcome: AttemptOutcome) => void = () => {};
    const ended = new Promise<AttemptOutcome>((resolve) => (end = resolve));
    const onAbort = (): void => end(cancelled(context));
    const timer = this.#clock.setTimer(context.timeoutMs, () => end(timeout(context)));
    this.#enders.add(onAbort);
    try {
      return await Promise.race([call, ended]);
    } finally {
      timer.cancel();
      this.#enders.delete(onAbort);
      // Whatever a call that was given up does later is nobody's business.
      call.catch(() => {});
    }
  }
}

/** What somebody's own client resolves with is not always what its type says. */
function isOutcome(outcome: Partial<AttemptOutcome> | null | undefined): outcome is AttemptOutcome {
  if (typeof outcome !== 'object' || outcome === null) return false;
  return outcome.ok === true
    ? typeof outcome.text === 'string'
    : typeof (outcome as Partial<AttemptFailure>).failure === 'object';
}

function noOutcome(context: AttemptContext): AttemptOutcome {
  return failure(
    'response',
    'the client gave no outcome: { ok: true, text } or { ok: false, failure }',
    context,
    false,
  );
}

function rejected(error: unknown, context: AttemptContext): AttemptOutcome {
  if (context.signal.aborted) return cancelled(context);
  return failure('response', `the client failed: ${textOf(error)}`, context, false);
}

/** Of anything that can be thrown: not all of it can be made a text. */
function textOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'what it threw has no text';
  }
}

function cancelled(context: AttemptContext): AttemptOutcome {
  return failure('cancelled', 'the call was cancelled', context, true);
}

function timeout(context: AttemptContext): AttemptOutcome {
  const phase = context.deadline ? 'deadline' : 'response';
  const message = `no answer within ${Math.round(context.timeoutMs)}ms`;
  return { ok: false, failure: { kind: 'timeout', phase, message, retryable: true, requestId: context.requestId } };
}

function failure(
  kind: FailureKind,
  message: string,
  { requestId }: AttemptContext,
  retryable: boolean,
): AttemptOutcome {
  return { ok: false, failure: { kind, message, retryable, requestId } };
}
