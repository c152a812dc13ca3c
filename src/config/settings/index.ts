/**
 * Every setting, once: flags, environment names, configuration keys, defaults, help, completion, the JSON Schema of
 * the configuration, the README's tables and the man page are all made of these tables.
 */

import { API_GROUPS } from './api.js';
import { ENRICH_GROUPS } from './enrich.js';
import { GLOBAL, LIST, READING, SELECTION } from './cases.js';
import { COMPLETION, HELP, REPORT, SCHEMA, SERVE, VALIDATE } from './other.js';
import { COLLECT, ENQUEUE, QUEUE_STATUS } from './queue.js';
import { comesFrom, type Group, type Setting, valueNames } from './setting.js';

const GLOBAL_GROUP: Group = { title: 'Everywhere', settings: GLOBAL };
const CASE_GROUPS: readonly Group[] = [
  { title: 'Which cases', settings: SELECTION },
  { title: 'Reading', settings: READING },
];

/** The settings of each command, in the order of its help. */
export const COMMAND_GROUPS = {
  list: [{ title: 'What is shown', settings: LIST }, ...CASE_GROUPS, GLOBAL_GROUP],
  enrich: [...ENRICH_GROUPS, ...CASE_GROUPS, GLOBAL_GROUP],
  report: [{ title: 'Report', settings: REPORT }, { title: 'A queue', settings: COLLECT }, GLOBAL_GROUP],
  validate: [{ title: 'Findings', settings: VALIDATE }, { title: 'Reading', settings: READING }, GLOBAL_GROUP],
  enqueue: [{ title: 'Queue', settings: ENQUEUE }, ...CASE_GROUPS, GLOBAL_GROUP],
  queue: [{ title: 'Queue', settings: QUEUE_STATUS }, GLOBAL_GROUP],
  api: [...API_GROUPS, GLOBAL_GROUP],
  serve: [{ title: 'Endpoint', settings: SERVE }, GLOBAL_GROUP],
  schema: [{ title: 'Schema', settings: SCHEMA }, GLOBAL_GROUP],
  completion: [{ title: 'Completion', settings: COMPLETION }, GLOBAL_GROUP],
  help: [{ title: 'Help', settings: HELP }, GLOBAL_GROUP],
} as const satisfies Record<string, readonly Group[]>;

export type CommandName = keyof typeof COMMAND_GROUPS;

export const COMMAND_NAMES = Object.keys(COMMAND_GROUPS) as readonly CommandName[];

/** The settings of a command with their keys. */
export function settingsOf(command: CommandName): readonly (readonly [key: string, setting: Setting])[] {
  return groupsOf(command).flatMap((group) => Object.entries(group.settings));
}

export function groupsOf(command: CommandName): readonly Group[] {
  return COMMAND_GROUPS[command];
}

/** Every key that a configuration file may have, with each setting that reads it (commands may differ). */
export function configurationKeys(): ReadonlyMap<string, readonly Setting[]> {
  const keys = new Map<string, Setting[]>();
  for (const [key, setting] of COMMAND_NAMES.flatMap(settingsOf)) {
    if (!comesFrom(setting, 'file')) continue;
    for (const name of [key, ...valueNames(setting)]) addTo(keys, name, setting);
  }
  return keys;
}

function addTo(keys: Map<string, Setting[]>, name: string, setting: Setting): void {
  const settings = keys.get(name) ?? [];
  if (!settings.includes(setting)) settings.push(setting);
  keys.set(name, settings);
}
