import { appendFile, stat } from 'node:fs/promises';
import { OutputError } from '../../errors.js';
import { reasonOf } from '../files/file-ops.js';

/** GitHub refuses a longer step summary as a whole. */
const MOST_BYTES = 1024 * 1024;

/** Appends to the file that GitHub shows as the summary of a step. Throws an OutputError when it takes no more. */
export async function appendStepSummary(path: string, text: string): Promise<void> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size + Buffer.byteLength(text) > MOST_BYTES) throw new OutputError('the step summary is full (1 MiB)');
  try {
    await appendFile(path, text);
  } catch (error) {
    throw new OutputError(`cannot write the step summary: ${reasonOf(error)}`, { cause: error });
  }
}
