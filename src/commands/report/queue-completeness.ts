/** `report --queue --expect`: whether the queue is done with every expected case, in its newest text. */

import type { Entry } from '../../core/case.js';
import { isDuplicateEntry } from '../../core/cases/duplicate.js';
import { SampleCollector } from '../../core/results/sample.js';
import { textDigest } from '../../io/queue/digest.js';
import type { RedisQueue } from '../../io/queue/redis-queue.js';
import { knownCases } from '../../io/queue/stored-results.js';
import { formatCounted, sampleText } from '../../text/format.js';

export class QueueCompleteness {
  readonly #queue: RedisQueue;
  readonly #open = new SampleCollector();
  readonly #otherText = new SampleCollector();

  constructor(queue: RedisQueue) {
    this.#queue = queue;
  }

  /** Takes note of expected entries. Invalid records have their results already. */
  async look(entries: readonly Entry[]): Promise<void> {
    const cases = entries.flatMap((entry) => (entry.kind === 'case' && !isDuplicateEntry(entry) ? [entry.case] : []));
    const known = await knownCases(
      this.#queue,
      cases.map(({ id }) => id),
    );
    for (const [at, { id, text }] of cases.entries()) {
      const state = known[at];
      // One that the queue has never heard of has no result either.
      if (state === undefined) continue;
      if (state.isOpen) this.#open.add(id);
      else if (state.digest !== textDigest(text)) this.#otherText.add(id);
    }
  }

  /** What is not done, a sentence each. */
  async findings(): Promise<readonly string[]> {
    const { waiting, inWork } = await this.#queue.stats();
    const [open, other] = [this.#open, this.#otherText];
    return [
      ...(waiting + inWork > 0
        ? [`not finished: ${formatCounted(waiting, 'case')} waiting, ${formatCounted(inWork, 'case')} in work`]
        : []),
      ...(open.count > 0
        ? [
            `open: ${formatCounted(open.count, 'expected case')} without a result for the newest text: ${sampleText(open)}`,
          ]
        : []),
      ...(other.count > 0
        ? [
            `other text: ${formatCounted(other.count, 'expected case')} whose text the queue does not have: ${sampleText(other)}`,
          ]
        : []),
    ];
  }
}
