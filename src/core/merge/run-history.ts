import type { RunInfo } from '../results/run-info.js';
import { plainName } from './place-key.js';

/** The key of unsharded runs, among shard names. */
const WHOLE = '';

/**
 * The runs of one journal: when the newest one began that has read all records of an input file. What was invalid before
 * that and was not found again has been corrected.
 */
export class RunHistory {
  /** Ids of input files by name; null where a name has meant different files. */
  readonly #ids = new Map<string, string | null>();
  /** By id of the input file: when the newest reading of the whole file, or of each shard of it, began. */
  readonly #readings = new Map<string, Map<string, number>>();
  /** How many shards there are of each kind that has run, by the shard's name. */
  readonly #shards = new Map<string, number>();
  /** Cache of the answers so far, by the name of the input file. */
  readonly #wholeReadings = new Map<string, number>();

  add({ startedAt, complete, shard, files = [] }: RunInfo): void {
    const name = shard === null || shard.count === 1 ? WHOLE : `${shard.index}/${shard.count}`;
    this.#shards.set(name, shard?.count ?? 1);
    this.#wholeReadings.clear();
    for (const { file, id } of files) {
      this.#noteId(plainName(file), id);
      if (complete) this.#readingsOf(id).set(name, Date.parse(startedAt));
    }
  }

  /** When the last whole reading of this input file began, in milliseconds since 1970; -Infinity without one. */
  lastWholeReading(name: string): number {
    const known = this.#wholeReadings.get(name) ?? this.#findWholeReading(name);
    this.#wholeReadings.set(name, known);
    return known;
  }

  #findWholeReading(name: string): number {
    const id = this.#ids.get(name) ?? null;
    if (id === null) return -Infinity;
    const readings = this.#readingsOf(id);
    return Math.max(readings.get(WHOLE) ?? -Infinity, this.#readingByShards(readings));
  }

  /**
   * When the earliest began of the newest readings by all shards: only together have they looked at every record. A
   * shard is enough where the journal has no other run: the invalid records in it are that shard's own.
   */
  #readingByShards(readings: ReadonlyMap<string, number>): number {
    if (this.#shards.size === 1) return [...readings.values()][0] ?? -Infinity;
    const byCount = new Map<number, number[]>();
    for (const [name, startMs] of readings) {
      const count = this.#shards.get(name) ?? 1;
      byCount.set(count, [...(byCount.get(count) ?? []), startMs]);
    }
    const sets = [...byCount].filter(([count, starts]) => starts.length === count);
    return Math.max(-Infinity, ...sets.map(([, starts]) => Math.min(...starts)));
  }

  #noteId(name: string, id: string): void {
    const known = this.#ids.get(name);
    this.#ids.set(name, known === undefined || known === id ? id : null);
  }

  #readingsOf(id: string): Map<string, number> {
    const known = this.#readings.get(id);
    if (known !== undefined) return known;
    const readings = new Map<string, number>();
    this.#readings.set(id, readings);
    return readings;
  }
}
