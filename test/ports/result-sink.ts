/** The conformance suite of ResultSink. */

import { expect } from 'vitest';
import type { EnrichmentResult } from '../../src/core/case.js';
import type { ResultSink } from '../../src/core/ports.js';
import { OutputError } from '../../src/errors.js';
import { enriched, unenriched } from '../helpers/samples.js';
import { runInfo, summary } from '../helpers/samples.js';
import { type Check, errorOf } from './checks.js';

/** A sink that was just opened, and its place as somebody else sees it. */
export interface SinkSubject {
  readonly sink: ResultSink;
  /** Ids of the cases whose results are in their place now, in its order. */
  readonly stored: () => readonly string[] | Promise<readonly string[]>;
  /** From now on the place takes nothing, like a disk that is full; until `mend`. */
  readonly breakDown: () => void;
  readonly mend: () => void;
  /** What is still open: timers, descriptors, locks. 0 when the sink has let go of everything. */
  readonly held: () => number;
}

/** Every status; each of them failed or was answered, but for the last two. */
const RESULTS: readonly EnrichmentResult[] = [
  enriched('a', { index: 0 }),
  unenriched('b', 'failed', { index: 1 }),
  unenriched('c', 'cancelled', { index: 2 }),
  unenriched('d', 'invalid', { index: 3 }),
];

/** Failures, which every sink keeps, a dead letter too. */
const failure = (id: string, index: number): readonly EnrichmentResult[] => [unenriched(id, 'failed', { index })];
const [V, W, X, Y, Z] = [failure('v', 0), failure('w', 1), failure('x', 2), failure('y', 3), failure('z', 4)];

export const TAKES_EVERY_STATUS = 'takes results of every status';
export const NAMES_UNSAVED = 'names in its error each case that was answered and is not stored';

export const sinkChecks: readonly Check<SinkSubject>[] = [
  {
    name: 'has results in their place when it says that they are stored, and not only later',
    async check(make) {
      const { sink, stored } = await make();
      await sink.write(V);
      await sink.write([...W, ...X]);
      if (sink.storesOn === 'write') expect(await stored()).toEqual(['v', 'w', 'x']);
      await sink.finish(runInfo(), summary({ total: 3 }));
      expect(await stored()).toEqual(['v', 'w', 'x']);
    },
  },
  {
    name: 'has nothing in its place before the end when it stores at the end',
    async check(make) {
      const { sink, stored } = await make();
      await sink.write(V);
      expect(await stored()).toEqual(sink.storesOn === 'finish' ? [] : ['v']);
      await sink.close();
    },
  },
  {
    name: TAKES_EVERY_STATUS,
    async check(make) {
      const { sink, stored } = await make();
      await sink.write(RESULTS);
      await sink.finish(runInfo(), summary({ total: RESULTS.length }));
      expect((await stored()).toSorted()).toEqual(['a', 'b', 'c', 'd']);
    },
  },
  {
    name: 'takes no results, and many, each once and in order',
    async check(make) {
      const { sink, stored } = await make();
      const ids = Array.from({ length: 40 }, (_, at) => `many-${at}`);
      await sink.write([]);
      for (let at = 0; at < ids.length; at += 16) {
        await sink.write(ids.slice(at, at + 16).map((id, index) => unenriched(id, 'failed', { index: at + index })));
      }
      await sink.finish(runInfo(), summary({ total: ids.length }));
      expect(await stored()).toEqual(ids);
    },
  },
  {
    name: 'can end without a result',
    async check(make) {
      const { sink, stored } = await make();
      await sink.finish(runInfo(), summary());
      expect(await stored()).toEqual([]);
    },
  },
  {
    name: 'keeps what is stored when it is closed without an end, and nothing else',
    async check(make) {
      const { sink, stored } = await make();
      await sink.write(V);
      await sink.close();
      expect(await stored()).toEqual(sink.storesOn === 'write' ? ['v'] : []);
    },
  },
  {
    name: 'can be closed after its end, and again',
    async check(make) {
      const { sink, stored } = await make();
      await sink.write(V);
      await sink.finish(runInfo(), summary({ total: 1 }));
      await sink.close();
      await sink.close();
      expect(await stored()).toEqual(['v']);
    },
  },
  {
    name: 'holds nothing after its end, after close, and after an error',
    async check(make) {
      const [ended, closed, failed] = [await make(), await make(), await make()];
      for (const { sink } of [ended, closed, failed]) await sink.write(V);
      await ended.sink.finish(runInfo(), summary({ total: 1 }));
      await closed.sink.close();
      failed.breakDown();
      await errorOf(() => failed.sink.finish(runInfo(), summary({ total: 1 })));
      await failed.sink.close();
      expect([ended.held(), closed.held(), failed.held()]).toEqual([0, 0, 0]);
    },
  },
  {
    name: 'says when it cannot store, with an error for the user',
    async check(make) {
      const { sink, breakDown } = await make();
      breakDown();
      const write = await errorOf(() => sink.write(V));
      const finish = await errorOf(() => sink.finish(runInfo(), summary({ total: 1 })));
      if (sink.storesOn === 'write') expect(write).toBeInstanceOf(OutputError);
      expect(finish).toBeInstanceOf(OutputError);
      expect(await errorOf(() => sink.close())).toBeUndefined();
    },
  },
  {
    name: 'stores nothing more after its first error, so that no result is missing in the middle',
    async check(make) {
      const { sink, stored, breakDown, mend } = await make();
      await sink.write(V);
      breakDown();
      if ((await errorOf(() => sink.write(W))) !== undefined) {
        mend();
        expect(await errorOf(() => sink.write(X))).toBeInstanceOf(OutputError);
      }
      expect(await errorOf(() => sink.finish(runInfo(), summary({ total: 3 })))).toBeInstanceOf(OutputError);
      await sink.close();
      expect(await stored()).toEqual(sink.storesOn === 'write' ? ['v'] : []);
    },
  },
  {
    name: NAMES_UNSAVED,
    async check(make) {
      const { sink, breakDown } = await make();
      await sink.write(V);
      breakDown();
      for (const results of [W, X, Y]) await errorOf(() => sink.write(results));
      await errorOf(() => sink.write([unenriched('never-called', 'cancelled')]));
      const last = await errorOf(() => sink.write(Z));
      const error = last ?? (await errorOf(() => sink.finish(runInfo(), summary({ total: 6 }))));
      expect(error).toBeInstanceOf(OutputError);
      const count = sink.storesOn === 'write' ? 4 : 5;
      const details = (error as OutputError).details.join('\n');
      expect(details).toContain(`${count} answered and not saved: ${count === 4 ? 'w' : 'v'}, `);
      expect(details).not.toContain('never-called');
      await sink.close();
    },
  },
  {
    name: 'changes nothing of what it is handed',
    async check(make) {
      const { sink } = await make();
      const results = [...V, ...W];
      const before = JSON.stringify(results);
      for (const result of [results, ...results]) Object.freeze(result);
      await sink.write(results);
      await sink.finish(Object.freeze(runInfo()), Object.freeze(summary({ total: 2 })));
      expect(JSON.stringify(results)).toBe(before);
    },
  },
];
