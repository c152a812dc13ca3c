/** How a call ended, the same for every case that it was made for. */

import type { Failure, NotRetried } from '../case.js';
import { toldStatus } from '../flow/accepted-statuses.js';
import type { AttemptSuccess } from '../ports.js';

export type Ending = Answered | Unanswered;

/** An enrichment; `httpStatus` is there when its status was not 2xx. */
export interface Answered {
  readonly status: 'enriched';
  readonly answer: string;
  readonly httpStatus?: number;
}

export interface Unanswered {
  readonly status: 'failed' | 'cancelled';
  readonly error: Failure;
}

/** The end that a successful outcome is. */
export function answeredBy({ text, httpStatus }: AttemptSuccess): Answered {
  const told = toldStatus(httpStatus);
  return told === undefined
    ? { status: 'enriched', answer: text }
    : { status: 'enriched', answer: text, httpStatus: told };
}

/** What is added to the last failure of a case that ends with it. */
export interface FailedHow {
  readonly notRetried?: NotRetried | undefined;
  readonly because?: string | undefined;
  /** Worth another run, whatever the failure itself says. */
  readonly retryable?: true;
}

/** The end of a case that has failed as its last attempt did. */
export function failedWith(
  failure: Failure | undefined,
  attempts: number,
  { notRetried, because, retryable }: FailedHow,
): Ending {
  const last = failure ?? NEVER_CALLED;
  const message = withAttempts(last.message, attempts, because);
  const error = { ...last, message, retryable: retryable ?? last.retryable };
  return { status: 'failed', error: notRetried === undefined ? error : { ...error, notRetried } };
}

/** The end of a case whose deadline ran out while it waited for its turn. */
export function expiredWith(last: Failure | undefined, attempts: number): Ending {
  const message = withAttempts(last?.message ?? 'no time left', attempts, 'the deadline has passed');
  const kind = last?.kind ?? 'timeout';
  return { status: 'failed', error: { ...last, kind, message, retryable: true, notRetried: 'deadline' } };
}

/** The end of a case that the run ended before. */
export function cancelledWith(last: Failure | undefined, why: string): Ending {
  const after = last === undefined || last.kind === 'cancelled' ? '' : ` (last attempt: ${last.message})`;
  return { status: 'cancelled', error: { ...last, kind: 'cancelled', message: `${why}${after}`, retryable: true } };
}

const NEVER_CALLED: Failure = { kind: 'cancelled', message: 'never called', retryable: true };

function withAttempts(message: string, attempts: number, because: string | undefined): string {
  const counted = attempts > 1 ? `${message} after ${attempts} attempts` : message;
  return because === undefined ? counted : `${counted}: ${because}`;
}
