import { OutputError, systemCode } from '../errors.js';
import type { Host } from '../host.js';

/** Writes to stdout. Rejects with an OutputError, or with the system's EPIPE when the reader has gone. */
export async function print(text: string, host: Host): Promise<void> {
  try {
    await host.stdout.write(text);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EPIPE') throw error;
    const why = code === 'ENOSPC' ? 'no space left' : (code ?? 'unknown reason');
    throw new OutputError(`cannot write to standard output: ${why}`, { cause: error });
  }
}
