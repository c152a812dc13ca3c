/** `--unset NAME`, as in `env -u`: settings that ignore environment and configuration file. */

import { closest } from '../text/did-you-mean.js';
import { UsageError } from '../errors.js';
import { shellQuote } from '../text/shell.js';
import { COMMAND_NAMES, type CommandName, settingsOf } from './settings/index.js';
import { comesFrom, flagName, otherFlags, type Setting } from './settings/setting.js';

/** The keys of the settings with these names: a flag without dashes, or a key of the configuration file. Throws a UsageError. */
export function unsetKeys(names: readonly string[]): ReadonlySet<string> {
  const keys = keysByName();
  return new Set(names.map((name) => keys.get(name) ?? refuseName(name, keys)));
}

/** The names that `--unset` takes for a command, one for each setting. */
export function unsettable(command: CommandName): readonly string[] {
  return settingsOf(command)
    .filter(([, setting]) => canBeUnset(setting))
    .map(([key, setting]) => flagName(key, setting) ?? key);
}

function keysByName(): ReadonlyMap<string, string> {
  const all = COMMAND_NAMES.flatMap(settingsOf).filter(([, setting]) => canBeUnset(setting));
  return new Map(all.flatMap(([key, setting]) => namesOf(key, setting).map((name) => [name, key] as const)));
}

function canBeUnset(setting: Setting): boolean {
  return comesFrom(setting, 'environment') || comesFrom(setting, 'file');
}

function namesOf(key: string, setting: Setting): readonly string[] {
  const kebab = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return [key, kebab, flagName(key, setting) ?? key, ...otherFlags(setting)];
}

function refuseName(name: string, keys: ReadonlyMap<string, string>): never {
  const near = closest(name, keys.keys());
  const hint =
    near === undefined ? '--unset takes the name of a flag, as in --unset root' : `did you mean --unset ${near}?`;
  throw new UsageError(`--unset ${shellQuote(name)}: there is no such setting`, { hint });
}
