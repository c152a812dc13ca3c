/** Which cases are wanted: filters, the limit of `--first`, and the shard, as one decision per record. Pure. */

import { stableHash32 } from '../hash/stable-hash.js';
import { DAY_MS, isDateOnly, isoTimeMs } from './iso-time.js';
import { WantedIds } from './wanted-ids.js';
import { Condition, type Where } from './where.js';
import type { KnownField } from './known-fields.js';
import type { RecordShape } from './record.js';
import type { JsonObject } from '../../json/text.js';
import type { Shard } from '../results/run-info.js';

/** The selection criteria, as plain data. Values of one filter are alternatives; all filters must hold. */
export interface Selection {
  readonly status?: readonly string[];
  readonly priority?: readonly string[];
  readonly assignee?: readonly string[];
  readonly tag?: readonly string[];
  readonly id?: readonly string[];
  readonly overdue?: boolean;
  readonly where?: readonly Where[];
  /** The most valid cases to select; then nothing more is read. */
  readonly first?: number;
  readonly shard?: Shard;
}

export const VALUE_FILTERS = ['status', 'priority', 'assignee', 'tag'] as const;
export type ValueFilter = (typeof VALUE_FILTERS)[number];

/** Facts gathered while selecting, for notices. */
export interface SelectionFacts {
  /** Overdue cases among the selected ones. */
  readonly overdue: number;
  /** Values and how often they occur in all valid cases, most frequent first; only of fields that a filter asks for. */
  readonly valuesInUse: Readonly<Record<ValueFilter, [value: string, count: number][]>>;
  /** Names in `where`, as the export has them, that no case has. */
  readonly unknownFields: readonly string[];
  /** What one may have meant by them, or by a filter's field that no case has: names that cases have (at most 200). */
  readonly fieldsInUse: readonly string[];
  /** Wanted ids that several cases have in other spellings (at most 10 are named). */
  readonly ambiguousIds: readonly { readonly id: string; readonly matches: readonly string[] }[];
  /** Wanted ids that no record has. */
  readonly missingIds: readonly string[];
  /** Wanted ids that no case has, but a record that is not valid: what is wrong with it. */
  readonly invalidIds: readonly { readonly id: string; readonly problem: string }[];
}

/** `held`: its id differs only in case from a wanted one; `release` tells at the end whether it was the only one. */
export type Decision = 'selected' | 'left' | 'held';

const MAX_VALUES = 1000;
const MAX_VALUES_TOLD = 20;
const MAX_VALUE_LENGTH = 100;
const MAX_FIELDS_TOLD = 200;
const CLOSED = new Set(['closed', 'resolved', 'done']);

/** True when a filter is set; `first` and `shard` don't count as filters. */
export function isFiltering(selection: Selection): boolean {
  const lists = [
    selection.status,
    selection.priority,
    selection.assignee,
    selection.tag,
    selection.id,
    selection.where,
  ];
  return selection.overdue === true || lists.some((list) => list !== undefined && list.length > 0);
}

/** True when every record is wanted. */
export function isEverything(selection: Selection): boolean {
  return !isFiltering(selection) && selection.first === undefined && selection.shard === undefined;
}

/** The shard that an id belongs to, from 1: `stableHash32(id) % count + 1`. */
export function shardOf(id: string, count: number): number {
  return (stableHash32(id) % count) + 1;
}

/** True when the case is past its `dueAt` and not closed. A date alone is past when its whole day (UTC) is. */
export function isOverdue(shape: RecordShape, record: JsonObject, now: number): boolean {
  const dueAt = shape.field(record, 'dueAt');
  if (typeof dueAt !== 'string') return false;
  const status = shape.field(record, 'status');
  if (typeof status === 'string' && CLOSED.has(status.toLowerCase())) return false;
  return isDateOnly(dueAt) ? now >= isoTimeMs(dueAt) + DAY_MS : now > isoTimeMs(dueAt);
}

/** Decides on one record after another, in input order. */
export class Selector {
  readonly #selection: Selection;
  readonly #shape: RecordShape;
  readonly #now: number | undefined;
  readonly #filtering: boolean;
  readonly #showsInvalid: boolean;
  readonly #values: ReadonlyMap<ValueFilter, ValueCount>;
  readonly #ids: WantedIds | undefined;
  readonly #conditions: readonly Condition[];
  readonly #unseenFields: Set<string>;
  readonly #fields = new Set<string>();
  #selected = 0;
  #overdue = 0;

  /**
   * `now` is in milliseconds since 1970; without it nothing is overdue. With `showInvalid` no filter hides records that are
   * not valid.
   */
  constructor(selection: Selection, shape: RecordShape, now: number | undefined, showInvalid = false) {
    this.#selection = selection;
    this.#shape = shape;
    this.#now = now;
    this.#filtering = isFiltering(selection);
    this.#showsInvalid = showInvalid || !this.#filtering;
    const asked = VALUE_FILTERS.filter((name) => (selection[name]?.length ?? 0) > 0);
    this.#values = new Map(asked.map((name) => [name, new ValueCount(name, selection[name] ?? [])]));
    this.#ids = selection.id && selection.id.length > 0 ? new WantedIds(selection.id) : undefined;
    this.#conditions = (selection.where ?? []).map((where) => new Condition(where, shape));
    this.#unseenFields = new Set(this.#conditions.map(({ field }) => field));
  }

