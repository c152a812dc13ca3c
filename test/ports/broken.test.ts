/** The conformance suites catch what they are there for: each check fails for a variant that is broken in its way. */

import { expect, test } from 'vitest';
import type { EnrichmentResult } from '../../src/core/case.js';
import type { CaseSource, ResultSink, RunWatcher } from '../../src/core/ports.js';
import { OutputError } from '../../src/errors.js';
import { UnsavedResults } from '../../src/io/sinks/result-group.js';
import { LeasedCases } from '../helpers/leased-cases.js';
import { FakeClock } from '../helpers/clock.js';
import { type SourceSubject, sourceChecks } from './case-source.js';
import { failedChecks } from './checks.js';
import { type SinkSubject, sinkChecks } from './result-sink.js';
import { type WatcherSubject, watcherChecks } from './run-watcher.js';

/** A source in which one thing is other than it was: `change` has what is to be replaced. */
function brokenSource(change: (source: CaseSource) => Partial<CaseSource>): () => SourceSubject {
  return () => {
    const cases = new LeasedCases();
    const changed = (source: CaseSource): CaseSource => {
      const parts = change(source);
      return new Proxy(source, {
        get(target, name: keyof CaseSource) {
          return name in parts ? parts[name] : target[name];
        },
        has: (target, name) => name in target,
      });
    };
    return {
      open: (records) => changed(cases.open(records)),
      openBroken: (records) => changed(cases.openBroken(records)),
      openIdle: (records) => changed(cases.openIdle(records)),
      openDeliveries: () => cases.openDeliveries(),
    };
  };
}

/** A source whose batches go through `change` first. */
function changesBatches(change: (batch: readonly Record<string, unknown>[]) => unknown): () => SourceSubject {
  return brokenSource((source) => ({
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      return {
        async next() {
          const step = await iterator.next();
          return step.done ? step : ({ done: false, value: change(step.value as never) } as typeof step);
        },
        return: () => iterator.return?.() ?? Promise.resolve({ done: true, value: undefined }),
      };
    },
  }));
}

const BROKEN_SOURCES: readonly (readonly [what: string, make: () => SourceSubject, check: string])[] = [
  [
    'numbers every entry 0',
    changesBatches((batch) => batch.map((entry) => ({ ...entry, index: 0 }))),
    'gives every record as one entry, in order, its text unchanged',
  ],
  [
    'tells nothing about an invalid record',
    changesBatches((batch) => batch.map((entry) => ({ ...entry, message: '' }))),
    'says of an invalid record where it stands and what is wrong with it',
  ],
  [
    'is complete from the beginning',
    brokenSource(() => ({ complete: true })),
    'counts what it has read, and is complete at the end and not before the beginning',
  ],
  [
    'gives a batch twice',
    changesBatches((batch) => [...batch, ...batch]),
    'gives many entries, each once, in batches that are not empty',
  ],
  [
    'is never complete',
    brokenSource(() => ({ complete: false })),
    'is complete without an entry where there is no record',
  ],
  [
    'takes a fault for the end',
    brokenSource((source) => ({
      [Symbol.asyncIterator]() {
        const iterator = source[Symbol.asyncIterator]();
        const next = (): ReturnType<typeof iterator.next> =>
          iterator.next().catch(() => ({ done: true, value: undefined }));
        return { next, return: () => iterator.return?.() ?? next() };
      },
    })),
    'gives the entries before a fault, then an error for the user, and is not complete',
  ],
  [
    'can be iterated twice',
    brokenSource((source) => {
      const iterator = source[Symbol.asyncIterator]();
      return { [Symbol.asyncIterator]: () => iterator };
    }),
    'can be iterated once',
  ],
  [
    'goes on after return',
    brokenSource((source) => ({
      [Symbol.asyncIterator]() {
        const iterator = source[Symbol.asyncIterator]();
        return { next: () => iterator.next(), return: () => Promise.resolve({ done: true, value: undefined }) };
      },
    })),
    'gives nothing after its iterator was returned',
  ],
  [
    'waits for more after it was closed',
    brokenSource(() => ({ close: () => Promise.resolve() })),
    'is closed while it waits for more, and the wait ends',
  ],
  [
    'cannot be closed twice',
    brokenSource((source) => {
      let isClosed = false;
      const close = async (): Promise<void> => {
        if (isClosed) throw new Error('closed already');
        isClosed = true;
        await source.close();
      };
      return { close };
    }),
    'can be closed before anything, after everything, and again',
  ],
  [
    'has no handles',
    changesBatches((batch) => batch.map((entry) => ({ ...entry, delivery: undefined }))),
    'has a handle on each entry when it has to be told, and else on none',
  ],
  [
    'forgets what it was told',
    brokenSource(() => ({ acknowledge: () => {} })),
    'can be told until it is closed, and gives to others only what it was not told of',
  ],
];

