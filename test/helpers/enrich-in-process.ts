/** The whole enrich command in this process: command line in, exit code and texts out, with a disk that may fail. */

import { COMMANDS } from '../../src/commands/index.js';
import { run } from '../../src/commands/enrich/enrich.js';
import { type FileOps, realFileOps } from '../../src/io/files/file-ops.js';
import { main } from '../../src/main.js';
import { type FakeHost, type FakeHostOptions, fakeHost } from './fake-host.js';

export interface EnrichOptions extends FakeHostOptions {
  readonly ops?: FileOps;
}

export interface EnrichOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `case-tracker enrich` with these arguments to its end. */
export async function enrich(argv: readonly string[], options: EnrichOptions = {}): Promise<EnrichOutcome> {
  return startEnrich(argv, options).ended;
}

/** Starts it; signals can be sent meanwhile. */
export function startEnrich(
  argv: readonly string[],
  { ops = realFileOps, ...options }: EnrichOptions = {},
): FakeHost & { readonly ended: Promise<EnrichOutcome> } {
  const fake = fakeHost(options);
  const command = { run: (settings: Parameters<typeof run>[0]) => run(settings, fake.host, ops) };
  main(['enrich', ...argv], fake.host, { ...COMMANDS, enrich: () => Promise.resolve(command) });
  const ended = fake.exitCode.then((code) => ({ code, stdout: fake.stdout(), stderr: fake.stderr() }));
  return { ...fake, ended };
}
