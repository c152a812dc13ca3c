/** One call of a client, whatever the client does: every call ends, and a failure is a value. */

import type { Case, Failure } from '../case.js';
import type { AttemptContext, AttemptOutcome, Clock, EnrichmentClient } from '../ports.js';

/** Makes the attempts of one run. */
export class ClientCaller {
  readonly #client: EnrichmentClient;
  readonly #clock: Clock;
  /** Aborts the calls of a client that does not handle the signal itself, with one listener on the run's signal for all. */
  readonly #enders = new Set<() => void>();

  constructor(client: EnrichmentClient, clock: Clock, signal: AbortSignal) {
    this.#client = client;
    this.#clock = clock;
    if (client.endsAttempts) return;
    signal.addEventListener('abort', () => this.#enders.forEach((end) => end()), { once: true });
  }

  /**
   * Makes one attempt and calls `ended` once, later; `ended` must not throw. A client that does not end its attempts
   * itself is given up after `timeoutMs` or on abort; what it throws or rejects with becomes a `response` failure.
   */
  call(aCase: Case, context: AttemptContext, ended: (outcome: AttemptOutcome) => void): void {
    const call = this.#enrich(aCase, context);
    const inTime = this.#client.endsAttempts ? call : this.#raceAgainstEnd(call, context);
    // One promise and not an async function, which would make three of them for every attempt.
    void inTime.then(
      (answer: unknown) => ended(outcomeOf(answer, context)),
      (error: unknown) => ended(rejected(error, context)),
    );
  }

  /** Clients of others may throw at once, or return something that is no promise. */
  #enrich(aCase: Case, context: AttemptContext): Promise<unknown> {
    try {
      return Promise.resolve(this.#client.enrich(aCase, context));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #raceAgainstEnd(call: Promise<unknown>, context: AttemptContext): Promise<unknown> {
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
      // The later outcome of an abandoned call is ignored.
      call.catch(() => {});
    }
  }
}

/** The outcome of a client's answer: an AttemptOutcome as it is, every other value as the enrichment. */
function outcomeOf(answer: unknown, context: AttemptContext): AttemptOutcome {
  try {
    if (isOutcome(answer)) return hasUsablePlace(answer) ? answer : unusable(NO_PLACE, context);
    return isMeantAsFailure(answer) ? unusable(NO_FAILURE, context) : enrichedWith(answer, context);
  } catch (error) {
    return unusable(`the client's answer can't be written as JSON: ${textOf(error)}`, context);
  }
}

function isOutcome(answer: unknown): answer is AttemptOutcome {
  if (typeof answer !== 'object' || answer === null) return false;
  const { ok, text, failure } = answer as { ok?: unknown; text?: unknown; failure?: unknown };
  return ok === true ? typeof text === 'string' : ok === false && isFailure(failure);
}

/** Without a place to ask at, the case would be submitted again and again. */
function hasUsablePlace(outcome: AttemptOutcome): boolean {
  if (!outcome.ok || outcome.pending === undefined) return true;
  const { url } = outcome.pending as { url?: unknown };
  return typeof url === 'string' && url !== '';
}

function isFailure(value: unknown): value is Failure {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, message } = value as Partial<Failure>;
  return typeof kind === 'string' && typeof message === 'string';
}

/** Else a failure with a mistake in it would be taken for an enrichment. */
function isMeantAsFailure(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'failure' in answer && 'ok' in answer && answer.ok === false;
}

const NO_PLACE = "the client's pending answer has no url to ask at";
const NO_FAILURE = "the client's failure is not { kind, message, retryable }";

function enrichedWith(answer: unknown, context: AttemptContext): AttemptOutcome {
  const text = isNotFinite(answer) ? undefined : (JSON.stringify(answer) as string | undefined);
  return text === undefined
    ? unusable(`the client returned ${nameOf(answer)}, which is no JSON value`, context)
    : { ok: true, text };
}

/** NaN and the infinities, for which `JSON.stringify` writes null. */
function isNotFinite(answer: unknown): boolean {
  return typeof answer === 'number' && !Number.isFinite(answer);
}

function nameOf(answer: unknown): string {
  return answer === undefined || typeof answer === 'number' ? String(answer) : `a ${typeof answer}`;
}

function rejected(error: unknown, context: AttemptContext): AttemptOutcome {
  if (context.signal.aborted) return cancelled(context);
  return unusable(`the client failed: ${textOf(error)}`, context);
}

/** The message of any thrown value: not all of them can be converted to text. */
function textOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'what it threw has no text';
  }
}

function unusable(message: string, { requestId }: AttemptContext): AttemptOutcome {
  return { ok: false, failure: { kind: 'response', message, retryable: false, requestId } };
}

function cancelled({ requestId }: AttemptContext): AttemptOutcome {
  const message = 'the call was cancelled';
  return { ok: false, failure: { kind: 'cancelled', message, retryable: true, requestId } };
}

function timeout({ deadline, timeoutMs, requestId }: AttemptContext): AttemptOutcome {
  const phase = deadline ? 'deadline' : 'response';
  const message = `no answer within ${Math.round(timeoutMs)}ms`;
  return { ok: false, failure: { kind: 'timeout', phase, message, retryable: true, requestId } };
}
