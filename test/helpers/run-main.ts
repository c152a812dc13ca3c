import { main } from '../../src/main.js';
import { fakeHost, type FakeHostOptions } from './fake-host.js';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, on a host of its own. */
export async function runMain(argv: readonly string[], options: FakeHostOptions = {}): Promise<Outcome> {
  const fake = fakeHost(options);
  main(argv, fake.host);
  const code = await fake.exitCode;
  return { code, stdout: fake.stdout(), stderr: fake.stderr() };
}
