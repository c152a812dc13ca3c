import type { CommandName } from '../config/settings/index.js';
import type { Resolved } from '../config/resolved.js';
import type { Host } from '../host.js';

/** What the file of a command exports. `run` resolves with the exit code; it throws what ends the run. */
export interface CommandModule<C extends CommandName> {
  run(settings: Resolved<C>, host: Host): Promise<number>;
}

/** Loads each command when it is called, so that `--help` loads none. Tests put their own in. */
export type Loaders = { readonly [C in CommandName]: () => Promise<CommandModule<C>> };

export const COMMANDS: Loaders = {
  list: () => import('./list/list.js'),
  enrich: () => import('./enrich/enrich.js'),
  report: () => import('./report/report.js'),
  validate: () => import('./validate/validate.js'),
  serve: () => import('./serve.js'),
  schema: () => import('./schema.js'),
  completion: () => import('./completion.js'),
  help: () => import('./help.js'),
};
