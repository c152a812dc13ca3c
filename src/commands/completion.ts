/** `case-tracker completion SHELL`: the script for a shell, on stdout. */

import { completionScript } from '../cli/completion/index.js';
import { print } from '../io/sinks/print.js';
import type { Resolved } from '../config/resolved.js';
import { EXIT } from '../errors.js';
import type { Host } from '../host.js';

export async function run({ values: { shell } }: Resolved<'completion'>, host: Host): Promise<number> {
  await print(completionScript(shell), host);
  return EXIT.ok;
}
