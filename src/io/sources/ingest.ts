/** Records in, batches and statistics out: checks, duplicate ids and selection. Pure; the reading thread drives it. */

import { placeText } from '../../core/case.js';
import { duplicateMessage } from '../../core/cases/duplicate.js';
import { IdSet } from '../../core/hash/id-set.js';
import { oneLine } from '../../json/text.js';
import { IdCandidates } from '../../core/cases/id-candidates.js';
import { RecordShape } from '../../core/cases/record.js';
import type { FieldOptions, RecordCheck } from '../../core/cases/record.js';
import type { JsonObject } from '../../json/text.js';
import { Selector } from '../../core/cases/select.js';
import type { Selection } from '../../core/cases/select.js';
import type { SourceCounts } from '../../core/ports.js';
import type { CaseTrackerError } from '../../errors.js';
import { type Batch, type FileFault, type InputFacts, NO_PLACE, placeOf } from './entry-batch.js';
import type { RecordSink } from './file/record-sink.js';

const MAX_BATCH_ENTRIES = 256;
const MOST_FAULTS = 20;
const MAX_BATCH_CHARACTERS = 1024 * 1024;

export interface IngestOptions extends FieldOptions {
  readonly selection: Selection;
  /** The current time in milliseconds since 1970; without it nothing is overdue. */
  readonly now: number | undefined;
  /** Deliver invalid records also when a filter is set. */
  readonly showInvalid: boolean;
  /** Count only: no batches. */
  readonly countOnly: boolean;
  /** Seed of the hashes of ids. */
  readonly seed: number;
}

/** Says whether places are line numbers or array indexes; known from the first record on. */
interface Placing {
  readonly unit: 'line' | 'index';
}

/** A case held back until the end of the input: it is selected if no other id matches as well. */
interface HeldCase {
  readonly id: string;
  readonly record: JsonObject;
  readonly text: string;
  readonly place: RecordPlace;
}

interface RecordPlace extends Placing {
  readonly file: string;
  readonly at: number;
}

export class Ingest implements RecordSink {
  readonly #shape: RecordShape;
  readonly #selector: Selector;
  readonly #ids: IdSet;
  readonly #countOnly: boolean;
  readonly #idCandidates = new IdCandidates();
  readonly #faults: FileFault[] = [];
  #file = '';
  #placing: Placing = { unit: 'line' };
  #batches: OpenBatch[] = [];
  readonly #held: HeldCase[] = [];
  #read = 0;
  #invalid = 0;
  #invalidHidden = 0;
  #nextIndex = 0;
  #shortRows = 0;
  /** Records of which only the number is known. */
  #counted = 0;

  constructor(options: IngestOptions) {
    this.#shape = new RecordShape(options);
    this.#selector = new Selector(options.selection, this.#shape, options.now, options.showInvalid);
    this.#ids = new IdSet(options.seed);
    this.#countOnly = options.countOnly;
  }

  /** True when nothing more will be selected; further records are ignored. */
  get full(): boolean {
    return this.#selector.full;
  }

  /** The records that follow are from this file. */
  begin(file: string, placing: Placing): void {
    this.#file = file;
    this.#placing = placing;
  }

  record(value: unknown, text: string, at: number): void {
    if (this.full) return;
    this.#read++;
    const check = this.#shape.check(value, text);
    if (!check.ok) this.#refuseRecord(check, value, at);
    else if (!this.#ids.add(check.id)) this.#refuse(check.id, duplicateMessage(check.id), at);
    else this.#select(check.id, value as JsonObject, text, at);
  }

  broken(problem: string, at: number): void {
    if (this.full) return;
    this.#read++;
    this.#refuse(null, problem, at);
  }

  counted(records: number): void {
    this.#read += records;
    this.#counted += records;
  }

  shortRow(): void {
    if (!this.full) this.#shortRows++;
  }

