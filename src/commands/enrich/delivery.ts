/**
 * Delivers results: they are stored first, then counted and passed to the watchers, and acknowledged last. After the
 * first error of an output no further call is made.
 */

import type { Case, CaseEntry, DeliveryHandle, EnrichmentResult, KnownStatus } from '../../core/case.js';
import type { CaseSource, RunWatcher } from '../../core/ports.js';
import { FailureGroups } from '../../core/results/failure-groups.js';
import type { RunInfo, Summary } from '../../core/results/run-info.js';
import { Tally } from '../../core/results/tally.js';
import type { Pipeline } from '../../core/run/pipeline.js';
import { CaseTrackerError, isStdoutClosed, OutputError } from '../../errors.js';
import type { Resolved } from '../../config/resolved.js';
import type { Destination } from './destination.js';
import { LeftOut } from './left-out.js';

/** The parties of a delivery: the source of the cases, the outputs of their results, and the watchers. */
export interface DeliveryEnds {
  readonly source: CaseSource;
  readonly destination: Pick<Destination, 'sink' | 'deadLetter'> & Partial<Pick<Destination, 'resumption'>>;
  readonly watcher: RunWatcher;
}

const NONE: ReadonlySet<EnrichmentResult> = new Set();

export class Delivery {
  readonly tally = new Tally();
  readonly groups = new FailureGroups();
  readonly #leftOutOfOutput: LeftOut;
  readonly #source: CaseSource;
  readonly #destination: DeliveryEnds['destination'];
  readonly #watcher: RunWatcher;
  #outputError: unknown;
  /** Failed cases that `--only` leaves out: they go into the dead letter like those that fail now. */
  #leftOut: Case[] = [];
  /** Deliveries to acknowledge to the source once their results are stored. */
  #unacknowledged: DeliveryHandle[] = [];
  #withoutResult = 0;
  #unstored = 0;
  #nameless = 0;

  constructor(values: Pick<Resolved<'enrich'>['values'], 'onFailure'>, ends: DeliveryEnds) {
    this.#source = ends.source;
    this.#destination = ends.destination;
    const places = ends.destination.resumption?.index.places;
    this.#leftOutOfOutput = new LeftOut(values.onFailure === 'skip', (caseId) => places?.has(caseId) ?? false);
    this.#watcher = ends.watcher;
  }

  /** The watcher for the pipeline: counts cases that need no call before it passes them on to the other watchers. */
  get watcher(): RunWatcher {
    const watcher = this.#watcher;
    const settled: RunWatcher['settled'] = (entry, status) => {
      this.#settled(entry, status);
      watcher.settled?.(entry, status);
    };
    return { ...watcher, settled };
  }

  /** Number of cases that are done: with a result, stored or lost to an output that failed, or left out by `--only`. */
  get done(): number {
    return this.tally.total + this.#withoutResult + this.#unstored;
  }

  /** Number of invalid records without a usable id: each may be any case. */
  get nameless(): number {
    return this.#nameless;
  }

  /** Delivers every result of the run. Resolves when the run has ended, also when the output has failed. */
  async run(pipeline: Pipeline): Promise<void> {
    for await (const results of pipeline) {
      if (pipeline.places.length > 0) await this.#keepPlaces(pipeline);
      if (results.length === 0) continue;
      const unstored = await this.#store(pipeline, results);
      const stored = unstored.size === 0 ? results : results.filter((result) => !unstored.has(result));
      for (const result of stored) this.#count(result);
      this.#unstored += unstored.size;
      this.#watcher.delivered?.(stored);
      if (this.#source.acknowledge) await this.#attempt(pipeline, () => this.#acknowledgeWritten(results));
    }
    await this.#attempt(pipeline, () => this.#writeLeftOut());
  }

  /** Ends the outputs. Resolves with the output's error, from now or before, or with undefined. */
  async finish(run: RunInfo, summary: Summary): Promise<unknown> {
    const { sink, deadLetter } = this.#destination;
    let error = this.#outputError;
    try {
      await sink.finish(run, summary);
    } catch (finishError) {
      error = finishError;
    }
    try {
      await deadLetter?.finish();
      if (error === undefined) await this.#acknowledge();
    } catch (finishError) {
      error ??= finishError;
    }
    return error;
  }

  /** Handles a case that needs no call: it has a result in the journal, or `--only` leaves it out without one. */
  #settled({ case: aCase, delivery }: CaseEntry, status: KnownStatus): void {
    if (status === 'missing') this.#withoutResult++;
    else this.tally.addResumed(status);
    if (status === 'failed' && this.#destination.deadLetter !== undefined) this.#leftOut.push(aCase);
    if (status !== 'missing' && delivery !== undefined) this.#unacknowledged.push(delivery);
  }

  /**
   * After an error the sink is still told of later results: its error names every case that was answered and not saved.
   * A bug is thrown at once.
   */
  async #attempt(pipeline: Pipeline, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof CaseTrackerError) && !isStdoutClosed(error)) throw error;
      this.#outputError = error;
      pipeline.stop('output');
    }
  }

  async #keepPlaces(pipeline: Pipeline): Promise<void> {
    this.#leftOutOfOutput.kept(pipeline.places);
    await this.#attempt(pipeline, async () => this.#destination.sink.keepPlaces?.(pipeline.places));
  }

  async #writeLeftOut(): Promise<void> {
    await this.#destination.deadLetter?.add(this.#leftOut.splice(0));
  }

  /** Writes the results; resolves with those that the output should have stored and has not: they do not count. */
  async #store(pipeline: Pipeline, results: readonly EnrichmentResult[]): Promise<ReadonlySet<EnrichmentResult>> {
    const { sink, deadLetter } = this.#destination;
    const shown = this.#leftOutOfOutput.shown(results);
    let unstored: ReadonlySet<EnrichmentResult> = NONE;
    await this.#attempt(pipeline, async () => {
      try {
        await sink.write(shown);
      } catch (error) {
        // A file that is written whole or not at all has stored nothing before its end: its error alone says so.
        if (sink.storesOn === 'write') unstored = new Set(shown.slice(error instanceof OutputError ? error.stored : 0));
        throw error;
      }
      await this.#writeLeftOut();
      await deadLetter?.write(results);
    });
    return unstored;
  }

  #count(result: EnrichmentResult): void {
    this.tally.add(result);
    this.groups.add(result);
    if (result.status === 'invalid') this.#noteId(result.caseId);
  }

  /** An invalid record with a known id is in the input all the same. */
  #noteId(caseId: string | null): void {
    if (caseId === null) this.#nameless++;
    else this.#destination.resumption?.index.see(caseId);
  }

  /** Acknowledges stored results. Cancelled cases are not acknowledged, so that the source delivers them again. */
  async #acknowledgeWritten(results: readonly EnrichmentResult[]): Promise<void> {
    if (this.#outputError !== undefined) return;
    for (const { status, delivery } of results) {
      if (status !== 'cancelled' && delivery !== undefined) this.#unacknowledged.push(delivery);
    }
    if (this.#destination.sink.storesOn === 'write') await this.#acknowledge();
  }

  async #acknowledge(): Promise<void> {
    if (this.#unacknowledged.length > 0) await this.#source.acknowledge?.(this.#unacknowledged.splice(0));
  }
}
