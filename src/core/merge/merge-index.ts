import { around, type TimeSpan } from './active-time.js';
import { isDuplicate } from '../cases/duplicate.js';
import { HashTable } from '../hash/hash-table.js';
import type { KeyedHash } from '../hash/keyed-hash.js';
import { LineBits } from './line-bits.js';
import { caseIdentity, ENRICHED, FAILED_REFRESH, identity, INVALID, LINE, lineKind, STALE } from './merged-line.js';
import { plainName } from './place-key.js';
import { RunHistory } from './run-history.js';
import type { RunInfo, SavedResult, Summary } from '../results/run-info.js';

/** A run as described by the closing line of a file. */
export interface FinishedRun {
  /** The file as it was named. */
  readonly file: string;
  readonly run: RunInfo;
  readonly summary: Summary;
  /** Failures that it has counted and left out of the file (`--on-failure skip`), by kind. */
  readonly leftOut?: Summary['failuresByKind'];
}

const HAS_KEY = 0b00_1000;
const ENRICHED_TWICE = 0b01_0000;
const EXPECTED = 0b10_0000;
const FLAG_BITS = 6;
const FILE_BITS = 16;
/** The latest time that the bits left can hold: in the year 2109. */
const LATEST_MS = 2 ** (64 - FILE_BITS - FLAG_BITS) - 1;
export const MAX_FILES = 1 << FILE_BITS;

// The values of an entry: the position in its file of the line that counts; its time, the lower word alone, the upper one
// packed with file and flags; the hash of the newest enrichment's key, or of a failed refresh without one. Of an invalid
// record, KEY is the number of its input file instead; of a case id that only invalid records have, TIME and KEY are the
// hash of the newest of these.
const POSITION = 0;
const TIME = 1;
const PACKED = 2;
const KEY = 3;

// What POSITION notes of an expected id without a line: what is expected of it, and that it was told to be missing.
const CASE_EXPECTED = 0b001;
const RECORD_EXPECTED = 0b010;
const BOTH_EXPECTED = CASE_EXPECTED | RECORD_EXPECTED;
const TOLD = 0b100;

/**
 * Finds the newest line of every case over several files, in two passes so that memory stays small (64 bytes a case at
 * most): the first pass adds all lines, in file order; in the second pass `isNewest` tells which of them count. Within
 * a file the later line is the newer one; between files the time of the result decides, then the later file. A refresh
 * that has failed does not count against the enrichment of the same key: that one is stale (`isStale`).
 *
 * A record that was invalid is a case of its own, by its place. It no longer counts when a later run of the same journal
 * has read its whole file, with all invalid records among the results (`run.files`), without meeting it.
 */
export class MergeIndex {
  readonly #hash: KeyedHash;
  readonly #table = new HashTable(4);
  readonly #runs: RunHistory[] = [];
  /** Numbers of the input files that invalid records stand in, by name. */
  readonly #inputs = new Map<string, number>();
  readonly #inputNames: string[] = [];
  #winners: LineBits | undefined;
  /** The stale ones among them. */
  #stale: LineBits | undefined;
  #lengths: number[] = [];
  #corrected = 0;
  #added = 0;
  #winnerCount = 0;
  #callTime: TimeSpan | undefined;

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  /** Invalid records that a later run of the same journal no longer found; known after the first `isNewest`. */
  get corrected(): number {
    return this.#corrected;
  }

  /** How many of the lines do not count. Ends the first pass. */
  countSuperseded(): number {
    this.#winners ??= this.#findWinners();
    return this.#added - this.#winnerCount;
  }

  /** From the first call of all results to the end of the last, as far as they tell; undefined without a call. */
  get callTime(): TimeSpan | undefined {
    return this.#callTime;
  }

