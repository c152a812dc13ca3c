/** Converts the settings of `enrich` to options of the core. */

import { setImmediate } from 'node:timers/promises';
import type { CaseEntry, KnownStatus } from '../../core/case.js';
import type { RunWatcher } from '../../core/ports.js';
import type { PipelineOptions } from '../../core/run/pipeline.js';
import type { ResultOrder } from '../../core/run/result-queue.js';
import type { Resolved } from '../../config/resolved.js';
import { pointerTokens } from '../../json/pointer.js';
import { textAt } from '../../json/text.js';
import type { Destination } from './destination.js';

type Values = Resolved<'enrich'>['values'];

/** What a run over a queue does otherwise than one over files. */
export interface QueueOptions extends Pick<PipelineOptions, 'mayBegin' | 'settled' | 'holdSlots'> {
  readonly throttle: Pick<PipelineOptions['throttle'], 'shared'>;
}

export function pipelineOptions(
  { values }: Resolved<'enrich'>,
  destination: Destination,
  watcher: RunWatcher,
  runId: string,
  work?: QueueOptions,
): PipelineOptions {
  const { retries, backoffMs, maxBackoffMs, timeoutMs, deadlineMs, into } = values;
  const poll = { intervalMs: values.pollIntervalMs, timeoutMs: values.pollTimeoutMs };
  return {
    rules: { retries, backoffMs, maxBackoffMs, timeoutMs, deadlineMs, into, poll },
    throttle: {
      limit: values.limit,
      adaptive: values.adaptive,
      intervalMs: intervalMs(values),
      maxRetryAfterMs: values.maxRetryAfterMs,
      maxOutageMs: values.maxOutageMs,
      ...work?.throttle,
    },
    stop: { failFast: values.onFailure === 'fail-fast', maxFailures: maxFailures(values), strict: values.strict },
    order: orderOf(values, destination),
    maxTimeMs: values.maxTimeMs,
    shareRequests: values.shareRequests,
    settled: work?.settled ?? settledBy(destination),
    isComplete: completeBy(values),
    ...pollingOf(values, destination),
    isKnownFailure: isKnownBy(destination),
    watcher,
    gather: () => setImmediate(),
    holdSlots: work?.holdSlots ?? destination.isJournal,
    spareSlots: destination.isTable ? values.limit : 0,
    runId,
    ...(work?.mayBegin === undefined ? {} : { mayBegin: work.mayBegin }),
  };
}

/** Whether a failure was known already: a permanent failure that repeats says nothing about the endpoint's health; a transient one does. */
function isKnownBy({ resumption }: Destination): NonNullable<PipelineOptions['isKnownFailure']> {
  return ({ caseId, error }) => {
    if (resumption === undefined || caseId === null || error === null || error.retryable) return false;
    return resumption.index.hasFailedAlike(caseId, error);
  };
}

/** What a run needs that asks for answers which come later. */
function pollingOf(
  { poll, pollLimit }: Values,
  { resumption, sink }: Destination,
): Pick<PipelineOptions, 'pollLimit' | 'keepsPlaces' | 'placeOf'> {
  if (!poll) return {};
  const keepsPlaces = sink.keepPlaces !== undefined;
  if (resumption === undefined) return { pollLimit, keepsPlaces };
  return { pollLimit, keepsPlaces, placeOf: (caseId, key) => resumption.placeOf(caseId, key) };
}

/** The interval between calls, in milliseconds; each shard gets its share of the rate. */
function intervalMs({ rate, shard }: Values): number {
  return rate === null ? 0 : (1_000 / rate.perSecond) * (shard?.count ?? 1);
}

/** With a queue the failures of all workers count, and it is the queue that counts them. */
function maxFailures({ maxFailures: max, queue }: Values): Values['maxFailures'] {
  return queue === undefined || max === null ? max : 'none';
}

function orderOf(values: Values, destination: Destination): ResultOrder {
  return values.order ?? (destination.format === 'ndjson' || destination.format === 'cases' ? 'completion' : 'input');
}

/** Whether a case has what `--skip-if` asks for; undefined without that, so that it costs nothing. */
export function completeBy({ skipIf }: Pick<Values, 'skipIf'>): PipelineOptions['isComplete'] {
  if (skipIf === undefined) return undefined;
  const path = pointerTokens(skipIf) ?? [];
  return ({ text }) => (textAt(text, path) ?? 'null') !== 'null';
}

/** What the journal already has needs no call; what `--only` leaves out counts with its status there. */
function settledBy(destination: Destination): NonNullable<PipelineOptions['settled']> {
  const { resumption } = destination;
  if (resumption === undefined) return () => null;
  return ({ case: { id }, source }: CaseEntry, key): KnownStatus | 'refresh' | null => {
    const status = resumption.index.status(id);
    const decision = resumption.decide(id, key, source);
    if (decision === 'call') return null;
    return decision === 'refresh' ? 'refresh' : status;
  };
}
