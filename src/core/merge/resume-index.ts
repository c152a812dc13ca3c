import { type KnownStatus, type Place, RESULT_STATUSES } from '../case.js';
import { isDuplicate } from '../cases/duplicate.js';
import { HashTable } from '../hash/hash-table.js';
import type { KeyedHash } from '../hash/keyed-hash.js';
import type { Freshness } from './freshness.js';
import { KeptPlaces } from './kept-places.js';
import { placeKey } from './place-key.js';
import type { SavedFailure, SavedResult } from '../results/run-info.js';
import { failureLabel } from '../results/failure-label.js';

export const ONLY_KINDS = ['failed', 'retryable', 'cancelled', 'invalid', 'changed', 'missing'] as const;
/**
 * What `--only` may name: the status of a case's newest result, or that there is none. `retryable`: failed, and worth
 * another run. `changed`: the case or a setting is not what it was for that result.
 */
export type OnlyKind = (typeof ONLY_KINDS)[number];

/** The members of a result that the index needs. */
type SavedFacts = Pick<SavedResult, 'caseId' | 'status' | 'index' | 'error'> &
  Partial<Pick<SavedResult, 'key' | 'source' | 'at' | 'refresh' | 'stale' | 'poll'>>;

const STATUS = 0b0111;
/** The key of the newest result is known. */
const HAS_KEY = 0b1000;
const SEEN = 0b1_0000;
/** The newest line of this id is an invalid record. */
const INVALID = 0b10_0000;
/** Failed, and worth another run. */
const RETRYABLE = 0b100_0000;
/** Enriched, and too old. */
const DUE = 0b1000_0000;
/** Not enriched, and yet there is an enrichment under the same key: its refresh came to nothing. */
const STALE = 0b1_0000_0000;
/** The rest of the second word: more of the key of an enrichment, the hash of the cause of anything else. */
const REST = 0xffff_fe00;
const ENRICHED = RESULT_STATUSES.indexOf('enriched') + 1;
const FAILED = RESULT_STATUSES.indexOf('failed') + 1;

/**
 * What a journal knows of each case, its newest line wins: its status, its key, why it has failed, and whether it is too
 * old. Kept as hashes and single bits, 43 bytes a case at most, and 21 a place of an invalid record. An invalid record
 * tells nothing against what became of a case with the same id: it may be a second record with that id. One that is
 * invalid for having an id that was seen before says nothing about that id at all.
 */
export class ResumeIndex {
  /** Where cases that were submitted are to be asked about. */
  readonly places = new KeptPlaces();
  readonly #hash: KeyedHash;
  readonly #freshness: Freshness | undefined;
  readonly #table = new HashTable(2);
  /** Where the invalid records of earlier runs stood. */
  readonly #places = new HashTable(0);
  #ids = 0;
  #seen = 0;

