/** Puts entries into the queue, in batches, and waits while too many wait there. */

import { type CaseEntry, type EnrichmentResult, type Entry, type InvalidEntry, placeText } from '../../core/case.js';
import { isoTimeText } from '../../core/cases/iso-time.js';
import type { Clock } from '../../core/ports.js';
import { resultLine } from '../../core/results/result-text.js';
import { textDigest } from './digest.js';
import type { QueuedCase, RedisQueue } from './redis-queue.js';

export interface EnqueueOptions {
  /** Queue all cases, whatever became of them. */
  readonly again: boolean;
  /** Wait while so many cases are in the queue; 0 for any number. */
  readonly most: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const MOST_CASES = 500;
const MOST_CHARACTERS = 1 << 20;
const ROOM_EVERY_MS = 100;

export class Enqueuer {
  readonly counts = { added: 0, again: 0, changed: 0, skipped: 0, invalid: 0 };
  readonly #queue: RedisQueue;
  readonly #options: EnqueueOptions;

  constructor(queue: RedisQueue, options: EnqueueOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  /** Puts these in. Rejects with the signal's reason after an abort; then some of them are in the queue. */
  async add(entries: readonly Entry[]): Promise<void> {
    const invalid = entries.filter((entry) => entry.kind === 'invalid');
    if (invalid.length > 0) await this.#storeInvalid(invalid);
    let batch: QueuedCase[] = [];
    let characters = 0;
    for (const entry of entries) {
      if (entry.kind === 'invalid') continue;
      batch.push(queuedCase(entry));
      characters += entry.case.text.length;
      if (batch.length < MOST_CASES && characters < MOST_CHARACTERS) continue;
      await this.#put(batch);
      [batch, characters] = [[], 0];
    }
    if (batch.length > 0) await this.#put(batch);
  }

  async #put(cases: readonly QueuedCase[]): Promise<void> {
    const { again, most, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const enqueued = await this.#queue.enqueue(cases, { again, most });
      if (enqueued === undefined) {
        await this.#roomAgain();
        continue;
      }
      this.counts.added += enqueued.added;
      this.counts.again += enqueued.again;
      this.counts.changed += enqueued.changed;
      this.counts.skipped += enqueued.skipped;
      return;
    }
  }

  #roomAgain(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.setTimer(ROOM_EVERY_MS, resolve));
  }

  /** A record that is no case has its result at once: no worker can do anything about it. */
  async #storeInvalid(entries: readonly InvalidEntry[]): Promise<void> {
    this.#options.signal.throwIfAborted();
    const at = isoTimeText(this.#options.clock.wallNow());
    const results = entries.map((entry) => ({
      digest: textDigest(`${placeText(entry.source)}\n${entry.caseId ?? ''}\n${entry.message}`),
      line: resultLine(invalidResult(entry, at)),
    }));
    await this.#queue.storeInvalid(results);
    this.counts.invalid += entries.length;
  }
}

function queuedCase({ case: { id, text }, source }: CaseEntry): QueuedCase {
  return { id, text, digest: textDigest(text), place: placeText(source) };
}

/** Its index, -1 here, is given by the queue. */
function invalidResult({ caseId, source, message }: InvalidEntry, at: string): EnrichmentResult {
  const error = { kind: 'case', message, retryable: false } as const;
  return { caseId, status: 'invalid', index: -1, enrichedCase: null, error, attempts: 0, durationMs: 0, at, source };
}
