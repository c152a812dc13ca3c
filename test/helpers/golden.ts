import { folderWith } from './folder.js';
import type { FakeHostOptions } from './fake-host.js';
import { type Outcome, runMain } from './run-main.js';

export interface GoldenOptions extends Omit<FakeHostOptions, 'cwd'> {
  /** Files of the folder that the command stands in, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface GoldenOutcome extends Outcome {
  /** The folder, gone when the test ends. */
  readonly cwd: string;
}

/** Three cases, as most commands want them. */
export const CASES = '[{"id":"a","status":"open","priority":"high"},{"id":"b","status":"closed"},{"id":"c"}]';

/** Runs a command line with the whole program in a folder of its own; standard input is a terminal unless given. */
export async function runGolden(argv: readonly string[], options: GoldenOptions = {}): Promise<GoldenOutcome> {
  const { files = { 'cases.json': CASES }, ...hostOptions } = options;
  // The folder is a repository: no configuration outside of it is looked for.
  const cwd = folderWith({ '.git/HEAD': '', ...files });
  return { ...(await runMain(argv, { cwd, ...hostOptions })), cwd };
}

/** What stands before the first empty line: the message, without the summary below it. */
export function messageOf(stderr: string): string {
  const end = stderr.indexOf('\n\n');
  return end === -1 ? stderr : stderr.slice(0, end + 1);
}
