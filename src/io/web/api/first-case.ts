/** Whether there is a case among those that were handed in, by the reader that the run will use. */

import type { Entry } from '../../../core/case.js';
import { CaseTrackerError } from '../../../errors.js';
import { inputsOf } from '../../files/input.js';
import { entriesOf } from '../../sources/entry-batch.js';
import { type ReadOptions, openSource } from '../../sources/file/file-source.js';
import { Refused } from '../refusal.js';
import type { BodyForm } from './shapes.js';

/** How cases are read: `--root`, `--id-field` and the like. */
export type CaseReading = Pick<ReadOptions, 'root' | 'idField' | 'fieldNames'>;

/**
 * Resolves when there is one. Rejects with a Refused, 422, when there is none, or when a JSON document is broken: of NDJSON
 * a broken line is one invalid record, of a document nothing is sure.
 */
export async function refuseWithoutCase(
  path: string,
  form: BodyForm,
  reading: CaseReading,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const found = await lookThrough(path, form, reading, signal);
    if (found.hasCase) return;
    const first = found.problem === undefined ? '' : `: ${found.problem}`;
    throw new Refused(422, 'no_case', `no case can be read in the body${first}`);
  } catch (error) {
    if (!(error instanceof CaseTrackerError)) throw error;
    const message = error.message.replaceAll(path, NAME);
    throw new Refused(422, 'no_case', `the cases cannot be read: ${message}${lostLineEnds(message)}`);
  }
}

/** `curl -d @FILE` sends lines without their ends, as one. */
function lostLineEnds(problem: string): string {
  return problem.includes('its last line, 1,') ? ' (curl takes line ends away with -d, not with --data-binary)' : '';
}

const NAME = 'the body';

interface Found {
  readonly hasCase: boolean;
  /** What is wrong with the first record that is no case. */
  readonly problem: string | undefined;
}

/** Of lines the first case is enough. It is nearly always among the first; far in, it is looked for by the reading thread. */
async function lookThrough(path: string, form: BodyForm, reading: CaseReading, signal?: AbortSignal): Promise<Found> {
  if (form === 'json') return byThread(path, form, reading, signal);
  const found = await amongFirst(path, reading);
  return found.hasCase || found.isWhole ? found : byThread(path, form, reading, signal);
}

/** Batches of records that are looked at here: the server serves nobody meanwhile. */
const MOST_BATCHES = 4;

const ENOUGH = new Error('that is enough');

async function amongFirst(path: string, reading: CaseReading): Promise<Search & { isWhole: boolean }> {
  // Lazily, as the file source does: bundled with this it would be a further file for every command.
  const { readInputs } = await import('../../sources/file/read-inputs.js');
  const found = Object.assign(new Search(), { isWhole: false });
  let batches = 0;
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
  const work = readInputs(plan, {
    post(message) {
      if (message.type === 'batch') found.look(entriesOf(message.batch));
      if (message.type === 'end') found.isWhole = true;
      // Megabytes, and not one record is whole.
      if (message.type === 'progress') throw ENOUGH;
    },
    credit: () => (found.hasCase || ++batches > MOST_BATCHES ? Promise.reject(ENOUGH) : Promise.resolve()),
  });
  // A fault too is for the thread, which meets it again.
  await work.catch((error: unknown) => {
    if (error !== ENOUGH) throw error;
  });
  return found;
}

/** @param signal whose end ends the reading: nobody waits for what it finds. */
async function byThread(
  path: string,
  inputFormat: BodyForm,
  { root, ...fields }: CaseReading,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const search = new Search();
  // `--root` is for documents.
  const small = inputFormat === 'ndjson' ? { smallBytes: 0, hereBytes: 0 } : root === undefined ? {} : { root };
  const more = { ...small, ...(signal === undefined ? {} : { signal }) };
  await using source = openSource({ ...fields, ...more, files: [path], inputFormat, showInvalid: true });
  for await (const entries of source) {
    search.look(entries);
    if (search.hasCase && inputFormat === 'ndjson') break;
  }
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
