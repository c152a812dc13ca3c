/** What each source says about a setting: texts with their origin, before they are parsed. */

import { UsageError } from '../errors.js';
import { readProblem } from '../named-file.js';
import { shellQuote } from '../text/shell.js';
import { isTableUrl } from '../text/table-url.js';
import { colorVariable } from '../text/style.js';
import { resolve } from 'node:path';
import { type ConfigFile, expand, rebase } from './config-file.js';
import type { Files } from './files.js';
import { refuseOutside } from './found-file.js';
import { hookLines, splitHook } from './hooks.js';
import { textsOfJson } from './json-values.js';
import { nameAt, type Origin, valueError } from './origin.js';
import { configurationKeys } from './settings/index.js';
import {
  comesFrom,
  environmentName,
  flagName,
  type Setting,
  type Shorthand,
  shorthandsOf,
  valueNames,
} from './settings/setting.js';
import { flag as switchType } from './settings/value-types.js';

/** Flags by name in camelCase, arguments by key. */
export type CliValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface Sources {
  readonly command: string;
  readonly cli: CliValues;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: ConfigFile | undefined;
  readonly cwd: string;
  readonly files: Files;
  /** Keys of settings that come from flags alone. */
  readonly unset: ReadonlySet<string>;
}

/** One text of a value. */
export interface Item {
  readonly text: string;
  readonly origin: Origin;
  /** It came from `@FILE` or holds the value of a `${NAME}`. */
  readonly hidden: boolean;
}

/** What one source gave. */
export interface Given {
  readonly origin: Origin;
  readonly items: readonly Item[];
  /** Values of environment variables that were inserted. */
  readonly used: readonly string[];
}

/** The values for a setting by source, highest first: all sources for headers, which are merged, else only the highest. */
export function givenFor(key: string, setting: Setting, sources: Sources): readonly Given[] {
  const below = sources.unset.has(key) ? [] : [fromEnvironment(key, setting, sources), fromFile(key, setting, sources)];
  const all = [fromFlags(key, setting, sources), ...below].filter((given) => given !== undefined);
  const counting = setting.type.file === '@lines' ? all : all.slice(0, 1);
  return counting.map((given) => readFiles(given, setting, sources));
}

/** The name under which a flag or an argument stands among the values of the command line. */
export function cliKey(key: string, setting: Setting): string {
  return setting.flag ?? key;
}

function fromFlags(key: string, setting: Setting, { cli, command }: Sources): Given | undefined {
  const name = cliKey(key, setting);
  const flag = flagName(key, setting);
  const own = textsGiven(cli[name]);
  const main = own && given({ from: 'flag', name: flag === undefined ? command : `--${flag}` }, own, setting);
  const others = valueNames(setting).map((other) => {
    const texts = textsGiven(cli[other]);
    return texts && given({ from: 'flag', name: `--${other}` }, texts, setting);
  });
  return onlyOne([main, ...others]) ?? shorthandFrom(setting, (other) => switchOnLine(cli[other], other));
}

/** A switch and where it was written. */
interface Switch {
  readonly on: boolean;
  readonly origin: Origin;
}

function switchOnLine(value: CliValues[string], flag: string): Switch | undefined {
  if (typeof value !== 'boolean') return undefined;
  return { on: value, origin: { from: 'flag', name: value ? `--${flag}` : `--no-${flag}` } };
}

function switchInEnvironment({ env }: Sources, flag: string): Switch | undefined {
  const name = environmentName(flag);
  const text = env[name];
  if (!text) return undefined;
  const origin: Origin = { from: 'environment', name };
  const parsed = switchType().parse(text);
  if (!parsed.ok) throw valueError(origin, text, switchType(), false, parsed);
  return { on: parsed.value === true, origin };
}

/** A shorthand for one value of the setting: switched on it means that value, switched off the default. */
function shorthandFrom(setting: Setting, find: (name: string) => Switch | undefined): Given | undefined {
  const found = shorthandsOf(setting).map((other) => {
    const switched = find(other.flag);
    return switched && shorthand(other, switched, setting);
  });
  return found.find((one) => one !== undefined);
}

function shorthand({ value }: Shorthand, { on, origin }: Switch, setting: Setting): Given {
  return { origin, items: [{ text: on ? value : (setting.default ?? ''), origin, hidden: false }], used: [] };
}

