/** Results on their way out: written first, then counted; after the first write error no further call is made. */

import type { Case, CaseEntry, EnrichmentResult } from '../../core/case.js';
import { FailureGroups } from '../../core/results/failure-groups.js';
import type { Pipeline } from '../../core/run/pipeline.js';
import type { KnownStatus } from '../../core/merge/resume-index.js';
import { Tally } from '../../core/results/tally.js';
import { CaseTrackerError, isStdoutClosed } from '../../errors.js';
import type { Resolved } from '../../config/resolved.js';
import { type Destination, shownResults } from './destination.js';

/** Told of results once they are written. */
export interface ResultWatcher {
  delivered(results: readonly EnrichmentResult[]): void;
}

export class Delivery {
  readonly tally = new Tally();
  readonly groups = new FailureGroups();
  readonly #values: Resolved<'enrich'>['values'];
  readonly #destination: Destination;
  #outputError: unknown;
  /** Failed cases that `--only` leaves out: they belong into the dead letter like those that fail now. */
  #leftOut: Case[] = [];
  #withoutResult = 0;
  #nameless = 0;

  constructor({ values }: Resolved<'enrich'>, destination: Destination) {
    this.#values = values;
    this.#destination = destination;
  }

  /** What the output failed with, or undefined. */
  get outputError(): unknown {
    return this.#outputError;
  }

  /** Cases that were read and need nothing more: those with a result, and those that `--only` leaves out. */
  get done(): number {
    return this.tally.total + this.#withoutResult;
  }

  /** Invalid records without a usable id: any case may be among them. */
  get nameless(): number {
    return this.#nameless;
  }

  /** A case that needs no call: the journal has dealt with it, or `--only` leaves it out and there is no result. */
  settled(entry: CaseEntry, status: KnownStatus): void {
    if (status === 'missing') this.#withoutResult++;
    else this.tally.addResumed(status);
    if (status === 'failed' && this.#destination.deadLetter !== undefined) this.#leftOut.push(entry.case);
  }

  /** Takes every result of the run. Resolves when the run has ended, also when the output has failed. */
  async run(pipeline: Pipeline, watchers: readonly ResultWatcher[]): Promise<void> {
    for await (const results of pipeline) {
      await this.#attempt(pipeline, () => this.#write(results));
      for (const result of results) this.#count(result);
      for (const watcher of watchers) watcher.delivered(results);
    }
    await this.#attempt(pipeline, () => this.#writeLeftOut());
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

  async #writeLeftOut(): Promise<void> {
    await this.#destination.deadLetter?.add(this.#leftOut.splice(0));
  }

  async #write(results: readonly EnrichmentResult[]): Promise<void> {
    const { sink, deadLetter } = this.#destination;
    const shown = shownResults(results, this.#values.onFailure === 'skip');
    await sink.write(shown);
    await this.#writeLeftOut();
    await deadLetter?.write(results);
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
}
