/** How the failed cases are written into the page: the JSON of `#failure-data`, made by the report and read here. */

import { type Place, placeText } from '../../../core/case.js';

export interface FailureData {
  readonly causes: readonly CauseData[];
  /** Messages, answers and file names: each is written once, rows have its index. */
  readonly texts: readonly string[];
  readonly rows: readonly RowData[];
  /** Indexes of the rows whose id was too long: it is shown, but not offered for copying. */
  readonly cutIds: readonly number[];
  /** Failed cases that did not fit into the page. */
  readonly left: number;
}

/** What a group of failures has in common. */
export interface CauseData {
  readonly label: string;
  /** Its values under the names that the search box has for them. */
  readonly fields: { readonly [field: string]: string | number | undefined };
  /** What finds its cases in the search box: `kind:http`, `status:503`. */
  readonly tokens: readonly string[];
}

/** One failed case. Cause, message, answer and file are indexes of `causes` and `texts`; the line as by `lineNumber`. */
export type RowData = readonly [
  id: string,
  cause: number,
  attempts: number,
  durationMs: number,
  message: number,
  answer: number,
  requestId: string,
  file: number,
  line: number,
];

/** The place within its file as one number: the line, or −1 − index for a record of an array, or 0 for neither. */
export function lineNumber(place: Place | undefined): number {
  if (place?.line !== undefined) return place.line;
  return place?.index === undefined ? 0 : -1 - place.index;
}

/** Where a case stands in the input, from its file and line number; empty without a file. */
export function placeOf(file: string, line: number): string {
  if (file === '') return '';
  return placeText(line > 0 ? { file, line } : line < 0 ? { file, index: -1 - line } : { file });
}
