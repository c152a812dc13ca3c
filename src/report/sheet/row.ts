/** What a row of a spreadsheet is made from: a case, and what became of it. */

import { type Case, type EnrichmentResult, type Place, placeText } from '../../core/case.js';
import { resultLine } from '../../core/results/result-text.js';
import type { SavedResult } from '../../core/results/run-info.js';
import { textAt } from '../../json/text.js';

export interface SheetRow {
  /** null only for an invalid record without a usable id. */
  readonly caseId: string | null;
  /** Begins with the source text of the case, or of the enriched case; undefined where it is not known. */
  readonly text: string | undefined;
  /** Absent where cases alone are listed. */
  readonly result?: RowResult;
}

/** The result of the case, as far as columns have it. */
export interface RowResult {
  readonly status: string;
  /** Why the case is not enriched, with the place of an invalid record; empty when it is. */
  readonly error: string;
  readonly attempts: number;
  /** The whole result as JSON, for columns that are chosen by name. */
  json(): string;
}

export function rowOfCase({ id, text }: Case): SheetRow {
  return { caseId: id, text };
}

export function rowOfResult(result: EnrichmentResult): SheetRow {
  const text = result.enrichedCase?.text ?? result.case?.text;
  return { caseId: result.caseId, text, result: rowResult(result, () => resultLine(result)) };
}

/** `text` is the line of the result. A journal has the text of enriched cases alone. */
export function rowOfSaved(result: SavedResult, text: string): SheetRow {
  const enriched = result.enrichedCase === null ? undefined : enrichedText(text);
  return { caseId: result.caseId, text: enriched, result: rowResult(result, () => text) };
}

// As resultLine begins: then the enriched case has not to be searched for.
const UP_TO_CASE = /^\{"caseId":"[^"\\]*","status":"enriched","index":\d+,"enrichedCase":/;

function enrichedText(line: string): string | undefined {
  const start = UP_TO_CASE.exec(line)?.[0].length;
  return start === undefined ? textAt(line, ['enrichedCase']) : line.slice(start);
}

interface ResultFacts {
  readonly status: string;
  readonly error: { readonly message: string } | null;
  readonly attempts: number;
  readonly source?: Place;
}

function rowResult({ status, error, attempts, source }: ResultFacts, json: () => string): RowResult {
  const place = status === 'invalid' && source !== undefined ? `${placeText(source)}: ` : '';
  return { status, error: error === null ? '' : place + error.message, attempts, json };
}
