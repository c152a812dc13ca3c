/** What the log says of a run: attempts, the failures that are left out, an early stop. */

import type { EnrichmentResult } from '../../core/case.js';
import type { AttemptEvent, RunWatcher } from '../../core/ports.js';
import { failureLabel } from '../../core/results/failure-label.js';
import { tenth } from '../../core/results/latency.js';
import { logAttempt, type Logger } from './log.js';

export interface RunLogOptions {
  /** `GET https://api.example.com/{id}`: the method and the template, without secrets. */
  readonly operation: string;
  /** Failed cases are left out of the results, so each is a line of the log. */
  readonly leavesOutFailed: boolean;
}

/** The watcher that logs a run. Attempts are lines of level `debug`: below it nobody watches them. */
export function runLog(log: Logger, { operation, leavesOutFailed }: RunLogOptions): RunWatcher {
  return {
    ...(log.isEnabled('debug') ? { attempted: (attempt) => logAttempt(log, attemptFields(attempt, operation)) } : {}),
    ...(leavesOutFailed ? { delivered: (results) => logLeftOut(log, results) } : {}),
    stopped: (reason) => log.info({ reason }, 'the run stops'),
    drained: () => log.flush(),
  };
}

function attemptFields(
  { caseId, requestId, attempt, durationMs, outcome }: AttemptEvent,
  operation: string,
): Parameters<typeof logAttempt>[1] {
  const label = outcome.ok ? 'ok' : failureLabel(outcome.failure);
  return { caseId, requestId, attempt, operation, durationMs: tenth(durationMs), outcome: label };
}

function logLeftOut(log: Logger, results: readonly EnrichmentResult[]): void {
  for (const { caseId, status, error } of results) {
    if (status === 'failed') log.warn({ caseId, error }, 'failed and left out (--on-failure skip)');
  }
}
