/** Merged settings by key, and what can be asked of them. */

import type { Merged } from './merge.js';
import { nameAt } from './origin.js';
import { flagName } from './settings/setting.js';

export type MergedSettings = ReadonlyMap<string, Merged>;

export function valueOf(settings: MergedSettings, key: string): unknown {
  return settings.get(key)?.value;
}

/** True when a source gave it, whatever its value. */
export function isGiven(settings: MergedSettings, key: string): boolean {
  return (settings.get(key)?.given.length ?? 0) > 0;
}

/** How the user wrote the setting, else its flag. */
export function writtenName(settings: MergedSettings, key: string): string {
  const one = settings.get(key);
  const origin = one?.given[0]?.origin;
  if (origin !== undefined) return nameAt(origin);
  return `--${(one && flagName(key, one.setting)) ?? key}`;
}