  /** `file` counts the files from 0; `position` the lines within it, upward, below 2^32. */
  add(file: number, position: number, result: SavedResult): void {
    this.#added++;
    this.#lengths[file] = Math.max(this.#lengths[file] ?? 0, position + 1);
    if (result.status === 'invalid' && result.caseId !== null && !isDuplicate(result))
      this.#linkToRecord(result.caseId, result);
    const at = this.#insert(identity(result));
    const time = Math.min(LATEST_MS, Math.max(0, Date.parse(result.at)));
    if (result.attempts > 0)
      this.#callTime = around(this.#callTime, { startMs: Math.max(0, time - result.durationMs), endMs: time });
    const line = this.#lineFor(at, file, time, result);
    this.#noteEnrichment(at, time, result);
    if (line === null) return;
    const { words } = this.#table;
    if (line === INVALID) words[at + KEY] = this.#inputNumber(result);
    if (line === FAILED_REFRESH) this.#noteKey(at, result);
    words[at + POSITION] = position;
    words[at + TIME] = time % 2 ** 32;
    const flags = (this.#flags(at) & ~LINE) | line;
    words[at + PACKED] = (Math.floor(time / 2 ** 32) << (FILE_BITS + FLAG_BITS)) | (file << FLAG_BITS) | flags;
  }

  addRun(file: number, run: RunInfo): void {
    (this.#runs[file] ??= new RunHistory()).add(run);
  }

  /** The file and time of a case's newest result so far, and whether a refresh of it has failed since; undefined without one. */
  newestOf(caseId: string): { readonly file: number; readonly time: number; readonly isStale: boolean } | undefined {
    const { low, high } = this.#hash.of(caseIdentity(caseId));
    const at = this.#table.find(low, high);
    if (at === -1 || !this.#hasLine(at)) return undefined;
    return { file: this.#file(at), time: this.#time(at), isStale: this.#line(at) === STALE };
  }

  /** True when this line is the newest of its case. The first call ends the first pass. */
  isNewest(file: number, position: number): boolean {
    return (this.#winners ??= this.#findWinners()).has(file, position);
  }

  /** True for a line that counts although a refresh of that enrichment has failed since. */
  isStale(file: number, position: number): boolean {
    return this.#stale?.has(file, position) ?? false;
  }

  /** Notes that there should be a result of this case; false when there is none, once for each id. */
  expect(caseId: string): boolean {
    return this.#expectAs(CASE_EXPECTED, caseId);
  }

  /** The same for a record with this id that is invalid; false also when the case of that id turns out to have none. */
  expectRecord(caseId: string): boolean {
    return this.#expectAs(RECORD_EXPECTED, caseId);
  }

  isExpected(caseId: string): boolean {
    return this.#hasFlag(caseId, EXPECTED);
  }

  /** True when a case was enriched more than once under the same key: the same request was made twice. */
  isEnrichedTwice(caseId: string): boolean {
    return this.#hasFlag(caseId, ENRICHED_TWICE);
  }

  /** One invalid record among the results can't be both: the result of a case, and of a second record with its id. */
  #expectAs(note: number, caseId: string): boolean {
    const at = this.#insert(caseIdentity(caseId));
    this.#setFlag(at, EXPECTED);
    if (this.#hasLine(at)) return true;
    const { words } = this.#table;
    const notes = (words[at + POSITION] ?? 0) | note;
    const isMissing = !this.#hasRecord(at) || (notes & BOTH_EXPECTED) === BOTH_EXPECTED;
    words[at + POSITION] = isMissing ? notes | TOLD : notes;
    return !isMissing || (notes & TOLD) !== 0;
  }

  /** Lets `expect` find the invalid record by its case id as long as it counts. */
  #linkToRecord(caseId: string, record: SavedResult): void {
    const { low, high } = this.#hash.of(identity(record));
    const at = this.#insert(caseIdentity(caseId));
    if (this.#hasLine(at)) return;
    this.#table.words[at + TIME] = low;
    this.#table.words[at + KEY] = high;
  }

  /** True for a case with a line of its own. */
  #hasLine(at: number): boolean {
    return this.#line(at) !== 0;
  }

  /** True when there is an invalid record with the id of this case without a line, and it counts. */
  #hasRecord(at: number): boolean {
    const { words } = this.#table;
    const record = this.#table.find(words[at + TIME] ?? 0, words[at + KEY] ?? 0);
    return record !== -1 && this.#hasLine(record) && !this.#isCorrected(record);
  }

  #inputNumber({ source }: SavedResult): number {
    const name = plainName(source?.file ?? '');
    const known = this.#inputs.get(name);
    if (known !== undefined) return known;
    this.#inputs.set(name, this.#inputNames.length);
    return this.#inputNames.push(name) - 1;
  }

  #insert(text: string): number {
    const { low, high } = this.#hash.of(text);
    return this.#table.insert(low, high);
  }

  /** What the case's line becomes when this result counts from now on; null when the line so far still counts. */
  #lineFor(at: number, file: number, time: number, result: SavedResult): number | null {
    const kind = lineKind(result);
    const known = this.#line(at);
    if (known === 0) return kind;
    const isNewer = this.#file(at) === file || time >= this.#time(at);
    if (!isNewer) return known === FAILED_REFRESH && kind === ENRICHED && this.#isKey(at, result) ? STALE : null;
    if (kind !== FAILED_REFRESH || (known !== ENRICHED && known !== STALE) || !this.#isKey(at, result)) return kind;
    this.#setLine(at, STALE);
    return null;
  }

  #isKey(at: number, { key }: SavedResult): boolean {
    if (key === undefined || (this.#flags(at) & HAS_KEY) === 0) return false;
    return this.#table.words[at + KEY] === this.#hash.of(key).low;
  }

  #noteKey(at: number, { key }: SavedResult): void {
    if (key === undefined) return;
    this.#table.words[at + KEY] = this.#hash.of(key).low;
    this.#setFlag(at, HAS_KEY);
  }

  /**
   * The same result in two files, as when one of them was merged from the other, is one enrichment; a refresh is meant to
   * ask again; and a case that was skipped was not asked about.
   */
  #noteEnrichment(at: number, time: number, result: SavedResult): void {
    if (result.status !== 'enriched') return;
    const key = this.#hash.of(result.key ?? '').low;
    const sameKey = (this.#flags(at) & HAS_KEY) !== 0 && this.#table.words[at + KEY] === key;
    const isMeant = result.refresh === true || result.skipped === true || this.#line(at) === FAILED_REFRESH;
    if (sameKey && !isMeant && this.#time(at) !== time) this.#setFlag(at, ENRICHED_TWICE);
    this.#table.words[at + KEY] = key;
    this.#setFlag(at, HAS_KEY);
  }

  #findWinners(): LineBits {
    const winners = new LineBits(this.#lengths);
    for (const at of this.#table.entries()) {
      const line = this.#line(at);
      if (line === 0) continue;
      if (line === INVALID && this.#isCorrected(at)) this.#corrected++;
      else {
        this.#winnerCount++;
        winners.set(this.#file(at), this.#table.words[at + POSITION] ?? 0);
      }
      if (line === STALE) this.#noteStale(at);
    }
    return winners;
  }

  #noteStale(at: number): void {
    this.#stale ??= new LineBits(this.#lengths);
    this.#stale.set(this.#file(at), this.#table.words[at + POSITION] ?? 0);
  }

  #isCorrected(at: number): boolean {
    const history = this.#runs[this.#file(at)];
    const name = this.#inputNames[this.#table.words[at + KEY] ?? 0] ?? '';
    return history !== undefined && this.#time(at) < history.lastWholeReading(name);
  }

  #hasFlag(caseId: string, flag: number): boolean {
    const { low, high } = this.#hash.of(caseIdentity(caseId));
    const at = this.#table.find(low, high);
    return at !== -1 && (this.#flags(at) & flag) !== 0;
  }

  #setFlag(at: number, flag: number): void {
    this.#table.words[at + PACKED] = (this.#table.words[at + PACKED] ?? 0) | flag;
  }

  #line(at: number): number {
    return this.#flags(at) & LINE;
  }

  #setLine(at: number, line: number): void {
    const { words } = this.#table;
    words[at + PACKED] = ((words[at + PACKED] ?? 0) & ~LINE) | line;
  }

  #flags(at: number): number {
    return (this.#table.words[at + PACKED] ?? 0) & (2 ** FLAG_BITS - 1);
  }

  #file(at: number): number {
    return ((this.#table.words[at + PACKED] ?? 0) >>> FLAG_BITS) & (MAX_FILES - 1);
  }

  #time(at: number): number {
    const high = (this.#table.words[at + PACKED] ?? 0) >>> (FILE_BITS + FLAG_BITS);
    return high * 2 ** 32 + (this.#table.words[at + TIME] ?? 0);
  }
}
