/** The current state of a run, computed from its parts whenever a watcher asks. */

import type { CaseSource } from '../../core/ports.js';
import type { RunState } from '../../core/results/run-state.js';
import type { Pipeline } from '../../core/run/pipeline.js';
import type { Host } from '../../host.js';
import { CountAhead } from '../../io/sources/file/count-ahead.js';
import { openCounter } from '../../io/sources/file/file-source.js';
import { firstSample, nextSample } from '../../report/terminal/progress.js';
import type { Resolved } from '../../config/resolved.js';
import { readOptions, selectionOf } from '../shared/reading.js';
import type { Delivery } from './delivery.js';
import type { Interruption } from './interruption.js';

/** The parts from which the state is computed. */
export interface RunParts {
  readonly pipeline: Pipeline;
  readonly delivery: Delivery;
  readonly interruption: Interruption;
  /** The expected number of results, or null while that is not known. */
  readonly count: { readonly total: number | null };
}

/** The reader of a run that starts now. */
export function stateReader(parts: RunParts, { values }: Resolved<'enrich'>, host: Host): () => RunState {
  const { pipeline, delivery, interruption, count } = parts;
  const startedMs = host.clock.now();
  let sample = firstSample(startedMs);
  return () => {
    const now = host.clock.now();
    const { tally } = delivery;
    sample = nextSample(sample, now, tally.total - tally.resumed - tally.skipped);
    const { retries, latency } = pipeline.figures;
    const measured = latency.count > 0;
    return {
      elapsedMs: now - startedMs,
      done: delivery.done,
      total: count.total,
      enriched: tally.count('enriched'),
      failed: tally.count('failed'),
      invalid: tally.count('invalid'),
      cancelled: tally.count('cancelled'),
      resumed: tally.resumed,
      inFlight: pipeline.inFlight,
      pending: pipeline.pending,
      limit: pipeline.limit,
      adaptive: values.adaptive,
      retries,
      recentRate: sample.perSecond,
      p50Ms: measured ? latency.percentile(0.5) : null,
      p99Ms: measured ? latency.percentile(0.99) : null,
      phase: interruption.phase,
      isStopRequested: interruption.isRequested,
      pauseLeftMs: pipeline.pauseLeftMs,
      isTokenAwaited: pipeline.tokens?.isAwaited ?? false,
      outage: pipeline.outage ?? undefined,
    };
  };
}

/** Counts the cases ahead of the calls, so that the total is known after so long; undefined for one that nobody shows. */
export function countAhead(
  source: CaseSource,
  { values }: Resolved<'enrich'>,
  host: Host,
  afterMs: number | undefined,
): CountAhead {
  const open = (): CaseSource | undefined => openCounter(readOptions(values, selectionOf(values), host));
  const count = new CountAhead({ source, open, clock: host.clock });
  if (values.queue === undefined && afterMs !== undefined) count.startAfter(afterMs);
  return count;
}
