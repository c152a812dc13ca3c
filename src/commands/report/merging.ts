/** Aggregates merged results into one run, one result at a time, in bounded memory. */

import type { PendingPlace } from '../../core/case.js';
import { ActiveTime } from '../../core/merge/active-time.js';
import { type Completeness, compareShards } from '../../core/merge/completeness.js';
import { type FailureGroup, FailureGroups } from '../../core/results/failure-groups.js';
import { mergedRun, newestRuns } from '../../core/merge/merged-run.js';
import type { RunInfo, SavedResult, Summary } from '../../core/results/run-info.js';
import { type Sample, SampleCollector } from '../../core/results/sample.js';
import { SavedTally } from '../../core/merge/saved-tally.js';
import type { Threshold } from '../../core/run/stop-rules.js';
import { EXIT, type ExitCode } from '../../errors.js';
import type { SavedResults } from '../../io/saved/saved-results.js';
import { savedExitCode, UNFINISHED } from '../../verdict.js';

/** The totals of merged results, after the last one. */
export interface MergedReport {
  readonly run: RunInfo;
  readonly summary: Summary;
  /** What `enrich` would have returned; 1 instead of 0 when `--expect` has found something. */
  readonly exitCode: ExitCode;
  /** With `--expect`. */
  readonly completeness: Completeness | undefined;
  /** The runs that were merged, of each shard or file the newest; none when no file has a closing line. */
  readonly runs: readonly RunInfo[];
  readonly missingShards: Sample;
  /** Shards that ran with other settings than most. */
  readonly otherSettings: Sample;
  readonly groups: readonly FailureGroup[];
  readonly slowestSuccessMs: number | undefined;
  /** Where to ask for the answers of cases that have no result. */
  readonly places: readonly PendingPlace[];
  /** Cases that were submitted and have no answer yet: those of `places`, and those whose result says where to ask. */
  readonly pending: Sample;
}

export class Merging {
  readonly #saved: SavedResults;
  readonly #allowed: Threshold;
  readonly #runs: readonly RunInfo[];
  readonly #time: ActiveTime;
  readonly #tally: SavedTally;
  readonly #groups = new FailureGroups();
  readonly #pending = new SampleCollector();

  /** `saved` must have completed its first pass. */
  constructor(saved: SavedResults, allowed: Threshold) {
    this.#saved = saved;
    this.#allowed = allowed;
    this.#runs = newestRuns(saved.runs).map(({ run }) => run);
    this.#time = new ActiveTime(saved.runs.map(({ run }) => run));
    this.#tally = new SavedTally(saved.runs);
  }

  add(result: SavedResult): void {
    if (result.attempts > 0) this.#time.add(result);
    this.#tally.add(result);
    this.#groups.add(result);
    if (result.poll !== undefined) this.#pending.add(result.caseId ?? '');
  }

  end(completeness?: Completeness): MergedReport {
    const { runs, span, unfinished } = this.#saved;
    const shards = compareShards(runs);
    const run = mergedRun(runs, {
      span,
      time: this.#time,
      isFinished: unfinished.size === 0,
      hasAllShards: shards.missingShards.count === 0,
    });
    const { places } = this.#saved;
    this.#tally.addPlaces(places.length);
    for (const { caseId } of places) this.#pending.add(caseId);
    const summary = this.#tally.summary(run.durationMs);
    return {
      run,
      summary,
      exitCode: this.#exitCode(summary, completeness),
      completeness,
      runs: this.#runs,
      ...shards,
      groups: this.#groups.groups(),
      slowestSuccessMs: this.#groups.slowestSuccessMs,
      places,
      pending: this.#pending,
    };
  }

  /** The exit code. In a file without a closing line at its end, earlier runs say nothing about how the last one ended. */
  #exitCode(summary: Summary, completeness: Completeness | undefined): ExitCode {
    const { runs, unfinished } = this.#saved;
    const ended = newestRuns(runs).filter(({ file }) => !unfinished.has(file));
    const endings = [...ended.map(({ run }) => run), ...(unfinished.size > 0 ? [UNFINISHED] : [])];
    const code = savedExitCode(endings, summary, this.#allowed);
    return code === EXIT.ok && completeness?.isComplete === false ? EXIT.failures : code;
  }
}