function fromEnvironment(key: string, setting: Setting, sources: Sources): Given | undefined {
  const flag = flagName(key, setting);
  if (flag === undefined || !comesFrom(setting, 'environment')) return undefined;
  const own = [flag, ...valueNames(setting)].map(environmentName).map((name) => {
    const value = sources.env[name];
    if (!value || isOfAnotherCommand(key, value, setting)) return undefined;
    return given({ from: 'environment', name }, setting.type.repeatable ? value.split(/\r?\n/) : [value], setting);
  });
  const switched = shorthandFrom(setting, (other) => switchInEnvironment(sources, other));
  return onlyOne(own) ?? switched ?? (key === 'color' ? standardColor(sources.env) : undefined);
}

function standardColor(env: Sources['env']): Given | undefined {
  const variable = colorVariable(env);
  if (variable === undefined) return undefined;
  const origin: Origin = { from: 'environment', name: variable.name };
  return { origin, items: [{ text: variable.color, origin, hidden: false }], used: [] };
}

function fromFile(key: string, setting: Setting, { file, env }: Sources): Given | undefined {
  if (file === undefined || !comesFrom(setting, 'file')) return undefined;
  const present = [key, ...valueNames(setting)].filter((name) => Object.hasOwn(file.values, name));
  return onlyOne(present.map((name) => jsonGiven(name, key, setting, file, env)));
}

function jsonGiven(
  name: string,
  key: string,
  setting: Setting,
  file: ConfigFile,
  env: Sources['env'],
): Given | undefined {
  const json = file.values[name];
  const origin: Origin = { from: 'file', name: `"${name}"`, file: file.shown, json };
  if (typeof json === 'string' && isOfAnotherCommand(key, json, setting)) return undefined;
  const { value, used } = expand(json, file, env);
  const texts = textsOfJson(setting.type.json, value);
  if (!texts.ok) throw valueError(origin, '', setting.type, setting.private ?? used.length > 0, texts);
  const items = Array.isArray(value) ? texts.value : split(texts.value, setting);
  const isHidden = (text: string): boolean => used.some((part) => part !== '' && text.includes(part));
  // Its texts are not shown, so the number says which one is meant.
  const isNumbered = Array.isArray(value) && setting.type.file === '@urls';
  const originAt = (index: number): Origin =>
    isNumbered ? { ...origin, name: `"${name}", entry ${index + 1},` } : origin;
  return { origin, items: items.map((text, at) => ({ text, origin: originAt(at), hidden: isHidden(text) })), used };
}

/** `format` has different choices for each command: a choice that only other commands know is ignored. */
function isOfAnotherCommand(key: string, text: string, setting: Setting): boolean {
  if (setting.type.choices === undefined || setting.type.choices.includes(text)) return false;
  return (configurationKeys().get(key) ?? []).some((other) => other.type.choices?.includes(text));
}

function given(origin: Origin, texts: readonly string[], setting: Setting): Given {
  const items = split(texts, setting).map((text) => ({ text, origin, hidden: false }));
  return { origin, items, used: [] };
}

function split(texts: readonly string[], { type }: Setting): readonly string[] {
  if (!type.repeatable) return texts;
  const parts = type.separator ? texts.flatMap((text) => text.split(',').map((part) => part.trim())) : texts;
  const filled = parts.filter((part) => part.trim() !== '');
  return filled.length > 0 ? filled : parts.slice(0, 1);
}

function textsGiven(value: CliValues[string]): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'object' ? value : [String(value)];
}

/** Two names of one setting may both be used when they say the same. */
function onlyOne(all: readonly (Given | undefined)[]): Given | undefined {
  const [first, ...others] = all.filter((one) => one !== undefined);
  const other = others.find((one) => wholeText(one) !== (first && wholeText(first)));
  if (first === undefined || other === undefined) return first;
  throw new UsageError(
    `${nameAt(first.origin)} (${wholeText(first)}) and ${nameAt(other.origin)} (${wholeText(other)}) are two names of one setting`,
    { hint: `give ${first.origin.name} alone` },
  );
}

function wholeText(one: Given): string {
  return one.items.map((item) => item.text).join(', ');
}

