/** An async iterator from a function, for sources that may be idle for long. */

const DONE = { done: true, value: undefined } as const;

/**
 * Iterates over the values of `pull`, until it gives undefined. Unlike a generator's, its `return` does not wait for a
 * pending `next`: it calls `close`, which must make that one settle. `close` is called at the end and after an error too.
 */
export function pulled<T>(
  pull: () => Promise<T | undefined>,
  close: () => Promise<void>,
): AsyncIterableIterator<T, undefined> {
  let last: Promise<unknown> = Promise.resolve();
  let isOver = false;
  const step = async (): Promise<IteratorResult<T, undefined>> => {
    if (isOver) return DONE;
    try {
      const value = await pull();
      if (value !== undefined && !isOver) return { done: false, value };
    } catch (error) {
      isOver = true;
      await close();
      throw error;
    }
    isOver = true;
    await close();
    return DONE;
  };
  return {
    next() {
      const result = last.then(step);
      last = result.catch(() => {});
      return result;
    },
    async return() {
      isOver = true;
      await close();
      return DONE;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
