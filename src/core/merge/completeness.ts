import type { Entry } from '../case.js';
import { isDuplicateEntry } from '../cases/duplicate.js';
import type { FinishedRun, MergeIndex } from './merge-index.js';
import { newestOfFiles } from './merged-run.js';
import type { SavedResult, Shard } from '../results/run-info.js';
import { type Sample, SampleCollector } from '../results/sample.js';

/** What a set of results lacks to be the whole of what was expected. */
export interface Completeness {
  /** True when nothing is missing or wrong. */
  readonly isComplete: boolean;
  /** Expected ids without a result. */
  readonly missing: Sample;
  /** Ids with a result that were not expected. */
  readonly unexpected: Sample;
  /** Ids for which the same request was answered more than once. */
  readonly enrichedTwice: Sample;
  /** Shards that no finished run belongs to, as `3/4`. */
  readonly missingShards: Sample;
  /** Shards that ran with other settings, or another number of shards, than most, as `run-3.ndjson (3/4)`. */
  readonly otherSettings: Sample;
}

/**
 * Compares results with the ids that were expected. Order of use: add all results to the index; `expect` every entry;
 * show every result that counts to `check`; `end`.
 */
export class CompletenessCheck {
  readonly #index: MergeIndex;
  readonly #missing = new SampleCollector();
  readonly #unexpected = new SampleCollector();
  readonly #twice = new SampleCollector();

  constructor(index: MergeIndex) {
    this.#index = index;
  }

  /** A case that must have a result; of an invalid record with an id, the record. */
  expect(entry: Entry): void {
    const caseId = entry.kind === 'case' ? entry.case.id : entry.caseId;
    if (caseId === null || isDuplicateEntry(entry)) return;
    const isKnown = entry.kind === 'case' ? this.#index.expect(caseId) : this.#index.expectRecord(caseId);
    if (!isKnown) this.#missing.add(caseId);
  }

  check({ caseId }: Pick<SavedResult, 'caseId'>): void {
    if (caseId === null) return;
    if (!this.#index.isExpected(caseId)) this.#unexpected.add(caseId);
    if (this.#index.isEnrichedTwice(caseId)) this.#twice.add(caseId);
  }

  end(runs: readonly FinishedRun[]): Completeness {
    const parts = {
      missing: this.#missing,
      unexpected: this.#unexpected,
      enrichedTwice: this.#twice,
      ...compareShards(runs),
    };
    return { ...parts, isComplete: Object.values(parts).every(({ count }) => count === 0) };
  }
}

/** Finds the shards that are missing, and those that did not do the same as the others. Runs without shards are passed over. */
export function compareShards(runs: readonly FinishedRun[]): Pick<Completeness, 'missingShards' | 'otherSettings'> {
  const sharded = shardRuns(runs);
  const missingShards = new SampleCollector();
  const otherSettings = new SampleCollector();
  const usual = mostFrequent(sharded.map(kindOf));
  const count = sharded.find((run) => kindOf(run) === usual)?.shard.count ?? 0;
  const present = new Set<number>();
  for (const run of sharded) {
    const { file, shard } = run;
    if (shard.count === count) present.add(shard.index);
    if (kindOf(run) !== usual) otherSettings.add(`${file} (${shard.index}/${shard.count})`);
  }
  for (let index = 1; index <= count; index++) if (!present.has(index)) missingShards.add(`${index}/${count}`);
  return { missingShards, otherSettings };
}

/** A key that all shards of one run have in common. */
function kindOf({ shard, settings }: ShardRun): string {
  return `${shard.count} ${settings}`;
}

interface ShardRun {
  readonly file: string;
  readonly shard: Shard;
  readonly settings: string;
}

function shardRuns(runs: readonly FinishedRun[]): readonly ShardRun[] {
  return newestOfFiles(runs).flatMap(({ file, run: { shard, settings } }) =>
    shard === null ? [] : [{ file, shard, settings }],
  );
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  let best: string | undefined;
  for (const [text, count] of counts) if (best === undefined || count > (counts.get(best) ?? 0)) best = text;
  return best;
}
