import { type KnownStatus, type Place, RESULT_STATUSES } from '../case.js';
import { isDuplicate } from '../cases/duplicate.js';
import { HashTable } from '../hash/hash-table.js';
import type { KeyedHash } from '../hash/keyed-hash.js';
import { placeKey } from './place-key.js';
import type { SavedFailure, SavedResult } from '../results/run-info.js';
import { failureLabel } from '../results/failure-label.js';

export const ONLY_KINDS = ['failed', 'cancelled', 'invalid', 'missing'] as const;
/** What `--only` may name: the status of a case's newest result, or that there is none. */
export type OnlyKind = (typeof ONLY_KINDS)[number];

/** The members of a result that the index needs. */
type SavedFacts = Pick<SavedResult, 'caseId' | 'status' | 'index' | 'error'> &
  Partial<Pick<SavedResult, 'key' | 'source'>>;

const STATUS = 0b0111;
const HAS_KEY = 0b1000;
const SEEN = 0b1_0000;
/** The newest line of this id is an invalid record. */
const INVALID = 0b10_0000;
const KEY_BITS = 0xffff_ff00;

/**
 * What a journal knows of each case, its newest line wins: its status, the key under which it is enriched, or why it has
 * failed. Kept as hashes, 43 bytes a case at most, and 21 a place of an invalid record. An invalid record tells nothing
 * against what became of a case with the same id: it may be a second record with that id. One that is invalid for having
 * an id that was seen before says nothing about that id at all.
 */
export class ResumeIndex {
  readonly #hash: KeyedHash;
  readonly #table = new HashTable(2);
  /** Where the invalid records of earlier runs stood. */
  readonly #places = new HashTable(0);
  #ids = 0;
  #seen = 0;

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  /** The number of different case ids. */
  get size(): number {
    return this.#ids;
  }

  /** Number of case ids in the journal that are not in this input. Final at the end of the input. */
  get vanished(): number {
    return this.#ids - this.#seen;
  }

