import type { CommandName } from '../config/settings.js';
import type { Resolved } from '../config/values.js';
import type { Host } from '../host.js';

/** What the file of a command exports. `run` resolves with the exit code; it throws what ends the run. */
export interface CommandModule<C extends CommandName> {
  run(settings: Resolved<C>, host: Host): Promise<number>;
}

/** Loads each command when it is called, so that `--help` loads none. Tests put their own in. */
export type Loaders = { readonly [C in CommandName]: () => Promise<CommandModule<C>> };

export const COMMANDS: Loaders = {
  list: () => import('../commands/list.js'),
  enrich: () => import('../commands/enrich.js'),
  report: () => import('../commands/report.js'),
  validate: () => import('../commands/validate.js'),
  serve: () => import('../commands/serve.js'),
  schema: () => import('../commands/schema.js'),
  completion: () => import('../commands/completion.js'),
  help: () => import('../commands/help.js'),
};