  /** Without `freshness` no enrichment is too old. */
  constructor(hash: KeyedHash, freshness?: Freshness) {
    this.#hash = hash;
    this.#freshness = freshness;
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
    this.places.replaceBy(result);
    this.#hash.of(result.caseId);
    const at = this.#table.insert(this.#hash.low, this.#hash.high);
    const { words } = this.#table;
    const old = words[at + 1] ?? 0;
    if ((old & STATUS) === 0) this.#ids++;
    const status = RESULT_STATUSES.indexOf(result.status) + 1;
    if (result.status === 'invalid') words[at + 1] = old | INVALID | ((old & STATUS) === 0 ? status : 0);
    else if (result.status === 'enriched' && result.stale !== true) this.#addEnriched(at, status, result);
    else this.#addUnenriched(at, result);
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
  isOf(kind: OnlyKind, caseId: string, place?: Place, key?: string): boolean {
    const status = this.status(caseId);
    if (kind === 'changed') return this.isChanged(caseId, key);
    if (kind === 'retryable') return this.#has(this.#find(caseId), RETRYABLE);
    if (kind !== 'invalid' || status === 'invalid') return status === kind;
    return (status === 'missing' || this.#endsInvalid(caseId)) && place !== undefined && this.#wasInvalid(place);
  }

  /** True when the newest result is a failure of the same cause. */
  hasFailedAlike(caseId: string, error: SavedFailure): boolean {
    if (this.status(caseId) !== 'failed') return false;
    const at = this.#find(caseId);
    this.#hash.of(causeText(error));
    return (((this.#table.words[at + 1] ?? 0) ^ this.#hash.low) & REST) === 0;
  }

  /** True when the case is enriched, by the same request that would be made now, and not too long ago. */
  isDone(caseId: string, key: string | undefined): boolean {
    const at = this.#find(caseId);
    return at !== -1 && this.#isEnriched(at) && !this.#has(at, DUE) && this.#isKey(at, key);
  }

  /** True when the case is enriched by the same request, and too long ago. */
  isDue(caseId: string, key: string | undefined): boolean {
    const at = this.#find(caseId);
    return at !== -1 && this.#has(at, DUE) && this.#isKey(at, key);
  }

  /** True when the case was enriched by the same request, and a later refresh of that came to nothing. */
  isStale(caseId: string, key: string | undefined): boolean {
    const at = this.#find(caseId);
    return at !== -1 && this.#has(at, STALE) && this.#isKey(at, key);
  }

  /** True when the case or a setting has changed since its newest result, as far as that has a key. */
  isChanged(caseId: string, key: string | undefined): boolean {
    const at = this.#find(caseId);
    return at !== -1 && this.#has(at, HAS_KEY) && !this.#isKey(at, key);
  }

  /** Notes that the case is in the input. */
  see(caseId: string): void {
    const at = this.#find(caseId);
    if (at === -1) return;
    const flags = this.#table.words[at + 1] ?? 0;
    if ((flags & SEEN) === 0) this.#seen++;
    this.#table.words[at + 1] = flags | SEEN;
  }

  #addEnriched(at: number, status: number, { key, at: date }: SavedFacts): void {
    this.#hash.of(keyText(key));
    const { words } = this.#table;
    const due = date !== undefined && this.#freshness?.isDue(date) === true ? DUE : 0;
    words[at] = this.#hash.low;
    words[at + 1] = (this.#hash.high & REST) | HAS_KEY | due | status;
  }

  /**
   * Of a failure that is stale in a merged journal, neither cause nor status are known any more: it counts as one that is
   * worth another run.
   */
  #addUnenriched(at: number, { key, status, error, refresh, stale }: SavedFacts): void {
    const { words } = this.#table;
    const stands = this.#isEnriched(at) || this.#has(at, STALE);
    this.#hash.of(causeText(error));
    const rest = this.#hash.low & REST;
    this.#hash.of(keyText(key));
    const isMerged = stale === true;
    const isStale = isMerged || (refresh === true && stands && words[at] === this.#hash.low);
    const isRetryable = isMerged || (status === 'failed' && error?.retryable === true);
    const flags = (key === undefined ? 0 : HAS_KEY) | (isStale ? STALE : 0) | (isRetryable ? RETRYABLE : 0);
    words[at] = this.#hash.low;
    words[at + 1] = rest | flags | (isMerged ? FAILED : RESULT_STATUSES.indexOf(status) + 1);
  }

  #endsInvalid(caseId: string): boolean {
    return this.#has(this.#find(caseId), INVALID);
  }

  #wasInvalid(place: Place): boolean {
    const { low, high } = this.#hash.of(placeKey(place, 0));
    return this.#places.find(low, high) !== -1;
  }

  #find(caseId: string): number {
    this.#hash.of(caseId);
    return this.#table.find(this.#hash.low, this.#hash.high);
  }

  #has(at: number, flag: number): boolean {
    return at !== -1 && ((this.#table.words[at + 1] ?? 0) & flag) !== 0;
  }

  #isEnriched(at: number): boolean {
    return ((this.#table.words[at + 1] ?? 0) & STATUS) === ENRICHED;
  }

  /** Of an enrichment 55 bits of the key are compared, of anything else 32. */
  #isKey(at: number, key: string | undefined): boolean {
    this.#hash.of(keyText(key));
    const { words } = this.#table;
    if (words[at] !== this.#hash.low) return false;
    return !this.#isEnriched(at) || (((words[at + 1] ?? 0) ^ this.#hash.high) & REST) === 0;
  }
}

function causeText(error: SavedFailure | null): string {
  return error === null ? '' : failureLabel(error);
}

function keyText(key: string | undefined): string {
  return key ?? '';
}
