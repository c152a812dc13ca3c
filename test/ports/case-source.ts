/** The conformance suite of CaseSource. */

import { expect } from 'vitest';
import type { Entry } from '../../src/core/case.js';
import type { CaseSource } from '../../src/core/ports.js';
import { CaseTrackerError } from '../../src/errors.js';
import { type Check, errorOf, type Make } from './checks.js';

/** A kind of source over some input; each call opens a new one. A record is the text of a JSON value. */
export interface SourceSubject {
  open(records: readonly string[]): CaseSource | Promise<CaseSource>;
  /** The same input, which cannot be read on after these records. */
  openBroken(records: readonly string[]): CaseSource | Promise<CaseSource>;
  /** The same input, which gives nothing more after these records and does not end. */
  openIdle(records: readonly string[]): CaseSource | Promise<CaseSource>;
  /** Of a source that has to be told: ids that somebody else would be given now. */
  openDeliveries?(): readonly string[];
}

const RECORDS = ['{"id":"a","n":1}', '{"id":7}', '{"title":"no id"}', '{"id":"b","nested":{"x":[1,2,3]}}'];
const VALID = ['{"id":"a","n":1}', '{"id":"b"}', '{"id":"c"}'];

export const HAS_HANDLES = 'has a handle on each entry when it has to be told, and else on none';

export const sourceChecks: readonly Check<SourceSubject>[] = [
  {
    name: 'gives every record as one entry, in order, its text unchanged',
    async check(make) {
      const entries = await entriesOf(await open(make, RECORDS));
      expect(entries.map(textOf)).toEqual([RECORDS[0], RECORDS[1], 'invalid', RECORDS[3]]);
      expect(entries.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    },
  },
  {
    name: 'says of an invalid record where it stands and what is wrong with it',
    async check(make) {
      const entry = (await entriesOf(await open(make, RECORDS)))[2];
      expect(entry).toMatchObject({ kind: 'invalid', caseId: null, message: expect.stringMatching(/./) as string });
      expect(entry?.source.file).toMatch(/./);
    },
  },
  {
    name: 'counts what it has read, and is complete at the end and not before the beginning',
    async check(make) {
      const source = await open(make, RECORDS);
      expect([source.complete, source.counts.read]).toEqual([false, 0]);
      await entriesOf(source);
      expect(source.complete).toBe(true);
      expect(source.counts).toMatchObject({ read: 4, selected: 3, invalid: 1, invalidHidden: 0 });
    },
  },
  {
    name: 'gives many entries, each once, in batches that are not empty',
    async check(make) {
      const records = Array.from({ length: 1_000 }, (_, id) => `{"id":"c${id}"}`);
      const source = await open(make, records);
      const texts: string[] = [];
      for await (const batch of source) {
        expect(batch.length).toBeGreaterThan(0);
        texts.push(...batch.map(textOf));
      }
      expect(texts).toEqual(records);
    },
  },
  {
    name: 'is complete without an entry where there is no record',
    async check(make) {
      const source = await open(make, []);
      expect(await entriesOf(source)).toEqual([]);
      expect(source.complete).toBe(true);
    },
  },
  {
    name: 'gives the entries before a fault, then an error for the user, and is not complete',
    async check(make) {
      const source = await (await make()).openBroken(VALID);
      const entries: Entry[] = [];
      const error = await errorOf(async () => {
        for await (const batch of source) entries.push(...batch);
      });
      expect(error).toBeInstanceOf(CaseTrackerError);
      expect(entries.map(textOf)).toEqual(VALID);
      expect(source.complete).toBe(false);
      await source.close();
    },
  },
  {
    name: 'can be iterated once',
    async check(make) {
      const source = await open(make, VALID);
      await entriesOf(source);
      expect(await errorOf(() => source[Symbol.asyncIterator]())).toBeInstanceOf(Error);
    },
  },
  {
    name: 'gives nothing after its iterator was returned',
    async check(make) {
      const source = await (await make()).openIdle(VALID);
      const iterator = source[Symbol.asyncIterator]();
      expect((await iterator.next()).done).toBe(false);
      await iterator.return?.();
      expect((await iterator.next()).done).toBe(true);
      expect(source.complete).toBe(false);
      await source.close();
    },
  },
  {
    name: 'is closed while it waits for more, and the wait ends',
    async check(make) {
      const source = await (await make()).openIdle(VALID);
      const iterator = source[Symbol.asyncIterator]();
      for (let taken = 0; taken < VALID.length;) taken += lengthOf(await iterator.next());
      const waiting = iterator.next();
      await source.close();
      expect((await waiting).done).toBe(true);
      expect(source.complete).toBe(false);
    },
  },
  {
    name: 'can be closed before anything, after everything, and again',
    async check(make) {
      const unread = await open(make, VALID);
      await unread.close();
      await unread.close();
      const read = await open(make, VALID);
      await entriesOf(read);
      await read.close();
      await read[Symbol.asyncDispose]();
      expect([unread.complete, read.complete]).toEqual([false, true]);
    },
  },
  {
    name: HAS_HANDLES,
    async check(make) {
      const source = await open(make, RECORDS);
      const handles = (await entriesOf(source)).map(({ delivery }) => delivery);
      const told = source.acknowledge !== undefined;
      expect(handles.map((handle) => handle !== undefined)).toEqual(RECORDS.map(() => told));
      if (told) expect(new Set(handles).size).toBe(RECORDS.length);
      await source.close();
    },
  },
  {
    name: 'can be told until it is closed, and gives to others only what it was not told of',
    async check(make) {
      const subject = await make();
      const source = await subject.open(VALID);
      if (source.acknowledge === undefined) return;
      const [first, ...others] = (await entriesOf(source)).flatMap(({ delivery }) => delivery ?? []);
      await source.acknowledge([first ?? 'none']);
      await source.acknowledge(others.slice(1));
      await source.close();
      expect(subject.openDeliveries?.()).toEqual(['b']);
    },
  },
];

async function open(make: Make<SourceSubject>, records: readonly string[]): Promise<CaseSource> {
  return (await make()).open(records);
}

async function entriesOf(source: CaseSource): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const batch of source) entries.push(...batch);
  return entries;
}

function textOf(entry: Entry): string {
  return entry.kind === 'case' ? entry.case.text : 'invalid';
}

function lengthOf(next: IteratorResult<readonly Entry[], unknown>): number {
  if (next.done) throw new Error('ended before every record was given');
  return next.value.length;
}