  /** A file can't be read on: one invalid record that has a file and no place in it. */
  fault(file: string, { message, details, hint }: CaseTrackerError): void {
    this.#file = file;
    if (this.#faults.length < MOST_FAULTS) this.#faults.push({ file, details, hint });
    this.#refuse(null, message, NO_PLACE);
  }

  /** Ends the input: decides on the cases held back. */
  end(): void {
    for (const held of this.#held) {
      if (this.#selector.release(held.id, held.record)) this.#add(held.place, held.id, held.text);
    }
  }

  /** The batches selected since the last call. */
  takeBatches(): readonly Batch[] {
    if (this.#batches.length === 0) return [];
    const taken = this.#batches.map(({ batch }) => batch);
    this.#batches = [];
    return taken;
  }

  counts(): SourceCounts {
    return {
      read: this.#read,
      selected: this.#selector.selected + this.#counted,
      invalid: this.#invalid,
      invalidHidden: this.#invalidHidden,
    };
  }

  facts(): InputFacts {
    return {
      ...this.#selector.facts(),
      likelyIdField: this.#idCandidates.best(this.#read),
      shortRows: this.#shortRows,
      faults: this.#faults,
    };
  }

  #select(id: string, record: JsonObject, text: string, at: number): void {
    const decision = this.#selector.decide(id, record, text);
    if (decision === 'left') return;
    const place = { file: this.#file, unit: this.#placing.unit, at };
    if (decision === 'selected') this.#add(place, id, text);
    else this.#held.push({ id, record, text, place });
  }

  #refuseRecord({ caseId, message, lacksId }: RecordCheck & { readonly ok: false }, value: unknown, at: number): void {
    if (lacksId) this.#idCandidates.add(value);
    this.#refuse(caseId, message, at);
  }

  #refuse(caseId: string | null, problem: string, at: number): void {
    const place = { file: this.#file, unit: this.#placing.unit, at };
    const decision = this.#selector.decideInvalid(`${this.#file}:${at}`);
    if (caseId !== null) this.#selector.seeInvalid(caseId, () => `${placeText(placeOf(place, at))}: ${problem}`);
    if (decision === 'hidden') this.#invalidHidden++;
    if (decision !== 'shown') return;
    this.#invalid++;
    this.#open(place, problem.length)?.addInvalid(caseId, problem, at);
  }

  #add(place: RecordPlace, id: string, text: string): void {
    this.#open(place, text.length)?.addCase(id, oneLine(text), place.at);
  }

  /** The batch that takes the next entry; none when only counting. */
  #open({ file, unit }: RecordPlace, characters: number): OpenBatch | undefined {
    if (this.#countOnly) return undefined;
    let batch = this.#batches.at(-1);
    if (batch === undefined || !batch.hasRoom(file, characters)) {
      batch = new OpenBatch(file, unit, this.#nextIndex);
      this.#batches.push(batch);
    }
    this.#nextIndex++;
    return batch;
  }
}

class OpenBatch {
  readonly batch: Batch;
  #characters = 0;

  constructor(file: string, unit: 'line' | 'index', first: number) {
    this.batch = { file, unit, first, ids: [], texts: [], places: [], invalid: [] };
  }

  hasRoom(file: string, characters: number): boolean {
    if (file !== this.batch.file || this.batch.texts.length >= MAX_BATCH_ENTRIES) return false;
    return this.#characters + characters <= MAX_BATCH_CHARACTERS;
  }

  addCase(id: string, text: string, at: number): void {
    this.#characters += text.length;
    this.batch.ids.push(id);
    this.batch.texts.push(text);
    this.batch.places.push(at);
  }

  addInvalid(caseId: string | null, problem: string, at: number): void {
    this.batch.invalid.push(this.batch.texts.length);
    this.#characters += problem.length;
    this.batch.ids.push(caseId);
    this.batch.texts.push(problem);
    this.batch.places.push(at);
  }
}
