import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { main } from '../../src/main.js';
import { fakeHost, type FakeHostOptions } from './fake-host.js';

export interface GoldenOptions extends Omit<FakeHostOptions, 'cwd'> {
  /** Files of the folder that the command stands in, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface GoldenOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The folder, gone when the test ends. */
  readonly cwd: string;
}

/** Three cases, as most commands want them. */
export const CASES = '[{"id":"a","status":"open","priority":"high"},{"id":"b","status":"closed"},{"id":"c"}]';

/** Runs a command line with the whole program in a folder of its own; standard input is a terminal unless given. */
export async function runGolden(argv: readonly string[], options: GoldenOptions = {}): Promise<GoldenOutcome> {
  const { files = { 'cases.json': CASES }, ...hostOptions } = options;
  const cwd = mkdtempSync(join(tmpdir(), 'case-tracker-golden-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  // The folder is a repository: no configuration outside of it is looked for.
  for (const [name, text] of Object.entries({ '.git/HEAD': '', ...files })) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const fake = fakeHost({ cwd, ...hostOptions });
  main(argv, fake.host);
  const code = await fake.exitCode;
  return { code, stdout: fake.stdout(), stderr: fake.stderr(), cwd };
}

/** What stands before the first empty line: the message, without the summary below it. */
export function messageOf(stderr: string): string {
  const end = stderr.indexOf('\n\n');
  return end === -1 ? stderr : stderr.slice(0, end + 1);
}
