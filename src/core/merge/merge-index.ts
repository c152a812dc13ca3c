import { around, type TimeSpan } from './active-time.js';
import { isDuplicate } from '../cases/duplicate.js';
import { HashTable } from '../hash/hash-table.js';
import type { KeyedHash } from '../hash/keyed-hash.js';
import { placeKey, plainName } from './place-key.js';
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

const HAS_LINE = 0b0_0001;
const HAS_KEY = 0b0_0010;
const ENRICHED_TWICE = 0b0_0100;
const EXPECTED = 0b0_1000;
const INVALID = 0b1_0000;
const FLAG_BITS = 5;
const FILE_BITS = 16;
export const MAX_FILES = 1 << FILE_BITS;

// The values of an entry: the newest line's position in its file; its time, the lower word alone, the upper one packed
// with file and flags; the hash of the newest enrichment's key. Of an invalid record, KEY is the number of its input file
// instead; of a case id that only invalid records have, TIME and KEY are the hash of the newest of these.
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
 * a file the later line is the newer one; between files the time of the result decides, then the later file.
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
  #winners: Uint8Array[] | undefined;
  #lengths: number[] = [];
  #corrected = 0;
  #callTime: TimeSpan | undefined;

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  /** Invalid records that a later run of the same journal no longer found; known after the first `isNewest`. */
  get corrected(): number {
    return this.#corrected;
  }

  /** From the first call of all results to the end of the last, as far as they tell; undefined without a call. */
  get callTime(): TimeSpan | undefined {
    return this.#callTime;
  }

  /** `file` counts the files from 0; `position` the lines within it, upward, below 2^32. */
  add(file: number, position: number, result: SavedResult): void {
    this.#lengths[file] = Math.max(this.#lengths[file] ?? 0, position + 1);
    if (result.status === 'invalid' && result.caseId !== null && !isDuplicate(result))
      this.#linkToRecord(result.caseId, result);
    const at = this.#insert(identity(result));
    const time = Math.max(0, Date.parse(result.at));
    this.#noteEnrichment(at, time, result);
    if (result.attempts > 0)
      this.#callTime = around(this.#callTime, { startMs: Math.max(0, time - result.durationMs), endMs: time });
    if (!this.#isNewer(at, file, time)) return;
    const { words } = this.#table;
    const flags = this.#flags(at) | HAS_LINE | (result.status === 'invalid' ? INVALID : 0);
    if (result.status === 'invalid') words[at + KEY] = this.#inputNumber(result);
    words[at + POSITION] = position;
    words[at + TIME] = time % 2 ** 32;
    words[at + PACKED] = (Math.floor(time / 2 ** 32) << (FILE_BITS + FLAG_BITS)) | (file << FLAG_BITS) | flags;
  }

  addRun(file: number, run: RunInfo): void {
    (this.#runs[file] ??= new RunHistory()).add(run);
  }

  /** True when this line is the newest of its case. The first call ends the first pass. */
  isNewest(file: number, position: number): boolean {
    const bits = (this.#winners ??= this.#findWinners())[file];
    return (((bits?.[position >>> 3] ?? 0) >>> (position & 7)) & 1) === 1;
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
    return (this.#flags(at) & HAS_LINE) !== 0;
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

  #isNewer(at: number, file: number, time: number): boolean {
    if (!this.#hasLine(at)) return true;
    return this.#file(at) === file || time >= this.#time(at);
  }

  /** The same result in two files, as when one of them was merged from the other, is one enrichment. */
  #noteEnrichment(at: number, time: number, result: SavedResult): void {
    if (result.status !== 'enriched') return;
    const key = this.#hash.of(result.key ?? '').low;
    const sameKey = (this.#flags(at) & HAS_KEY) !== 0 && this.#table.words[at + KEY] === key;
    if (sameKey && this.#time(at) !== time) this.#setFlag(at, ENRICHED_TWICE);
    this.#table.words[at + KEY] = key;
    this.#setFlag(at, HAS_KEY);
  }

  #findWinners(): Uint8Array[] {
    const winners = this.#lengths.map((length) => new Uint8Array(Math.ceil(length / 8)));
    for (const at of this.#table.entries()) {
      const flags = this.#flags(at);
      if ((flags & HAS_LINE) === 0) continue;
      if ((flags & INVALID) !== 0 && this.#isCorrected(at)) this.#corrected++;
      else setBit(winners[this.#file(at)], this.#table.words[at + POSITION] ?? 0);
    }
    return winners;
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

/** Equal for two lines about the same thing: the case, or the place of a record that is no valid case. */
function identity(result: SavedResult): string {
  if (result.status !== 'invalid') return caseIdentity(result.caseId ?? '');
  return `invalid\0${placeKey(result.source, result.index)}`;
}

function caseIdentity(caseId: string): string {
  return `case\0${caseId}`;
}

function setBit(bits: Uint8Array | undefined, position: number): void {
  if (bits !== undefined) bits[position >>> 3] = (bits[position >>> 3] ?? 0) | (1 << (position & 7));
}
