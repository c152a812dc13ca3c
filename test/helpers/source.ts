import type { Entry } from '../../src/core/case.js';
import type { CaseSource } from '../../src/core/ports.js';

/** Batches of entries as a source; it is complete when they have ended by themselves. */
export function sourceOf(batches: AsyncIterable<readonly Entry[]>): CaseSource {
  const counts = { read: 0, selected: 0, invalid: 0, invalidHidden: 0 };
  let complete = false;
  async function* entries(): AsyncGenerator<readonly Entry[]> {
    for await (const batch of batches) {
      counts.read += batch.length;
      counts.invalid += batch.filter(({ kind }) => kind === 'invalid').length;
      counts.selected = counts.read - counts.invalid;
      yield batch;
    }
    complete = true;
  }
  const iterator = entries();
  const close = async (): Promise<void> => void (await iterator.return(undefined));
  return {
    counts,
    get complete() {
      return complete;
    },
    close,
    [Symbol.asyncIterator]: () => iterator,
    [Symbol.asyncDispose]: close,
  };
}