function readFiles(one: Given, setting: Setting, sources: Sources): Given {
  const { file } = setting.type;
  if (file === undefined) return one;
  if (setting.type.ownFile) for (const item of one.items) refuseOpenFile(item, sources);
  return { ...one, items: one.items.flatMap((item) => itemsOfFile(item, file, sources)) };
}

function itemsOfFile(item: Item, kind: NonNullable<Setting['type']['file']>, sources: Sources): readonly Item[] {
  if (kind === 'path') return [{ ...item, text: fromHere(item.text, item, sources) }];
  if (kind === '@secret') return [secretItem(item, sources)];
  if (kind === '@urls') return urlItems(item, sources);
  // In the file headers are an object: `@x` there is a name, and a wrong one.
  const isHeaderOfFile = kind === '@lines' && item.origin.from === 'file';
  if (!item.text.startsWith('@') || isHeaderOfFile) return [item];
  const path = fromHere(item.text.slice(1), item, sources);
  const content = readText(path, item.origin, sources);
  if (kind === '@text') return [{ ...item, text: content }];
  return content.split(/\r?\n/).flatMap((line, index) => {
    const origin: Origin = { ...item.origin, name: `${item.origin.name} @${path}, line ${index + 1},` };
    return line.trim() === '' ? [] : [{ text: line, origin, hidden: true }];
  });
}

/** A secret, from the first line of its file: what stands after it, as in `pass show`, is not part of it. */
function secretItem(item: Item, sources: Sources): Item {
  const { text, origin } = item;
  if (text.startsWith('@')) {
    const content = readText(fromHere(text.slice(1), item, sources), origin, sources);
    return { ...item, text: content.split(/\r?\n/, 1)[0] ?? '', hidden: true };
  }
  if (origin.from !== 'flag') return { ...item, hidden: true };
  throw new UsageError(`${origin.name} takes the file of a secret: on the command line others can see it`, {
    hint: `${origin.name} @FILE reads the first line of that file; ${origin.name} @<(pass show NAME) needs no file`,
  });
}

/** URLs that are secrets, from the lines of their file; what follows the name of the file counts for each of them. */
function urlItems(item: Item, sources: Sources): readonly Item[] {
  const { origin } = item;
  const { target, rest } = splitHook(item.text);
  if (target.startsWith('@')) {
    const path = fromHere(target.slice(1), item, sources);
    const lines = hookLines(readText(path, origin, sources));
    if (lines.length === 0) {
      throw new UsageError(`${nameAt(origin)}: ${path} has no URL`, { hint: 'one https:// URL a line' });
    }
    return lines.map(({ line, text }) => {
      const named = { ...origin, name: `${origin.name} @${path}, line ${line},` };
      return { text: text + rest, origin: named, hidden: true };
    });
  }
  if (origin.from !== 'flag') return [{ ...item, hidden: true }];
  throw new UsageError(`${origin.name} takes the file of a URL: on the command line others can see it`, {
    hint: `${origin.name} @FILE reads that file, one URL a line; or set ${environmentName(origin.name.slice(2))}`,
  });
}

/** Throws a UsageError when others can read the file of a secret that is to let only some people in. */
function refuseOpenFile({ text, origin }: Item, { files, cwd }: Sources): void {
  const path = text.slice(1);
  // A file without a name is not there: that is said when it is read.
  if (!text.startsWith('@') || path === '' || !files.isOpenToOthers(resolve(cwd, path))) return;
  throw new UsageError(`${nameAt(origin)}: others on this machine can read ${path}`, {
    hint: `chmod 600 ${shellQuote(path)}`,
  });
}

/** A path that a configuration file names, seen from the current folder; throws a UsageError where it may not go there. */
function fromHere(path: string, { origin, hidden }: Item, { file, cwd, files }: Sources): string {
  if (origin.from !== 'file' || file === undefined || path === '-' || path === '') return path;
  refuseOutside({ path, origin, hidden }, file, files);
  return isTableUrl(path) ? path : rebase(path, file, cwd);
}

function readText(path: string, origin: Origin, { files, cwd }: Sources): string {
  try {
    return files.read(resolve(cwd, path)).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(
      `${nameAt(origin)}: cannot read ${path === '' ? 'a file without a name' : path}: ${readProblem(error)}`,
      {
        cause: error,
        hint: `${origin.name} @FILE reads that file`,
      },
    );
  }
}
