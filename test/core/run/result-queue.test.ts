import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EnrichmentResult } from '../../../src/core/case.js';
import { ORDER_WINDOW, ResultQueue } from '../../../src/core/run/result-queue.js';

const result = (index: number): EnrichmentResult => ({ index }) as EnrichmentResult;
const indexes = (results: readonly EnrichmentResult[]): number[] => results.map(({ index }) => index);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
// Some cases have no result here: a resumed journal has it.
const hasResult = (sequence: number): boolean => sequence % 7 !== 3;

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
}

/** The numbers 0 to count − 1, none of them more than `reach` places from its own. */
function almostSorted(count: number, reach: number, random: () => number): number[] {
  const keys = Array.from({ length: count }, (_, at) => [at, at + random() * reach] as const);
  return keys.toSorted(([, a], [, b]) => a - b).map(([at]) => at);
}

test('in input order every result leaves once, as soon as those before it have left', () => {
  const property = fc.property(
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 1, max: 100 }),
    fc.noShrink(fc.nat()),
    run,
  );
  fc.assert(property, { seed: 1, numRuns: 50 });

  function run(count: number, reach: number, seed: number): void {
    const random = seeded(seed);
    const queue = new ResultQueue('input');
    const arrived = new Set<number>();
    const taken: number[] = [];
    for (const sequence of almostSorted(count, reach, random)) {
      queue.add(sequence, hasResult(sequence) ? result(sequence) : null);
      arrived.add(sequence);
      if (random() < 0.5) taken.push(...indexes(queue.take()));
      let next = 0;
      while (arrived.has(next)) next++;
      expect(taken.length + queue.readyCount).toBe(upTo(next).filter(hasResult).length);
    }
    taken.push(...indexes(queue.take()));
    expect(taken).toEqual(upTo(count).filter(hasResult));
  }
});

test('thousands of results come out in order, however far they moved', () => {
  const queue = new ResultQueue('input');
  const taken: number[] = [];
  for (let block = 0; block < 10_000; block += 100) {
    for (let at = 99; at >= 0; at--) queue.add(block + at, result(block + at));
    taken.push(...indexes(queue.take()));
  }
  expect(taken).toEqual(upTo(10_000));
});

test('there is room until so many results wait for an earlier one', () => {
  const queue = new ResultQueue('input');
  for (let at = 1; at < ORDER_WINDOW; at++) queue.add(at, result(at));
  expect(queue.hasRoom).toBe(true);
  queue.add(ORDER_WINDOW, result(ORDER_WINDOW));
  expect(queue.hasRoom).toBe(false);
  queue.add(0, result(0));
  expect([queue.hasRoom, queue.readyCount]).toEqual([true, ORDER_WINDOW + 1]);
});