/** A place for ids, and a sink of them that keeps the port. */
class MemorySink implements ResultSink {
  storesOn: ResultSink['storesOn'] = 'write';
  readonly place = { ids: [] as string[], isFull: false };
  held = 1;
  readonly unsaved = new UnsavedResults();
  error: OutputError | undefined;

  write(results: readonly EnrichmentResult[]): void | Promise<void> {
    this.attempt();
    if (this.error === undefined) return this.store(results);
    this.unsaved.add(results);
    throw this.unsaved.describe(this.error);
  }

  finish(): Promise<void> {
    this.attempt();
    this.held = 0;
    return this.error === undefined ? Promise.resolve() : Promise.reject(this.unsaved.describe(this.error));
  }

  close(): Promise<void> {
    this.held = 0;
    return Promise.resolve();
  }

  store(results: readonly EnrichmentResult[]): void {
    this.place.ids.push(...results.map(({ caseId }) => caseId ?? 'no id'));
  }

  attempt(): void {
    if (this.place.isFull) this.error ??= new OutputError('the place is full');
  }
}

function sinkSubject(change: (sink: MemorySink) => Partial<MemorySink> = () => ({})): () => SinkSubject {
  return () => {
    const sink = new MemorySink();
    Object.assign(sink, change(sink));
    return {
      sink,
      stored: () => sink.place.ids,
      breakDown: () => void (sink.place.isFull = true),
      mend: () => void (sink.place.isFull = false),
      held: () => sink.held,
    };
  };
}

/** Keeps results and stores them when it is closed. */
function storesLate(sink: MemorySink): Partial<MemorySink> {
  const kept: EnrichmentResult[] = [];
  const store = MemorySink.prototype.store.bind(sink);
  const close = (): Promise<void> => {
    store(kept.splice(0));
    return MemorySink.prototype.close.call(sink);
  };
  const finish = async (): Promise<void> => {
    store(kept.splice(0));
    await MemorySink.prototype.finish.call(sink);
  };
  return { store: (results) => void kept.push(...results), close, finish };
}

const BROKEN_SINKS: readonly (readonly [what: string, make: () => SinkSubject, check: string])[] = [
  [
    'says too early that results are stored',
    sinkSubject(storesLate),
    'has results in their place when it says that they are stored, and not only later',
  ],
  [
    'stores before the end what it has promised for the end',
    sinkSubject(() => ({ storesOn: 'finish' })),
    'has nothing in its place before the end when it stores at the end',
  ],
  [
    'leaves out cancelled cases',
    sinkSubject((sink) => ({
      store: (results) =>
        MemorySink.prototype.store.call(
          sink,
          results.filter(({ status }) => status !== 'cancelled'),
        ),
    })),
    'takes results of every status',
  ],
  [
    'turns a batch round',
    sinkSubject((sink) => ({ store: (results) => MemorySink.prototype.store.call(sink, results.toReversed()) })),
    'takes no results, and many, each once and in order',
  ],
  [
    'needs a result',
    sinkSubject((sink) => ({
      finish: () => {
        if (sink.place.ids.length === 0) throw new TypeError('nothing to end');
        return MemorySink.prototype.finish.call(sink);
      },
    })),
    'can end without a result',
  ],
  [
    'takes back what is stored when it is closed',
    sinkSubject((sink) => ({
      close: () => {
        sink.place.ids.length = 0;
        return MemorySink.prototype.close.call(sink);
      },
    })),
    'keeps what is stored when it is closed without an end, and nothing else',
  ],
  [
    'cannot be closed after its end',
    sinkSubject((sink) => ({
      close: () => (sink.held === 0 ? Promise.reject(new Error('closed')) : Promise.resolve()),
    })),
    'can be closed after its end, and again',
  ],
  [
    'keeps its lock',
    sinkSubject(() => ({ close: () => Promise.resolve() })),
    'holds nothing after its end, after close, and after an error',
  ],
  [
    'swallows its error',
    sinkSubject((sink) => ({ attempt: () => {}, store: (results) => sink.place.isFull || keep(sink, results) })),
    'says when it cannot store, with an error for the user',
  ],
  [
    'goes on after an error',
    sinkSubject((sink) => ({
      attempt: () => {
        sink.error = sink.place.isFull ? new OutputError('the place is full') : undefined;
      },
    })),
    'stores nothing more after its first error, so that no result is missing in the middle',
  ],
  [
    'does not say what is lost',
    sinkSubject((sink) => ({
      write: (results) => {
        sink.attempt();
        if (sink.error !== undefined) throw sink.error;
        keep(sink, results);
      },
    })),
    'names in its error each case that was answered and is not stored',
  ],
  [
    'marks what it has stored',
    sinkSubject((sink) => ({
      store: (results) => {
        keep(sink, results);
        for (const result of results) Object.assign(result, { stored: true });
      },
    })),
    'changes nothing of what it is handed',
  ],
];

