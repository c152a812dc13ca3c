/** From merged results to text, a batch at a time. */

import type { CompletenessCheck } from '../../core/merge/completeness.js';
import type { TextOutput } from '../../io/files/atomic-file.js';
import type { SavedRecord } from '../../io/saved/saved-record.js';
import type { SavedResults } from '../../io/saved/saved-results.js';
import type { Resolved } from '../../config/resolved.js';
import { type MergedReport, Merging } from './merging.js';
import type { SavedFormat } from './saved-format.js';

/** The report's figures, and what the user should know of its format. */
export interface Rendered {
  readonly merged: MergedReport;
  readonly notices: readonly string[];
}

/** Writes the report, showing every result to `check` on the way. The output is left open. */
export async function render(
  saved: SavedResults,
  format: SavedFormat,
  check: CompletenessCheck | undefined,
  output: TextOutput,
  { allowFailures }: Resolved<'report'>['values'],
): Promise<Rendered> {
  const merging = new Merging(saved, allowFailures);
  // Some formats begin with what only all results tell: with counts, with the names of columns.
  const counted = format.look === undefined ? undefined : await lookAtAll(saved, format, merging, check);
  await output.write(format.begin(counted));
  for await (const records of saved.results()) {
    if (counted === undefined) addAll(records, merging, check);
    await output.write(format.results(records));
  }
  for await (const text of format.heldBack?.() ?? []) await output.write(text);
  const merged = counted ?? merging.end(check?.end(saved.runs));
  await output.write(format.end(merged));
  return { merged, notices: format.notices?.() ?? [] };
}

async function lookAtAll(
  saved: SavedResults,
  format: SavedFormat,
  merging: Merging,
  check: CompletenessCheck | undefined,
): Promise<MergedReport> {
  for await (const records of saved.results()) {
    addAll(records, merging, check);
    format.look?.(records);
  }
  return merging.end(check?.end(saved.runs));
}

function addAll(records: readonly SavedRecord[], merging: Merging, check: CompletenessCheck | undefined): void {
  for (const { result } of records) {
    merging.add(result);
    check?.check(result);
  }
}
