/** The log lines of a run: attempts, failures left out of the results, an early stop. */

import type { EnrichmentResult } from '../../core/case.js';
import type { AttemptEvent, OutageEvent, RunWatcher, TokenEvent } from '../../core/ports.js';
import { failureLabel } from '../../core/results/failure-label.js';
import { tenth } from '../../core/results/latency.js';
import { logAttempt, type Logger } from './log.js';

export interface RunLogOptions {
  /** `GET https://api.example.com/{id}`: the method and the template, without secrets. */
  readonly operation: string;
  /** Failed cases are left out of the results, so each gets a log line. */
  readonly leavesOutFailed: boolean;
}

/** The watcher that logs a run. Attempts are logged at `debug`; at a less verbose level they are not watched at all. */
export function runLog(log: Logger, { operation, leavesOutFailed }: RunLogOptions): RunWatcher {
  return {
    ...(log.isEnabled('debug') ? { attempted: (attempt) => logAttempt(log, attemptFields(attempt, operation)) } : {}),
    ...(leavesOutFailed ? { delivered: (results) => logLeftOut(log, results) } : {}),
    outage: (event) => log.info(outageFields(event), OUTAGE_WORDS[event.change]),
    token: (event) => log.info(tokenFields(event), event.got ? 'a new token' : 'no token'),
    stopped: (reason) => log.info({ reason }, 'the run stops'),
    drained: () => log.flush(),
  };
}

const OUTAGE_WORDS: Readonly<Record<OutageEvent['change'], string>> = {
  began: 'the endpoint is down',
  tried: 'the endpoint is still down',
  ended: 'the endpoint is back',
  'given-up': 'the endpoint stayed down',
};

function outageFields({ sinceMs, ms, nextTryMs, tries, outcome }: OutageEvent): Record<string, unknown> {
  return {
    since: new Date(sinceMs).toISOString(),
    forMs: Math.round(ms),
    nextTryMs: nextTryMs === null ? undefined : Math.round(nextTryMs),
    failedTries: tries,
    outcome: outcome.ok ? 'ok' : failureLabel(outcome.failure),
  };
}

function tokenFields(event: TokenEvent): Record<string, unknown> {
  if (!event.got) return { reason: event.message, isAwaited: event.isAwaited, nextTryMs: event.againInMs ?? undefined };
  const { why, tookMs, expiresInMs } = event;
  return { why, tookMs: tenth(tookMs), expiresInMs: expiresInMs ?? undefined };
}

function attemptFields(
  { caseId, requestId, attempt, durationMs, outcome }: AttemptEvent,
  operation: string,
): Parameters<typeof logAttempt>[1] {
  const label = outcome.ok ? (outcome.pending === undefined ? 'ok' : 'pending') : failureLabel(outcome.failure);
  return { caseId, requestId, attempt, operation, durationMs: tenth(durationMs), outcome: label };
}

function logLeftOut(log: Logger, results: readonly EnrichmentResult[]): void {
  for (const { caseId, status, error } of results) {
    if (status === 'failed') log.warn({ caseId, error }, 'failed and left out (--on-failure skip)');
  }
}
