import { describe, expect, test } from 'vitest';
import { ActiveTime } from '../../../src/core/merge/active-time.js';
import type { FinishedRun } from '../../../src/core/merge/merge-index.js';
import { areDisjoint, mergedRun, newestRuns } from '../../../src/core/merge/merged-run.js';
import type { RunInfo } from '../../../src/core/results/run-info.js';
import { runInfo, summary } from '../../helpers/samples.js';

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();

function runOf(file: string, from: number, to: number, more: Partial<RunInfo> = {}): FinishedRun {
  const run = runInfo({ id: `${file}@${from}`, startedAt: at(from), finishedAt: at(to), ...more });
  return { file, run, summary: summary() };
}

const shard = (index: number, count = 2): Partial<RunInfo> => ({ shard: { index, count } });

describe('the time of several runs', () => {
  test.each([
    ['nothing', [], 0],
    [
      'one after the other, the gap left out',
      [
        [0, 10],
        [100, 105],
      ],
      15_000,
    ],
    [
      'side by side, counted once',
      [
        [0, 10],
        [5, 12],
        [6, 7],
      ],
      12_000,
    ],
  ] as const)('%s', (_, spans, expected) => {
    const time = new ActiveTime(spans.map(([from, to]) => runOf('f', from, to).run));
    expect([time.durationMs, time.hasUncovered]).toEqual([expected, false]);
  });

  test('has results in it that no run covers', () => {
    const time = new ActiveTime([runOf('f', 100, 110).run]);
    for (const [end, durationMs] of [
      [20, 3000],
      [105, 1],
      [25, 1000],
    ] as const)
      time.add({ at: at(end), durationMs });
    expect([time.durationMs, time.hasUncovered]).toEqual([18_000, true]);
  });
});

describe('the runs that count', () => {
  test.each([
    ['of a resumed file the last', [runOf('a', 0, 1), runOf('a', 5, 6)], ['a@5']],
    ['of several files each', [runOf('a', 0, 1), runOf('b', 5, 6)], ['a@0', 'b@5']],
    ['every shard, also in one file', [runOf('a', 0, 1, shard(1)), runOf('a', 5, 6, shard(2))], ['a@0', 'a@5']],
    ['of a shard that ran again the newest', [runOf('b', 5, 6, shard(1)), runOf('a', 0, 1, shard(1))], ['b@5']],
    [
      'of shards with other settings each',
      [runOf('a', 0, 1, shard(1)), runOf('b', 5, 6, { ...shard(1), settings: 'x' })],
      ['a@0', 'b@5'],
    ],
  ])('%s', (_, runs, expected) => {
    expect(newestRuns(runs).map(({ run }) => run.id)).toEqual(expected);
  });

  test.each([
    [[runOf('a', 0, 1)], true],
    [[runOf('a', 0, 1, shard(1)), runOf('b', 0, 1, shard(2))], true],
    [[runOf('a', 0, 1, shard(1)), runOf('b', 0, 1, shard(1))], false],
    [[runOf('a', 0, 1, shard(1)), runOf('b', 0, 1, shard(2, 3))], false],
    [[runOf('a', 0, 1), runOf('b', 0, 1)], false],
  ])('can or cannot share a case (%#)', (runs, expected) => {
    expect(areDisjoint(runs)).toBe(expected);
  });
});

describe('the merged run', () => {
  const merge = (runs: readonly FinishedRun[], isFinished = true, hasAllShards = true): RunInfo => {
    const time = new ActiveTime(runs.map(({ run }) => run));
    return mergedRun(runs, { span: { startMs: 1000, endMs: 9000 }, time, isFinished, hasAllShards });
  };

  test('is the run itself when there is only one', () => {
    const only = runOf('a', 0, 1, { durationMs: 777, stoppedBy: 'strict' });
    expect(merge([only])).toEqual(only.run);
    expect(merge([only], false)).toEqual({ ...only.run, complete: false, stoppedBy: 'unfinished' });
    expect(merge([only], true, false)).toEqual({ ...only.run, complete: false });
  });

  test('was stopped by the first cause, and is complete when all are', () => {
    const late = runOf('a', 0, 9, { ...shard(1), stoppedBy: 'max-time', complete: false });
    const early = runOf('b', 0, 5, { ...shard(2), stoppedBy: 'signal' });
    expect(merge([late, early])).toMatchObject({ stoppedBy: 'signal', complete: false, shard: null, id: 'a@0, b@0' });
    expect(merge([early, runOf('c', 0, 1, shard(1))])).toMatchObject({ stoppedBy: 'signal', complete: true });
  });

  test('names some of very many', () => {
    const runs = Array.from({ length: 100 }, (_, index) => runOf(`f${index}`, index, index + 1));
    expect(merge(runs).id).toMatch(/^f0@0, .*, f19@19 … and 80 more$/);
  });

  test('says unknown when there is no closing line', () => {
    expect(merge([])).toMatchObject({ id: 'unknown', startedAt: at(1), finishedAt: at(9), complete: false });
  });
});
