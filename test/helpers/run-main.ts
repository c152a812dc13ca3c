/** The whole program in this process: a command line in, exit code and texts out. */

import { COMMANDS, type Loaders } from '../../src/commands/index.js';
import { run } from '../../src/commands/enrich/enrich.js';
import type { CommandName } from '../../src/config/settings/index.js';
import type { Resolved } from '../../src/config/resolved.js';
import type { FileOps } from '../../src/io/files/file-ops.js';
import { main } from '../../src/main.js';
import { type FakeHost, fakeHost, type FakeHostOptions } from './fake-host.js';

export interface MainOptions extends FakeHostOptions {
  /** The disk of `enrich`, which may fail. */
  readonly ops?: FileOps;
  /** Commands that are run instead of the program's own. */
  readonly commands?: Partial<Loaders>;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line to its end, on a host of its own. */
export function runMain(argv: readonly string[], options: MainOptions = {}): Promise<Outcome> {
  return startMain(argv, options).ended;
}

/** Starts it; its host can be acted on meanwhile. */
export function startMain(
  argv: readonly string[],
  { ops, commands, ...options }: MainOptions = {},
): FakeHost & { readonly ended: Promise<Outcome> } {
  const fake = fakeHost(options);
  const enrich: Partial<Loaders> | undefined = ops && {
    enrich: () => Promise.resolve({ run: (settings: Parameters<typeof run>[0]) => run(settings, fake.host, ops) }),
  };
  main(argv, fake.host, { ...COMMANDS, ...enrich, ...commands });
  const ended = fake.exitCode.then((code) => ({ code, stdout: fake.stdout(), stderr: fake.stderr() }));
  return { ...fake, ended };
}

/** A command that keeps its settings instead of running. */
export function recorded<C extends CommandName>(
  name: C,
): { readonly loaders: Partial<Loaders>; settings: () => Resolved<C> } {
  let seen: Resolved<C> | undefined;
  const keep = (settings: Resolved<C>): Promise<number> => {
    seen = settings;
    return Promise.resolve(0);
  };
  return {
    loaders: { [name]: () => Promise.resolve({ run: keep }) } as unknown as Partial<Loaders>,
    settings: () => {
      if (seen === undefined) throw new Error(`${name} was not run`);
      return seen;
    },
  };
}
