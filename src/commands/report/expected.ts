/** `--expect`: the ids of the case files against those of the results. */

import type { Resolved } from '../../config/resolved.js';
import { CompletenessCheck } from '../../core/merge/completeness.js';
import type { MergeIndex } from '../../core/merge/merge-index.js';
import type { Entry } from '../../core/case.js';
import type { Host } from '../../host.js';
import { openSource } from '../../io/sources/file/file-source.js';
import { inputNotes } from '../../report/terminal/selection-notes.js';
import { tablesOf } from '../shared/tables.js';
import { readOptions } from '../shared/reading.js';

/** The ids expected from the case files. */
export interface Expected {
  readonly check: CompletenessCheck;
  /** Notices about the files. */
  readonly notices: readonly string[];
}

/**
 * A check that knows every id of the case files; those of invalid records too, as they have results.
 * @param look is shown every entry as well.
 */
export async function expectCases(
  index: MergeIndex,
  values: Resolved<'report'>['values'],
  signal: AbortSignal,
  host: Host,
  look?: (entries: readonly Entry[]) => Promise<void>,
): Promise<Expected> {
  const check = new CompletenessCheck(index);
  const tables = await tablesOf(values.expect, { ...values, output: '' }, host);
  await using source = openSource({ ...readOptions({ ...values, files: values.expect }, {}, host), ...tables, signal });
  for await (const entries of source) {
    for (const entry of entries) check.expect(entry);
    await look?.(entries);
  }
  return { check, notices: inputNotes(source.facts).map((note) => `--expect: ${note}`) };
}
