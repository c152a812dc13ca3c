import { OutputError, StdoutClosed, stdoutError, systemCode } from '../../errors.js';
import type { Host } from '../../host.js';

/** Writes to stdout. Rejects with StdoutClosed when the reader has gone, else with an OutputError. */
export async function print(text: string | Uint8Array, host: Host): Promise<void> {
  try {
    await host.stdout.write(text);
  } catch (thrown) {
    const error = stdoutError(thrown);
    if (error instanceof StdoutClosed) throw error;
    // Loaded lazily: --version prints too, and does not need it.
    const { errnoWords } = await import('../../text/errno-words.js');
    const code = systemCode(error);
    const why = errnoWords(code, 'writing') ?? code ?? 'unknown reason';
    throw new OutputError(`cannot write to standard output: ${why}`, { cause: error });
  }
}
