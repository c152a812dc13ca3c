import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { OutputError, systemCode } from '../../errors.js';
import { reasonOf } from '../files/file-ops.js';

/** GitHub refuses a longer step summary as a whole. */
const MOST_BYTES = 1024 * 1024;

// O_NONBLOCK: does not wait for a pipe that nobody reads.
const APPENDING = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** Appends to the file that GitHub shows as the summary of a step. Throws an OutputError when it is full or can't be written. */
export async function appendStepSummary(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, APPENDING);
    const { size } = await file.stat();
    if (size + Buffer.byteLength(text) > MOST_BYTES) throw new OutputError('the step summary is full (1 MiB)');
    await file.writeFile(text);
  } catch (error) {
    if (error instanceof OutputError) throw error;
    const reason = systemCode(error) === 'ENXIO' ? 'nobody reads it' : reasonOf(error);
    throw new OutputError(`cannot write the step summary: ${reason}`, { cause: error });
  }
}
