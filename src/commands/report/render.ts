/** From merged results to text, a batch at a time. */

import type { CompletenessCheck } from '../../core/merge/completeness.js';
import type { Host } from '../../host.js';
import { AtomicFile, type TextOutput } from '../../io/files/atomic-file.js';
import type { SavedRecord } from '../../io/saved/saved-record.js';
import type { SavedResults } from '../../io/saved/saved-results.js';
import type { Resolved } from '../../config/resolved.js';
import { formatNamed, formatOf } from './formats.js';
import { type MergedReport, Merging } from './merging.js';

/** Writes the report, showing every result to `check` on the way. The output is left open. */
export async function render(
  saved: SavedResults,
  check: CompletenessCheck | undefined,
  output: TextOutput,
  settings: Resolved<'report'>,
  host: Host,
): Promise<MergedReport> {
  const { allowFailures } = settings.values;
  const name = formatOf(settings.values, host);
  // JUnit begins with the counts.
  const counted = name === 'junit' ? await mergeAll(saved, new Merging(saved, allowFailures), check) : undefined;
  const place = { span: saved.span, isFile: output instanceof AtomicFile };
  const format = formatNamed(name, place, settings, host);
  const merging = new Merging(saved, allowFailures);
  await output.write(format.begin(counted));
  for await (const records of saved.results()) {
    if (counted === undefined) addAll(records, merging, check);
    await output.write(format.results(records));
  }
  const merged = counted ?? merging.end(check?.end(saved.runs));
  await output.write(format.end(merged));
  return merged;
}

async function mergeAll(
  saved: SavedResults,
  merging: Merging,
  check: CompletenessCheck | undefined,
): Promise<MergedReport> {
  for await (const records of saved.results()) addAll(records, merging, check);
  return merging.end(check?.end(saved.runs));
}

function addAll(records: readonly SavedRecord[], merging: Merging, check: CompletenessCheck | undefined): void {
  for (const { result } of records) {
    merging.add(result);
    check?.check(result);
  }
}
