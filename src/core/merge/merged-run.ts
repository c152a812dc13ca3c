/** Several runs as one: what their closing lines say, put together. */

import type { ActiveTime, TimeSpan } from './active-time.js';
import { clip } from '../../text/clip.js';
import type { FinishedRun } from './merge-index.js';
import type { RunInfo } from '../results/run-info.js';
import { SampleCollector } from '../results/sample.js';
import { sampleText } from '../../text/format.js';

/**
 * The runs whose end counts: of each file the last one (a shard being one of its own), and of a shard that ran in
 * several files with the same settings the newest.
 */
export function newestRuns(runs: readonly FinishedRun[]): readonly FinishedRun[] {
  return newestOf(newestOfFiles(runs), ({ file, run }) =>
    run.shard === null ? file : `\0${shardName(run)}\0${run.settings}`,
  );
}

/** Of each file the last run; a shard is one of its own. */
export function newestOfFiles(runs: readonly FinishedRun[]): readonly FinishedRun[] {
  return newestOf(runs, ({ file, run }) => `${file}\0${shardName(run)}`);
}

/** True when no case can belong to two of them: a single run, or different shards of one. */
export function areDisjoint(runs: readonly FinishedRun[]): boolean {
  const names = new Set(runs.map(({ run }) => shardName(run)));
  const kinds = new Set(runs.map(({ run }) => `${run.shard?.count} ${run.settings}`));
  return runs.length <= 1 || (names.size === runs.length && kinds.size === 1);
}

/** What is known of merged results besides their closing lines. */
export interface MergedFacts {
  /** From the first beginning to the last end. */
  readonly span: TimeSpan;
  readonly time: ActiveTime;
  /** False when a file does not end with a closing line. */
  readonly isFinished: boolean;
  readonly hasAllShards: boolean;
}

/** One run that stands for all of them. Without any closing line it says `unknown` where nothing is known. */
export function mergedRun(
  runs: readonly FinishedRun[],
  { span, time, isFinished, hasAllShards }: MergedFacts,
): RunInfo {
  const newest = newestRuns(runs).map(({ run }) => run);
  const last = newest.toSorted(byEnd).at(-1);
  const times = {
    startedAt: new Date(span.startMs).toISOString(),
    finishedAt: new Date(span.endMs).toISOString(),
    durationMs: Math.round(time.durationMs),
  };
  const isWhole = isFinished && hasAllShards;
  const stoppedBy = isFinished ? firstStop(newest) : 'unfinished';
  if (last === undefined) return { ...UNKNOWN_RUN, ...times };
  if (runs.length === 1 && !time.hasUncovered) return { ...last, complete: last.complete && isWhole, stoppedBy };
  // What one of the runs has read says nothing about the records of the others.
  const { files: _, ...lastButFiles } = last;
  return {
    ...lastButFiles,
    ...times,
    id: joined(newest.map(({ id }) => id)),
    shard: newest.length === 1 ? last.shard : null,
    settings: joined(newest.map(({ settings }) => settings)),
    complete: isWhole && newest.every(({ complete }) => complete),
    stoppedBy,
  };
}

const UNKNOWN_RUN = {
  id: 'unknown',
  version: 'unknown',
  // As they are shown: "unknown endpoint".
  method: 'unknown',
  endpoint: 'endpoint',
  limits: {
    limit: 1,
    timeoutMs: 0,
    deadlineMs: 0,
    retries: 0,
    maxTimeMs: null,
    ratePerSecond: null,
    adaptive: false,
  },
  shard: null,
  settings: 'unknown',
  complete: false,
  stoppedBy: 'unfinished',
} as const;

function newestOf(runs: readonly FinishedRun[], keyOf: (run: FinishedRun) => string): FinishedRun[] {
  const newest = new Map<string, FinishedRun>();
  for (const each of runs) {
    const known = newest.get(keyOf(each));
    if (known === undefined || Date.parse(each.run.startedAt) >= Date.parse(known.run.startedAt))
      newest.set(keyOf(each), each);
  }
  return [...newest.values()];
}

function shardName({ shard }: RunInfo): string {
  return shard === null ? '' : `${shard.index}/${shard.count}`;
}

function firstStop(runs: readonly RunInfo[]): RunInfo['stoppedBy'] {
  return runs.toSorted(byEnd).find(({ stoppedBy }) => stoppedBy !== null)?.stoppedBy ?? null;
}

function byEnd(a: RunInfo, b: RunInfo): number {
  return Date.parse(a.finishedAt) - Date.parse(b.finishedAt);
}

const LONGEST_JOINED = 2_000;

/** The different ones: all of a few, the first of many. */
function joined(texts: readonly string[]): string {
  const sample = new SampleCollector();
  for (const text of new Set(texts)) sample.add(text);
  // Else the text would grow with each further merging.
  return clip(sampleText(sample), LONGEST_JOINED);
}
