/** Flag, else environment, else configuration file, else default: parsed, checked and frozen. */

import { type ConfigFile, loadConfigFile } from './config-file.js';
import type { Files } from './files.js';
import type { CliValues, Sources } from './given.js';
import { completeValues } from './complete.js';
import { type Header, headerSecrets } from './headers.js';
import { merge, type Merged } from './merge.js';
import type { MergedSettings } from './merged.js';
import { type CommandName, settingsOf } from './settings/index.js';
import type { Setting } from './settings/setting.js';
import { GLOBAL } from './settings/cases.js';
import { provenances } from './provenance.js';
import { settleEnrich } from './settle.js';
import { tableSecrets } from './table-urls.js';
import { unsetKeys } from './unset.js';
import type { Resolved, ValuesByCommand } from './resolved.js';

export interface ResolveContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly files: Files;
  /** A terminal as standard input is no case file. */
  readonly stdin: { readonly isTTY: boolean };
}

/** Throws a UsageError that names the place of the first value that is wrong. */
export function resolveSettings<C extends CommandName>(
  command: C,
  cli: CliValues,
  context: ResolveContext,
): Resolved<C> {
  const { env, cwd, files } = context;
  const flags: Sources = { command, cli, env, cwd, files, file: undefined, unset: new Set() };
  const sources = { ...flags, unset: unsetKeys(merge('unset', GLOBAL.unset, flags).value as readonly string[]) };
  const file = configFile(sources);
  const merged = settled(command, mergeAll(command, { ...sources, file }));
  const values = completeValues(command, merged, { configFile: file?.shown, stdin: context.stdin });
  return deepFreeze({
    command,
    values: values as unknown as ValuesByCommand[C],
    sources: provenances(merged),
    ...secretsOf([...merged.values()], tableSecrets(values, env)),
  });
}

/** The file that was named or found; none where the setting is unset. */
function configFile(sources: Sources): ConfigFile | undefined {
  const named = merge('config', GLOBAL.config, sources).value as string | undefined;
  if (named === undefined && sources.unset.has('config')) return undefined;
  return loadConfigFile(named, sources.cwd, sources.files);
}

function mergeAll(command: CommandName, sources: Sources): MergedSettings {
  const all = settingsOf(command).map(([key, setting]) => merge(key, setting, sources));
  return new Map(all.map((one) => [one.key, one.key === 'config' ? withFoundFile(one, sources) : one]));
}

/** Says which file was read where none was named. */
function withFoundFile(config: Merged, { file, unset }: Sources): Merged {
  if (file !== undefined) return { ...config, shown: file.shown };
  return unset.has('config') ? { ...config, shown: 'none' } : config;
}

function settled(command: CommandName, merged: MergedSettings): MergedSettings {
  return command === 'enrich' ? settleEnrich(merged) : merged;
}

function secretsOf(merged: readonly Merged[], logins: readonly string[]): Pick<Resolved, 'secrets' | 'expanded'> {
  const headers = merged.flatMap(({ value, setting }) =>
    setting.type.file === '@lines' ? headerSecrets(value as readonly Header[]) : [],
  );
  const secret = merged.flatMap(({ value, setting }) =>
    setting.type.file === '@secret' && typeof value === 'string' ? [value] : [],
  );
  const expanded = merged.flatMap(({ setting, given }) =>
    isFreeText(setting) ? given.flatMap(({ used }) => used) : [],
  );
  const parts = merged.flatMap(({ value, setting: { type } }) =>
    value === undefined ? [] : (type.secretsIn?.(value) ?? []),
  );
  return {
    secrets: longestFirst([...headers, ...secret, ...parts, ...logins, ...expanded]),
    expanded: longestFirst(expanded),
  };
}

/** Sorts secrets by length: hiding a short one inside a longer one would leave the rest of the longer one readable. */
function longestFirst(secrets: readonly string[]): readonly string[] {
  return [...new Set(secrets)].filter((secret) => secret !== '').toSorted((a, b) => b.length - a.length);
}

// A number or a word that a variable put into a limit or a filter is no secret, and hiding `10` would blot out every 10.
function isFreeText({ type }: Setting): boolean {
  const plain = type.json.form === 'string' && type.json.pattern === undefined && type.file !== 'path';
  return plain || type.file === '@lines' || type.file === '@urls';
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
