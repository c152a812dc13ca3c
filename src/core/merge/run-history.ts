import type { RunInfo } from '../results/run-info.js';
import { plainName } from './place-key.js';

/**
 * The runs of one journal: when the newest one began that has read all records of an input file. What was invalid before
 * that and was not found again has been corrected.
 */
export class RunHistory {
  /** Ids of input files by name; null where a name has meant different files. */
  readonly #ids = new Map<string, string | null>();
  readonly #wholeReadings = new Map<string, number>();
  /** Readings by a shard, which says nothing about the others' records. */
  readonly #shardReadings = new Map<string, number>();
  readonly #shards = new Set<string>();

  add({ startedAt, complete, shard, files = [] }: RunInfo): void {
    this.#shards.add(shard === null ? '' : `${shard.index}/${shard.count}`);
    for (const { file, id } of files) {
      const name = plainName(file);
      this.#ids.set(name, (this.#ids.get(name) ?? id) === id && this.#ids.get(name) !== null ? id : null);
      if (complete) (shard === null ? this.#wholeReadings : this.#shardReadings).set(id, Date.parse(startedAt));
    }
  }

  /** When the last whole reading of this input file began, in milliseconds since 1970; -Infinity without one. */
  lastWholeReading(name: string): number {
    const id = this.#ids.get(name) ?? null;
    if (id === null) return -Infinity;
    const byShard = this.#shards.size === 1 ? this.#shardReadings.get(id) : undefined;
    return Math.max(this.#wholeReadings.get(id) ?? -Infinity, byShard ?? -Infinity);
  }
}
