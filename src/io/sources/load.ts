/** Reading case files from a program. */

import type { Case, Entry, InvalidEntry } from '../../core/case.js';
import type { FieldOptions } from '../../core/cases/record.js';
import { placeText } from '../../core/case.js';
import { InputError } from '../../errors.js';
import { pulled } from './pulled.js';
import { openSource, type ReadOptions } from './file/file-source.js';

export interface LoadOptions extends FieldOptions, Pick<ReadOptions, 'inputFormat' | 'delimiter' | 'encoding'> {
  /** JSON pointer to the array of records in a JSON document. */
  readonly root?: string;
  readonly signal?: AbortSignal;
}

const MAX_NAMED = 3;

/** The records of one file or several, in input order: cases, and invalid records with their place. */
export function readCases(
  files: string | readonly string[],
  options: LoadOptions = {},
): AsyncIterableIterator<Entry, undefined> {
  const source = openSource({ ...options, files: typeof files === 'string' ? [files] : files });
  const batches = source[Symbol.asyncIterator]();
  let batch: readonly Entry[] = [];
  let at = 0;
  const pull = async (): Promise<Entry | undefined> => {
    while (at === batch.length) {
      const next = await batches.next();
      if (next.done) return undefined;
      batch = next.value;
      at = 0;
    }
    return batch[at++];
  };
  return pulled(pull, () => source.close());
}

/** All cases of one file or several. Throws an InputError when a record is invalid: nothing is skipped in silence. */
export async function loadCases(files: string | readonly string[], options: LoadOptions = {}): Promise<Case[]> {
  const cases: Case[] = [];
  const invalid: InvalidEntry[] = [];
  let invalidCount = 0;
  for await (const entry of readCases(files, options)) {
    if (entry.kind === 'case') cases.push(entry.case);
    else if (++invalidCount <= MAX_NAMED) invalid.push(entry);
  }
  if (invalidCount > 0) throw invalidRecords(invalid, invalidCount);
  return cases;
}

function invalidRecords(first: readonly InvalidEntry[], count: number): InputError {
  const message = count === 1 ? '1 record is no valid case' : `${count} records are no valid cases`;
  const details = first.map(({ source, message: problem }) => `${placeText(source)}: ${problem}`);
  if (count > first.length) details.push(`and ${count - first.length} more`);
  return new InputError(message, { details, hint: 'readCases gives every record, valid or not' });
}