function keep(sink: MemorySink, results: readonly EnrichmentResult[]): void {
  MemorySink.prototype.store.call(sink, results);
}

/** What a watcher in memory is made with. */
interface Shown {
  readonly say: (text: string) => void;
  readonly clock: WatcherSubject['clock'];
}

/** A watcher that says each event, with some methods of its own. */
function watcherSubject(change: (shown: Shown) => RunWatcher = () => ({})): () => WatcherSubject {
  return () => {
    const clock = new FakeClock();
    let [text, isLost] = ['', false];
    const write = (more: string): void => {
      if (isLost) throw new Error('write EPIPE');
      text += `${more}\n`;
    };
    const say = (more: string): void => void (isLost || write(more));
    const watcher: RunWatcher = {
      started: ({ endpoint }, state) => say(`${endpoint} ${state().done}`),
      delivered: (results) => say(`${results.length}`),
      stopped: (reason) => say(reason),
      ended: ({ exitCode }) => say(`exit ${exitCode}`),
      ...change({ say: write, clock }),
    };
    return { watcher, clock, shown: () => text, loseReader: () => void (isLost = true) };
  };
}

const BROKEN_WATCHERS: readonly (readonly [what: string, make: () => WatcherSubject, check: string])[] = [
  [
    'makes the run wait',
    watcherSubject(() => ({ delivered: (() => Promise.resolve()) as () => void })),
    'is told a whole run, and answers nothing that the run would wait for',
  ],
  [
    'expects results',
    watcherSubject(() => {
      let last: number | undefined;
      return {
        delivered: (results) => void (last = results.length),
        ended: () => {
          if (last === undefined) throw new TypeError('no results');
        },
      };
    }),
    'is told a run in which nothing happens, and one that is stopped at once',
  ],
  [
    'sorts what it is handed',
    watcherSubject(() => ({ delivered: (results) => void (results as EnrichmentResult[]).reverse() })),
    'changes nothing of what it is handed',
  ],
  [
    'fails when nobody reads',
    watcherSubject(({ say }) => ({ paused: ({ ms }) => say(`${ms}`) })),
    'goes on in silence when nobody reads what it shows',
  ],
  [
    'leaves a timer',
    watcherSubject(({ say, clock }) => ({ started: () => void clock.setTimer(60_000, () => say('still here')) })),
    'shows everything by its end, and leaves no timer that shows more',
  ],
  [
    'looks at the run after its end',
    watcherSubject(({ clock }) => ({ started: (_, state) => void clock.setTimer(60_000, state) })),
    'looks at the state of the run until it is drained, and no longer',
  ],
];

test('what keeps the port passes every check', async () => {
  expect(await failedChecks(sourceChecks, () => new LeasedCases())).toEqual([]);
  expect(await failedChecks(sinkChecks, sinkSubject())).toEqual([]);
  expect(await failedChecks(watcherChecks, watcherSubject())).toEqual([]);
});

test.each(BROKEN_SOURCES)('a source that %s is caught', async (_, make, check) => {
  expect(await failedChecks(sourceChecks, make)).toContain(check);
});

test.each(BROKEN_SINKS)('a sink that %s is caught', async (_, make, check) => {
  expect(await failedChecks(sinkChecks, make)).toContain(check);
});

test.each(BROKEN_WATCHERS)('a watcher that %s is caught', async (_, make, check) => {
  expect(await failedChecks(watcherChecks, make)).toContain(check);
});

test('no check is without a variant that it catches', () => {
  const caught = [...BROKEN_SOURCES, ...BROKEN_SINKS, ...BROKEN_WATCHERS].map(([, , check]) => check);
  const checks = [...sourceChecks, ...sinkChecks, ...watcherChecks].map(({ name }) => name);
  expect(caught.toSorted()).toEqual(checks.toSorted());
});
