/** The configuration file: found or named, read, checked for unknown keys, its `${NAME}` replaced. */

import { basename, dirname, join, relative, resolve } from 'node:path';
import { faultOf } from '../json/fault.js';
import { isObject } from '../json/text.js';
import { closest } from '../text/did-you-mean.js';
import { UsageError } from '../errors.js';
import { readProblem } from '../named-file.js';
import { MAX_LEVELS } from '../json/containers.js';
import { isDeeperThan } from '../json/text.js';
import { printable } from '../text/printable.js';
import type { Files } from './files.js';
import { refuseSettings } from './found-file.js';
import { configurationKeys } from './settings/index.js';

export interface ConfigFile {
  /** Relative to the current folder where it is below it. */
  readonly shown: string;
  readonly folder: string;
  readonly text: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** True when named by the user rather than found: then it may use any environment variable. */
  readonly named: boolean;
}

/** A value with its `${NAME}` replaced, and the values that were inserted. */
export interface Expanded {
  readonly value: unknown;
  readonly used: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const NAMES = ['case-tracker.config.json', '.case-trackerrc.json', 'package.json'] as const;
const PACKAGE_KEY = 'case-tracker';
const OWN_PREFIX = 'CASE_TRACKER_';

/** The file that was named, or the nearest one found; undefined when there is none. Throws a UsageError. */
export function loadConfigFile(named: string | undefined, cwd: string, files: Files): ConfigFile | undefined {
  if (named === undefined) return findConfigFile(cwd, files);
  const path = resolve(cwd, named);
  const found = parseConfig(path, readConfig(path, cwd, files), cwd, true);
  if (found !== undefined) return found;
  throw new UsageError(`${shownPath(path, cwd)} has no key "${PACKAGE_KEY}"`);
}

/** A path of a configuration file as the user would name it from the current folder. */
export function rebase(path: string, file: ConfigFile, cwd: string): string {
  return shownPath(resolve(file.folder, path), cwd);
}

/**
 * The value with each `${NAME}` replaced; `$${` stands for a literal `${`. A file that was found may only ask for names
 * that begin with CASE_TRACKER_: a repository one happens to stand in must not be able to read other secrets.
 */
export function expand(value: unknown, file: ConfigFile, env: Environment): Expanded {
  const used: string[] = [];
  return { value: replaceIn(value, (text) => replaceNames(text, file, env, used)), used };
}

function findConfigFile(cwd: string, files: Files): ConfigFile | undefined {
  for (const folder of foldersUpToRepository(cwd, files)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      if (!files.exists(path)) continue;
      const found = parseConfig(path, readConfig(path, cwd, files), cwd, false);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** From the current folder up to the one that holds .git; outside a repository only the current one. */
function foldersUpToRepository(cwd: string, files: Files): readonly string[] {
  const folders: string[] = [];
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    folders.push(folder);
    if (files.exists(join(folder, '.git'))) return folders;
    if (dirname(folder) === folder) return folders.slice(0, 1);
  }
}

function readConfig(path: string, cwd: string, files: Files): string {
  try {
    return files.read(path).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`cannot read ${shownPath(path, cwd)}: ${readProblem(error)}`, {
      cause: error,
      hint: '--config takes a JSON file; without it case-tracker.config.json is looked for',
    });
  }
}

function parseConfig(path: string, text: string, cwd: string, named: boolean): ConfigFile | undefined {
  const shown = shownPath(path, cwd);
  const inPackage = basename(path) === 'package.json';
  if (inPackage && !text.includes(`"${PACKAGE_KEY}"`)) return undefined;
  const document = parseJson(text, shown);
  const values = inPackage ? member(document, PACKAGE_KEY) : document;
  if (inPackage && values === undefined) return undefined;
  if (isDeeperThan(text, MAX_LEVELS)) throw new UsageError(`${shown} is nested deeper than 1,000 levels`);
  if (!isObject(values)) throw new UsageError(`${shown} is not a JSON object`, { hint: 'for example { "limit": 20 }' });
  const file = { shown, folder: dirname(path), text, values, named };
  refuseSettings(Object.keys(values), file);
  refuseUnknownKeys(values, shown);
  return file;
}

// The engine's own message quotes the text, which may hold secrets.
function parseJson(text: string, shown: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const line = faultOf(text)?.line;
    throw new UsageError(`${shown} is not valid JSON${line === undefined ? '' : ` (line ${line})`}`, {
      hint: 'JSON has no comments and no trailing commas',
    });
  }
}

function refuseUnknownKeys(values: Readonly<Record<string, unknown>>, shown: string): void {
  const known = configurationKeys();
  const unknown = Object.keys(values).find((key) => key !== '$schema' && !known.has(key));
  if (unknown === undefined) return;
  const near = closest(
    unknown.replace(/^-+/, '').replaceAll(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase()),
    known.keys(),
  );
  const hint = near === undefined ? 'case-tracker schema config lists the keys' : `did you mean "${near}"?`;
  throw new UsageError(`${shown} has an unknown key "${printable(unknown)}"`, { hint });
}

function replaceIn(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, replace));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceIn(item, replace)]));
}

function replaceNames(text: string, file: ConfigFile, env: Environment, used: string[]): string {
  return text.replace(/\$\$\{|\$\{(?:([A-Za-z_]\w*)\})?/g, (match, name: string | undefined) => {
    if (match === '$${') return '${';
    if (name === undefined) {
      throw new UsageError(`${placeOf('${', file)}: \${ without a variable's name and }`, {
        hint: 'write $${ for the text ${',
      });
    }
    const value = variable(name, file, env);
    used.push(value);
    return value;
  });
}

function variable(name: string, file: ConfigFile, env: Environment): string {
  const place = placeOf(`\${${name}}`, file);
  if (!file.named && !name.startsWith(OWN_PREFIX)) {
    const hint = `name the file with --config ${file.shown}, or call the variable ${OWN_PREFIX}${name}`;
    throw new UsageError(`${place}: \${${name}} is not allowed in a file that was found`, { hint });
  }
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value !== undefined) return value;
  throw new UsageError(`${place}: the environment variable ${name} is not set`, { hint: `export ${name}=…` });
}

function placeOf(part: string, file: ConfigFile): string {
  const at = file.text.indexOf(part);
  return at === -1 ? file.shown : `${file.shown}, line ${lineAt(file.text, at)}`;
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

function shownPath(path: string, cwd: string): string {
  return relative(cwd, path) || '.';
}

function member(document: unknown, key: string): unknown {
  return isObject(document) && Object.hasOwn(document, key) ? document[key] : undefined;
}
