/**
 * What a configuration file that was found, rather than named with --config, may not do. The user of a cloned
 * repository may not have read the file: it may name files and fields, but it must not reach anything outside its
 * folder, nor run anything.
 */

import systemPath from 'node:path';
import { UsageError } from '../errors.js';
import { printable } from '../text/printable.js';
import type { Files } from './files.js';
import { nameAt, type Origin } from './origin.js';

/** The configuration file, as far as these checks need it. */
export interface Speaker {
  readonly shown: string;
  readonly folder: string;
  /** True when named by the user rather than found: then everything is allowed. */
  readonly named: boolean;
}

/** Settings that run code, send credentials, trust other certificates, or send cases and results elsewhere. */
const REFUSED: readonly (string | RegExp)[] = [
  'tokenCommand',
  'tokenFile',
  'tokenHeader',
  'tokenRefreshOn',
  /^oauth2/,
  'ca',
  'cert',
  'key',
  'keyPassphrase',
  'pfx',
  'notify',
  'queue',
  'query',
  'liveHost',
  'liveToken',
  'token',
];

/** How paths are written on a system: the module `node:path`, or one of its two forms. */
type PathRules = Pick<typeof systemPath, 'isAbsolute' | 'parse' | 'relative' | 'resolve' | 'sep'>;

const URL_START = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Throws a UsageError for the first key that a file that was found may not have. */
export function refuseSettings(keys: readonly string[], file: Speaker): void {
  if (file.named) return;
  const refused = keys.find((key) => REFUSED.some((one) => (typeof one === 'string' ? one === key : one.test(key))));
  if (refused === undefined) return;
  throw refusal(`${file.shown} sets "${printable(refused)}", which a file that was found may not`, file);
}

/** A path as it was written in the file; `hidden` when it holds the value of a variable. */
export interface WrittenPath {
  readonly path: string;
  readonly origin: Origin;
  readonly hidden: boolean;
}

/** Throws a UsageError for a path that a file that was found may neither read nor write. */
export function refuseOutside(
  { path, origin, hidden }: WrittenPath,
  file: Speaker,
  files: Files,
  rules: PathRules = systemPath,
): void {
  if (file.named) return;
  const problem = problemOf(path, file.folder, files, rules);
  if (problem === undefined) return;
  const named = `${nameAt(origin)}: ${hidden ? 'the path' : printable(path)}`;
  throw refusal(`${named} ${problem}, where a file that was found may not go`, file);
}

function problemOf(path: string, folder: string, files: Files, rules: PathRules): string | undefined {
  if (URL_START.test(path)) return 'is a URL';
  const below = pathBelow(path, folder, files, rules);
  if (below === undefined || below === '..' || below.startsWith(`..${rules.sep}`) || rules.isAbsolute(below)) {
    return 'leads out of its folder';
  }
  // .git/config may hold a CI job's access token, .env passwords.
  return below.split(rules.sep).some((name) => name.startsWith('.'))
    ? 'leads to something hidden (.git, .env)'
    : undefined;
}

/** By real paths; undefined where they can't be known, as with links in a circle. */
function pathBelow(written: string, folder: string, files: Files, rules: PathRules): string | undefined {
  const path = rules.resolve(folder, written);
  // Only on Windows: looking at `\\server\share` would log in to that server, and other drives can't be below the folder.
  if (rules.relative(rules.parse(folder).root, rules.parse(path).root) !== '') return undefined;
  try {
    return rules.relative(files.realPath(folder), files.realPath(path));
  } catch {
    return undefined;
  }
}

function refusal(message: string, file: Speaker): UsageError {
  return new UsageError(message, { hint: `if you trust it, name it: --config ${file.shown}` });
}