  add(result: SavedFacts): void {
    if (result.status === 'invalid' && result.source !== undefined) {
      this.#hash.of(placeKey(result.source, result.index));
      this.#places.insert(this.#hash.low, this.#hash.high);
    }
    if (result.caseId === null || isDuplicate(result)) return;
    this.#hash.of(result.caseId);
    const at = this.#table.insert(this.#hash.low, this.#hash.high);
    const { words } = this.#table;
    const old = words[at + 1] ?? 0;
    if ((old & STATUS) === 0) this.#ids++;
    const status = RESULT_STATUSES.indexOf(result.status) + 1;
    if (result.status === 'invalid') words[at + 1] = old | INVALID | ((old & STATUS) === 0 ? status : 0);
    else {
      this.#hash.of(result.status === 'enriched' ? keyText(result.key) : causeText(result.error));
      words[at] = this.#hash.low;
      words[at + 1] = result.status === 'enriched' ? (this.#hash.high & KEY_BITS) | HAS_KEY | status : status;
    }
  }

  /** The status of the newest result; `invalid` only when the journal has nothing else of this id. */
  status(caseId: string): KnownStatus {
    const at = this.#find(caseId);
    return at === -1 ? 'missing' : (RESULT_STATUSES[((this.#table.words[at + 1] ?? 0) & STATUS) - 1] ?? 'missing');
  }

  /**
   * True when `--only KIND` means this case. It is `invalid` when nothing else is known of its id, or when the record at its
   * place was invalid and nothing newer is known.
   */
  isOf(kind: OnlyKind, caseId: string, place?: Place): boolean {
    const status = this.status(caseId);
    if (kind !== 'invalid' || status === 'invalid') return status === kind;
    return (status === 'missing' || this.#endsInvalid(caseId)) && place !== undefined && this.#wasInvalid(place);
  }

  /** True when the newest result is a failure of the same cause. */
  hasFailedAlike(caseId: string, error: SavedFailure): boolean {
    if (this.status(caseId) !== 'failed') return false;
    const at = this.#find(caseId);
    this.#hash.of(causeText(error));
    return this.#table.words[at] === this.#hash.low;
  }

  /** True when the case is enriched, by the same request that would be made now. */
  isDone(caseId: string, key: string | undefined): boolean {
    const at = this.#find(caseId);
    return at !== -1 && this.#hasKey(at) && this.#isKey(at, key);
  }

  /** True when the case is enriched, but the case or a setting has changed since. */
  isChanged(caseId: string, key: string | undefined): boolean {
    const at = this.#find(caseId);
    return at !== -1 && this.#hasKey(at) && !this.#isKey(at, key);
  }

  /** Notes that the case is in the input. */
  see(caseId: string): void {
    const at = this.#find(caseId);
    if (at === -1) return;
    const flags = this.#table.words[at + 1] ?? 0;
    if ((flags & SEEN) === 0) this.#seen++;
    this.#table.words[at + 1] = flags | SEEN;
  }

  #endsInvalid(caseId: string): boolean {
    const at = this.#find(caseId);
    return at !== -1 && ((this.#table.words[at + 1] ?? 0) & INVALID) !== 0;
  }

  #wasInvalid(place: Place): boolean {
    const { low, high } = this.#hash.of(placeKey(place, 0));
    return this.#places.find(low, high) !== -1;
  }

  #find(caseId: string): number {
    this.#hash.of(caseId);
    return this.#table.find(this.#hash.low, this.#hash.high);
  }

  #hasKey(at: number): boolean {
    return ((this.#table.words[at + 1] ?? 0) & HAS_KEY) !== 0;
  }

  #isKey(at: number, key: string | undefined): boolean {
    this.#hash.of(keyText(key));
    const { words } = this.#table;
    return words[at] === this.#hash.low && (((words[at + 1] ?? 0) ^ this.#hash.high) & KEY_BITS) === 0;
  }
}

/** What to do with a case of a resumed run. `left-out`: not done, but not what `--only` names. */
export type Decision = 'call' | 'done' | 'left-out';

/** Decides about one case. An empty `only` means all kinds. */
export function decide(
  index: ResumeIndex,
  caseId: string,
  key: string | undefined,
  only: readonly OnlyKind[],
  place?: Place,
): Decision {
  if (index.isDone(caseId, key)) return 'done';
  return only.length === 0 || only.some((kind) => index.isOf(kind, caseId, place)) ? 'call' : 'left-out';
}

/** The cases of the input, counted by what the journal knows of them. */
export interface ResumeCounts {
  /** Enriched already, not called again. */
  readonly done: number;
  /** Enriched once, but the case or a setting has changed. */
  readonly changed: number;
  /** In the journal without an enrichment. */
  readonly unfinished: number;
  /** Not in the journal. */
  readonly fresh: number;
  /** Those that `--only` leaves out. */
  readonly leftOut: number;
  /** Those of the left-out ones that have no result, or none but that of an invalid record. */
  readonly leftOutMissing: number;
  readonly leftOutInvalid: number;
  /** In the journal, not in the input; right when the whole input was read. */
  readonly vanished: number;
}

/** Decides about the cases of an input, each once, and counts. */
export class Resumption {
  readonly index: ResumeIndex;
  readonly #only: readonly OnlyKind[];
  readonly #counts = { done: 0, changed: 0, unfinished: 0, fresh: 0, leftOut: 0, leftOutMissing: 0, leftOutInvalid: 0 };

  constructor(index: ResumeIndex, only: readonly OnlyKind[] = []) {
    this.index = index;
    this.#only = only;
  }

  get counts(): ResumeCounts {
    return { ...this.#counts, vanished: this.index.vanished };
  }

  decide(caseId: string, key: string | undefined, place?: Place): Decision {
    const decision = decide(this.index, caseId, key, this.#only, place);
    this.index.see(caseId);
    if (decision === 'done') this.#counts.done++;
    else if (this.index.isChanged(caseId, key)) this.#counts.changed++;
    else if (this.index.status(caseId) === 'missing') this.#counts.fresh++;
    else this.#counts.unfinished++;
    if (decision === 'left-out') this.#countLeftOut(caseId);
    return decision;
  }

  #countLeftOut(caseId: string): void {
    this.#counts.leftOut++;
    const status = this.index.status(caseId);
    if (status === 'missing') this.#counts.leftOutMissing++;
    if (status === 'invalid') this.#counts.leftOutInvalid++;
  }
}

function causeText(error: SavedFailure | null): string {
  return error === null ? '' : failureLabel(error);
}

function keyText(key: string | undefined): string {
  return key ?? '';
}
