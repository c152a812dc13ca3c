/** Looks at the first cases for the columns that `--fields` names, before anything is called. */

import type { Case, Entry } from '../../core/case.js';
import type { FileSource } from '../../io/sources/file/file-source.js';
import { pulled } from '../../io/sources/pulled.js';
import type { Resolved } from '../../config/resolved.js';
import { caseFields } from '../../report/sheet/named-columns.js';
import { UnseenFields } from '../shared/unseen-fields.js';

/**
 * The same source, whose first batches were read already. Rejects with a UsageError for a field that none of the first
 * 100 cases has; a source that fails before its end fails later, when the cases before the fault were delivered.
 */
export async function withKnownFields(source: FileSource, values: Resolved<'enrich'>['values']): Promise<FileSource> {
  const unseen = new UnseenFields('--fields', caseFields({ ...values, hasOther: false }), {});
  const ahead = new ReadAhead(source);
  try {
    for (let batch = await ahead.take(); batch !== undefined; batch = await ahead.take()) {
      unseen.look(batch.flatMap((entry): Case[] => (entry.kind === 'case' ? [entry.case] : [])));
      if (unseen.isSettled) break;
    }
    unseen.refuse();
  } catch (error) {
    await source.close();
    throw error;
  }
  return ahead;
}

/** A source that can be read before it is iterated. */
class ReadAhead implements FileSource {
  readonly #source: FileSource;
  readonly #iterator: AsyncIterator<readonly Entry[], undefined>;
  readonly #taken: (readonly Entry[])[] = [];
  #failed: { readonly error: unknown } | undefined;

  constructor(source: FileSource) {
    this.#source = source;
    this.#iterator = source[Symbol.asyncIterator]() as AsyncIterator<readonly Entry[], undefined>;
  }

  get counts(): FileSource['counts'] {
    return this.#source.counts;
  }

  get facts(): FileSource['facts'] {
    return this.#source.facts;
  }

  get complete(): boolean {
    return this.#source.complete;
  }

  /** The next batch, which is kept for the iteration; undefined at the end, and where the source has failed. */
  async take(): Promise<readonly Entry[] | undefined> {
    try {
      const { value } = await this.#iterator.next();
      if (value !== undefined) this.#taken.push(value);
      return value;
    } catch (error) {
      this.#failed = { error };
      return undefined;
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly Entry[]> {
    return pulled(
      () => this.#next(),
      () => this.close(),
    );
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #next(): Promise<readonly Entry[] | undefined> {
    const batch = this.#taken.shift();
    if (batch !== undefined) return batch;
    if (this.#failed !== undefined) throw this.#failed.error;
    return (await this.#iterator.next()).value;
  }
}
