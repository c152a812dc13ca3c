/** The conformance suite of RunWatcher. */

import { expect } from 'vitest';
import { Case } from '../../src/core/case.js';
import type { AttemptOutcome, RunWatcher } from '../../src/core/ports.js';
import type { RunEnd } from '../../src/core/results/run-end.js';
import type { RunState } from '../../src/core/results/run-state.js';
import { enriched, unenriched } from '../helpers/samples.js';
import type { FakeClock } from '../helpers/clock.js';
import { sampleProgress } from '../helpers/run-view.js';
import { runInfo, summary } from '../helpers/samples.js';
import { type Check, errorOf } from './checks.js';

/** A watcher that nothing was told yet, and where it shows what it is told. */
export interface WatcherSubject {
  readonly watcher: RunWatcher;
  /** The watcher's only clock. */
  readonly clock: FakeClock;
  /** All that it has shown so far. */
  readonly shown: () => string;
  /** From now on nobody reads what it shows: writing it fails. */
  readonly loseReader: () => void;
}

export const watcherChecks: readonly Check<WatcherSubject>[] = [
  {
    name: 'is told a whole run, and answers nothing that the run would wait for',
    async check(make) {
      const { watcher, clock } = await make();
      for (const tell of eventsOf(watcher, () => clock.advance(15_000))) expect(tell()).toBeUndefined();
      await end(watcher);
    },
  },
  {
    name: 'is told a run in which nothing happens, and one that is stopped at once',
    async check(make) {
      const { watcher } = await make();
      watcher.started?.(STARTED, () => sampleProgress);
      await end(watcher);
      const { watcher: other } = await make();
      other.started?.(STARTED, () => sampleProgress);
      other.stopped?.('signal');
      await end(other);
    },
  },
  {
    name: 'changes nothing of what it is handed',
    async check(make) {
      const { watcher, clock } = await make();
      const before = JSON.stringify([RESULTS, ENDED]);
      for (const tell of eventsOf(watcher, () => clock.advance(15_000))) tell();
      await end(watcher);
      expect(JSON.stringify([RESULTS, ENDED])).toBe(before);
    },
  },
  {
    name: 'goes on in silence when nobody reads what it shows',
    async check(make) {
      const { watcher, clock, loseReader } = await make();
      loseReader();
      for (const tell of eventsOf(watcher, () => clock.advance(15_000))) expect(await errorOf(tell)).toBeUndefined();
      expect(await errorOf(() => end(watcher))).toBeUndefined();
    },
  },
  {
    name: 'shows everything by its end, and leaves no timer that shows more',
    async check(make) {
      const { watcher, clock, shown } = await make();
      for (const tell of eventsOf(watcher, () => clock.advance(15_000))) tell();
      await end(watcher);
      const text = shown();
      expect(clock.timers).toBe(0);
      await new Promise((resolve) => setImmediate(resolve));
      expect(shown()).toBe(text);
    },
  },
  {
    name: 'looks at the state of the run until it is drained, and no longer',
    async check(make) {
      const { watcher, clock } = await make();
      let isOver = false;
      const late: unknown[] = [];
      watcher.started?.(STARTED, () => {
        if (isOver) late.push('asked after the end');
        return sampleProgress;
      });
      await watcher.drained?.();
      isOver = true;
      clock.advance(60_000);
      await watcher.ended?.(ENDED);
      expect(late).toEqual([]);
    },
  },
];

const { finishedAt: _, durationMs: __, complete: ___, stoppedBy: ____, ...STARTED_RUN } = runInfo();
const STARTED = Object.freeze(STARTED_RUN);
const FAILED: AttemptOutcome = {
  ok: false,
  failure: { kind: 'http', message: 'status 503', httpStatus: 503, retryable: true },
};
const ATTEMPT = { caseId: 'a', requestId: 'run-1', attempt: 1, durationMs: 12.34 };
const RESULTS = [
  enriched('a'),
  unenriched('b', 'failed', { key: 'k' }),
  unenriched(null, 'invalid', { source: { file: 'cases.ndjson', line: 3 } }),
  unenriched('d', 'cancelled'),
].map((result) => Object.freeze(result));
const ENTRY = {
  kind: 'case',
  index: 0,
  case: new Case('old', '{"id":"old"}'),
  source: { file: 'cases.ndjson', line: 1 },
} as const;
const ENDED: RunEnd = Object.freeze({
  run: runInfo(),
  summary: summary({ total: 4, enriched: 1, failed: 1, invalid: 1, cancelled: 1 }),
  exitCode: 1,
  groups: [],
});

/** Everything that can be told between the beginning of a run and its end, `pass` lets time go by. */
function eventsOf(watcher: RunWatcher, pass: () => void): (() => unknown)[] {
  const state = (): RunState => Object.freeze({ ...sampleProgress });
  return [
    () => watcher.started?.(STARTED, state),
    () => watcher.settled?.(Object.freeze(ENTRY), 'enriched'),
    () => watcher.attempted?.(Object.freeze({ ...ATTEMPT, outcome: { ok: true, text: '{}' } as const })),
    () => watcher.attempted?.(Object.freeze({ ...ATTEMPT, outcome: FAILED })),
    () => watcher.paused?.(Object.freeze({ ms: 12_000, asked: true, outcome: FAILED })),
    () => watcher.delivered?.(Object.freeze(RESULTS)),
    pass,
    () => watcher.stopped?.('max-failures'),
    () => watcher.delivered?.([]),
  ];
}

async function end(watcher: RunWatcher): Promise<void> {
  await watcher.drained?.();
  await watcher.ended?.(ENDED);
}
