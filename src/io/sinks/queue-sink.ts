/** Results that go into the queue: storing one and acknowledging its case is one step there. */

import type { EnrichmentResult } from '../../core/case.js';
import type { ResultSink } from '../../core/ports.js';
import type { RunInfo, Summary } from '../../core/results/run-info.js';
import { closingLine, resultLine } from '../../core/results/result-text.js';
import { OutputError } from '../../errors.js';
import type { Deliveries, QueueDelivery } from '../queue/delivery.js';
import { QueueAway } from '../queue/link.js';
import type { FinishAnswer, FinishedCase, RedisQueue } from '../queue/redis-queue.js';
import { QueueGone } from '../queue/refusals.js';
import { UnsavedResults } from './result-group.js';

export interface QueueSinkOptions {
  readonly queue: RedisQueue;
  readonly worker: string;
  readonly deliveries: Deliveries;
  /** Told what the queue said to each batch. */
  readonly answered?: (answer: FinishAnswer) => void;
}

const MOST_AT_ONCE = 200;
const MOST_CHARACTERS = 4 << 20;

export class QueueSink implements ResultSink {
  readonly storesOn = 'write';
  readonly #options: QueueSinkOptions;
  readonly #unsaved = new UnsavedResults();
  #error: OutputError | undefined;
  /** Results without a place, because the queue is gone. */
  #homeless = 0;
  #late = 0;
  #superseded = 0;

  constructor(options: QueueSinkOptions) {
    this.#options = options;
  }

  /** Results that were dropped: another worker's came first, or the case was replaced by a newer text. */
  get dropped(): { readonly late: number; readonly superseded: number; readonly homeless: number } {
    return { late: this.#late, superseded: this.#superseded, homeless: this.#homeless };
  }

  async write(results: readonly EnrichmentResult[]): Promise<void> {
    let stored = 0;
    for (const batch of batchesOf(results)) {
      if (this.#error === undefined) await this.#store(batch);
      if (this.#error === undefined) stored += batch.length;
      else this.#unsaved.add(batch);
    }
    this.#throwIfFailed(stored);
  }

  /** The closing line of the run stands among the results, so that a journal of them has it. */
  async finish(run: RunInfo, summary: Summary): Promise<void> {
    if (this.#error === undefined && this.#homeless === 0) await this.#finish([], closingLine(run, summary));
    this.#throwIfFailed(0);
  }

  /** What is not stored is given back when the worker leaves. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  async #store(results: readonly EnrichmentResult[]): Promise<void> {
    const ended = results.filter(({ status, delivery }) => status !== 'cancelled' && delivery !== undefined);
    await this.#giveBack(results.filter(({ status }) => status === 'cancelled'));
    if (ended.length > 0) await this.#finish(ended.map(finishedCase));
    if (this.#error !== undefined) return;
    for (const { delivery } of ended) this.#options.deliveries.drop(delivery as QueueDelivery);
  }

  async #finish(cases: readonly FinishedCase[], closing = ''): Promise<void> {
    const { queue, worker, answered } = this.#options;
    try {
      const answer = await queue.finish(worker, cases, closing);
      this.#late += answer.late;
      this.#superseded += answer.superseded;
      answered?.(answer);
    } catch (error) {
      // The source ends the run with it: there is nothing that these results could be stored in.
      if (error instanceof QueueGone) this.#homeless += cases.length;
      // A closing line is no result: without Redis the source ends the run, and says why.
      else if (error instanceof QueueAway && cases.length === 0) return;
      else this.#error = asOutputError(error);
    }
  }

  /** A case that was cut short has no result: another worker begins it anew, at once. */
  async #giveBack(results: readonly EnrichmentResult[]): Promise<void> {
    const { queue, worker, deliveries } = this.#options;
    const given = results.flatMap(({ delivery }) => (delivery === undefined ? [] : [delivery as QueueDelivery]));
    for (const delivery of given) deliveries.drop(delivery);
    if (given.length === 0 || queue.link.isAway) return;
    await queue
      .release(
        worker,
        given.map(({ entry }) => entry),
      )
      .catch(() => {});
  }

  #throwIfFailed(stored: number): void {
    if (this.#error === undefined) return;
    const { message, hint, cause } = this.#error;
    throw new OutputError(message, { details: this.#unsaved.details, hint, cause, stored });
  }
}

function* batchesOf(results: readonly EnrichmentResult[]): Generator<readonly EnrichmentResult[]> {
  let from = 0;
  let characters = 0;
  for (const [at, { enrichedCase }] of results.entries()) {
    characters += enrichedCase?.text.length ?? 0;
    if (at + 1 - from < MOST_AT_ONCE && characters < MOST_CHARACTERS) continue;
    yield results.slice(from, at + 1);
    [from, characters] = [at + 1, 0];
  }
  if (from < results.length) yield results.slice(from);
}

const STATUS = { enriched: 'e', failed: 'f', invalid: 'i', cancelled: 'f' } as const;

function finishedCase(result: EnrichmentResult): FinishedCase {
  const { entry, id, revision } = result.delivery as QueueDelivery;
  return { entry, id, revision, status: STATUS[result.status], line: resultLine(result) };
}

function asOutputError(error: unknown): OutputError {
  if (error instanceof OutputError) return error;
  const { message } = error as Error;
  const hint = error instanceof QueueAway ? 'once Redis is back, other workers call these cases again' : undefined;
  return new OutputError(message, { hint, cause: error });
}
