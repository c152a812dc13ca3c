/** Whether there is a case among those that were handed in, by the reader that the run will use. */

import type { Entry } from '../../../core/case.js';
import { CaseTrackerError, InputError } from '../../../errors.js';
import { inputsOf } from '../../files/input.js';
import { entriesOf, type PostedError } from '../../sources/entry-batch.js';
import { type ReadOptions, openSource } from '../../sources/file/file-source.js';
import { Refused } from '../refusal.js';
import type { BodyForm } from './shapes.js';

/** How cases are read: `--root`, `--id-field` and the like. */
export type CaseReading = Pick<ReadOptions, 'root' | 'idField' | 'fieldNames'>;

/**
 * Resolves when there is one. Rejects with a Refused, 422, when there is none, or when a JSON document is broken: of NDJSON
 * a broken line is one invalid record, of a document nothing is sure.
 */
export async function refuseWithoutCase(path: string, form: BodyForm, reading: CaseReading): Promise<void> {
  try {
    const found = await lookThrough(path, form, reading);
    if (found.hasCase) return;
    const first = found.problem === undefined ? '' : `: ${found.problem}`;
    throw new Refused(422, 'no_case', `no case can be read in the body${first}`);
  } catch (error) {
    if (!(error instanceof CaseTrackerError)) throw error;
    throw new Refused(422, 'no_case', `the cases cannot be read: ${error.message.replaceAll(path, NAME)}`);
  }
}

const NAME = 'the body';

interface Found {
  readonly hasCase: boolean;
  /** What is wrong with the first record that is no case. */
  readonly problem: string | undefined;
}

/** Of lines the first case is enough, and it is found here; a whole document is read by the reading thread. */
function lookThrough(path: string, form: BodyForm, reading: CaseReading): Promise<Found> {
  return form === 'ndjson' ? upToFirstCase(path, reading) : wholeDocument(path, reading);
}

async function upToFirstCase(path: string, reading: CaseReading): Promise<Found> {
  // Lazily, as the file source does: bundled with this it would be a further file for every command.
  const { readInputs } = await import('../../sources/file/read-inputs.js');
  const search = new Search();
  let fault: PostedError | undefined;
  const plan = {
    ...reading,
    root: undefined,
    inputs: inputsOf([path], '.', 0),
    inputFormat: 'ndjson',
    selection: {},
    now: undefined,
    seed: 0,
    showInvalid: true,
    countOnly: false,
    keepGoing: false,
  } as const;
  await readInputs(plan, {
    post(message) {
      if (message.type === 'batch') search.look(entriesOf(message.batch));
      if (message.type === 'error') fault = message.error;
    },
    credit: () => (search.hasCase ? Promise.reject(new Error('that is enough')) : Promise.resolve()),
  });
  if (fault !== undefined && !search.hasCase) throw new InputError(fault.message);
  return search;
}

async function wholeDocument(path: string, reading: CaseReading): Promise<Found> {
  const search = new Search();
  await using source = openSource({ ...reading, files: [path], inputFormat: 'json', showInvalid: true });
  for await (const entries of source) search.look(entries);
  return search;
}

class Search implements Found {
  hasCase = false;
  problem: string | undefined;

  look(entries: readonly Entry[]): void {
    this.hasCase ||= entries.some(({ kind }) => kind === 'case');
    this.problem ??= entries.map(problemOf).find((text) => text !== undefined);
  }
}

function problemOf(entry: Entry): string | undefined {
  if (entry.kind === 'case') return undefined;
  const { line } = entry.source;
  return line === undefined ? entry.message : `line ${line}: ${entry.message}`;
}