  /** True when `first` cases were selected; no further ones will be. */
  get full(): boolean {
    return this.#selected >= (this.#selection.first ?? Infinity);
  }

  get selected(): number {
    return this.#selected;
  }

  decide(id: string, record: JsonObject, text: string): Decision {
    const wanted = this.#filtering ? this.#matches(id, record, text) : true;
    const known = this.#ids === undefined ? 'exact' : this.#ids.see(id);
    if (!wanted || known === undefined || this.full || !this.#isInShard(id)) return 'left';
    if (known === 'other-case') return 'held';
    return this.#take(record);
  }

  /**
   * Whether an invalid record is shown: `hidden` by a filter, which can't look at it, or of another shard (`left`), by where
   * it stands.
   */
  decideInvalid(place: string): 'shown' | 'hidden' | 'left' {
    if (!this.#isInShard(place)) return 'left';
    return this.#showsInvalid ? 'shown' : 'hidden';
  }

  /** Notes what is wrong with a record that has an id: someone may ask for it. */
  seeInvalid(caseId: string, problem: () => string): void {
    this.#ids?.seeInvalid(caseId, problem);
  }

  /** At the end of the input: whether a case that was held is selected after all. Ask in input order. */
  release(id: string, record: JsonObject): boolean {
    return !this.full && this.#ids?.isOnlyMatch(id) === true && this.#take(record) === 'selected';
  }

  facts(): SelectionFacts {
    const valuesInUse = { status: [], priority: [], assignee: [], tag: [] } as SelectionFacts['valuesInUse'];
    for (const [name, count] of this.#values) valuesInUse[name].push(...count.mostFrequent());
    return {
      overdue: this.#overdue,
      valuesInUse,
      unknownFields: [...this.#unseenFields],
      fieldsInUse: this.#missesFields ? [...this.#fields] : [],
      ambiguousIds: this.#ids?.ambiguous() ?? [],
      missingIds: this.#ids?.missing() ?? [],
      invalidIds: this.#ids?.invalid() ?? [],
    };
  }

  #take(record: JsonObject): Decision {
    this.#selected++;
    if (this.#isOverdue(record)) this.#overdue++;
    return 'selected';
  }

  // Every filter sees every record, also one that another has refused: they count the values in use.
  #matches(id: string, record: JsonObject, text: string): boolean {
    let matches = this.#selection.overdue !== true || this.#isOverdue(record);
    for (const count of this.#values.values()) matches = count.see(this.#shape.field(record, count.field)) && matches;
    for (const condition of this.#conditions) matches = this.#holds(condition, id, text) && matches;
    if (this.#missesFields) this.#noteFields(record);
    return matches;
  }

  /** True as long as no case has a field that is asked for. */
  get #missesFields(): boolean {
    if (this.#unseenFields.size > 0) return true;
    for (const count of this.#values.values()) if (count.isEmpty) return true;
    return false;
  }

  #holds(condition: Condition, id: string, text: string): boolean {
    const source = condition.sourceIn(id, text);
    if (source !== undefined) this.#unseenFields.delete(condition.field);
    return condition.holds(source);
  }

  #noteFields(record: JsonObject): void {
    for (const name of Object.keys(record)) {
      if (this.#fields.size < MAX_FIELDS_TOLD && name.length <= MAX_VALUE_LENGTH) this.#fields.add(name);
    }
  }

  #isOverdue(record: JsonObject): boolean {
    return this.#now !== undefined && isOverdue(this.#shape, record, this.#now);
  }

  #isInShard(text: string): boolean {
    const { shard } = this.#selection;
    return shard === undefined || shardOf(text, shard.count) === shard.index;
  }
}

/** One filter by values, and the count of all values that it saw. */
class ValueCount {
  readonly field: KnownField;
  readonly #wanted: ReadonlySet<string>;
  readonly #counts = new Map<string, number>();

  constructor(name: ValueFilter, wanted: readonly string[]) {
    this.field = name === 'tag' ? 'tags' : name;
    this.#wanted = new Set(wanted);
  }

  /** Counts a field's value, or each of its values; true when a wanted one is among them. */
  see(value: unknown): boolean {
    if (!Array.isArray(value)) return this.#seeOne(value);
    let found = false;
    for (const one of value) found = this.#seeOne(one) || found;
    return found;
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  mostFrequent(): [string, number][] {
    return [...this.#counts].sort((a, b) => b[1] - a[1]).slice(0, MAX_VALUES_TOLD);
  }

  #seeOne(value: unknown): boolean {
    if (typeof value !== 'string') return false;
    const count = this.#counts.get(value);
    if (count !== undefined || (this.#counts.size < MAX_VALUES && value.length <= MAX_VALUE_LENGTH)) {
      this.#counts.set(value, (count ?? 0) + 1);
    }
    return this.#wanted.has(value);
  }
}
