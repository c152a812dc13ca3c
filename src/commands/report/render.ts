/** From merged results to text, a batch at a time. */

import type { CompletenessCheck } from '../../core/expect.js';
import type { Host } from '../../host.js';
import { AtomicFile, type TextOutput } from '../../io/atomic-file.js';
import type { SavedResults } from '../../io/saved-results.js';
import type { ReportSettings } from '../report.js';
import { formatNamed, formatOf } from './formats.js';
import { type MergedReport, Merging } from './merging.js';

/** Writes the report, showing every result to `check` on the way. The output is left open. */
export async function render(
  saved: SavedResults,
  check: CompletenessCheck | undefined,
  output: TextOutput,
  settings: ReportSettings,
  host: Host,
): Promise<MergedReport> {
  const { allowFailures } = settings.values;
  const name = formatOf(settings.values, host);
  // JUnit begins with the counts.
  const counted = name === 'junit' ? await mergeAll(saved, new Merging(saved, allowFailures)) : undefined;
  const place = { span: saved.span, isFile: output instanceof AtomicFile };
  const format = formatNamed(name, place, settings, host);
  const merging = new Merging(saved, allowFailures);
  await output.write(format.begin(counted));
  for await (const records of saved.results()) {
    for (const { result } of records) {
      merging.add(result);
      check?.check(result);
    }
    await output.write(format.results(records));
  }
  const merged = merging.end();
  await output.write(format.end(merged));
  return merged;
}

async function mergeAll(saved: SavedResults, merging: Merging): Promise<MergedReport> {
  for await (const records of saved.results()) for (const { result } of records) merging.add(result);
  return merging.end();
}
