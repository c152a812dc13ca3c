/** Messages of the reading thread: columns (parallel arrays), as structured clone copies them faster than objects. */

import { Case } from '../../core/case.js';
import type { Entry, Place } from '../../core/case.js';
import type { SourceCounts, SourceFacts } from '../../core/ports.js';

/** Entries of one file, in input order. */
export interface Batch {
  readonly file: string;
  readonly unit: 'line' | 'index';
  /** Index of the first entry. */
  readonly first: number;
  readonly ids: (string | null)[];
  /** The case's text on one line; of an invalid record, the problem. */
  readonly texts: string[];
  readonly places: number[];
  /** Positions of the invalid records in the columns, ascending. */
  readonly invalid: number[];
}

/** Records and bytes over all files so far. */
export interface FileCounts extends SourceCounts {
  /** Before decompression. */
  readonly bytesRead: number;
  /** null when the size of an input is not known beforehand. */
  readonly bytesTotal: number | null;
}

/** The error of a file that can't be read further, besides its one invalid record. */
export interface FileFault {
  readonly file: string;
  readonly details: readonly string[];
  readonly hint: string | undefined;
}

/** Facts about an input, known at its end. */
export interface InputFacts extends SourceFacts {
  /** With `keepGoing`: the files that could not be read to their end, only the first ones. */
  readonly faults: readonly FileFault[];
}

export type FromWorker =
  | { readonly type: 'batch'; readonly batch: Batch; readonly counts: FileCounts }
  | { readonly type: 'progress'; readonly counts: FileCounts }
  | { readonly type: 'end'; readonly counts: FileCounts; readonly facts: InputFacts; readonly complete: boolean }
  | {
      readonly type: 'error';
      readonly counts: FileCounts;
      readonly facts: InputFacts;
      readonly error: PostedError;
    };

/** An InputError as data; without `input` it is a bug. */
export interface PostedError {
  readonly input: boolean;
  readonly message: string;
  readonly details: readonly string[];
  readonly hint: string | undefined;
  readonly stack: string | undefined;
}

export const NO_COUNTS: FileCounts = {
  read: 0,
  selected: 0,
  invalid: 0,
  invalidHidden: 0,
  bytesRead: 0,
  bytesTotal: null,
};

export const NO_FACTS: InputFacts = {
  overdue: 0,
  valuesInUse: { status: [], priority: [], assignee: [], tag: [] },
  unknownFields: [],
  fieldsInUse: [],
  ambiguousIds: [],
  missingIds: [],
  invalidIds: [],
  likelyIdField: undefined,
  shortRows: 0,
  faults: [],
};

/** A value among the places of a batch that means the file as a whole. */
export const NO_PLACE = -1;

/** The entries of a batch as objects. */
export function entriesOf(batch: Batch): Entry[] {
  let nextInvalid = 0;
  return batch.texts.map((text, at) => {
    const index = batch.first + at;
    const caseId = batch.ids[at] ?? null;
    const source = placeOf(batch, batch.places[at] ?? 0);
    if (batch.invalid[nextInvalid] === at) {
      nextInvalid++;
      return { kind: 'invalid', index, caseId, source, message: text };
    }
    return { kind: 'case', index, case: new Case(caseId ?? '', text), source };
  });
}

/** The place of the record with position `at` in a batch. */
export function placeOf({ file, unit }: Pick<Batch, 'file' | 'unit'>, at: number): Place {
  if (at === NO_PLACE) return { file };
  return unit === 'line' ? { file, line: at } : { file, index: at };
}
