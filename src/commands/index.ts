import type { CommandName } from '../config/settings/index.js';
import type { Resolved } from '../config/resolved.js';
import type { Host } from '../host.js';

/** The exports of a command's module. `run` resolves with the exit code; it throws errors that end the run. */
export interface CommandModule<C extends CommandName> {
  run(settings: Resolved<C>, host: Host): Promise<number>;
}

/** Loads each command lazily, so that `--help` loads none. Tests pass their own. */
export type Loaders = { readonly [C in CommandName]: () => Promise<CommandModule<C>> };

export const COMMANDS: Loaders = {
  list: () => import('./list/list.js'),
  enrich: () => import('./enrich/enrich.js'),
  report: () => import('./report/report.js'),
  validate: () => import('./validate/validate.js'),
  enqueue: () => import('./enqueue/enqueue.js'),
  queue: () => import('./queue/queue.js'),
  // Each run of the API is an enrich.
  api: async () => (await import('./api/api.js')).apiCommand(() => import('./enrich/enrich.js')),
  serve: () => import('./serve.js'),
  schema: () => import('./schema.js'),
  completion: () => import('./completion.js'),
  help: () => import('./help.js'),
};
