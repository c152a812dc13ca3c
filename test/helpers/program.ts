import { fileURLToPath } from 'node:url';

/** The file that npm links as `case-tracker`. */
export const EXECUTABLE = fileURLToPath(new URL('../../bin/case-tracker.cjs', import.meta.url));

/** The words that start it, before its arguments. */
export const PROGRAM: readonly string[] = [process.execPath, EXECUTABLE];
