/** Why a file can't be opened, as people understand it. */

import { accessSync, constants, fstatSync, readdirSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

import { InputError, systemCode } from '../../errors.js';
import { descriptorOf } from '../../named-file.js';
import { editDistance } from '../../text/did-you-mean.js';
import { isTableUrl } from '../../text/table-url.js';
import { errnoWords } from '../../text/errno-words.js';

/** Throws an InputError for the first file that is missing, is a folder or may not be read; `-` is passed over. */
export function assertReadable(files: readonly string[], cwd: string): void {
  for (const file of files) {
    if (file === '-' || isTableUrl(file)) continue;
    const path = resolve(cwd, file);
    try {
      if (readableStats(path).isDirectory()) throw Object.assign(new Error(path), { code: 'EISDIR' });
    } catch (error) {
      throw cannotRead(file, error, path);
    }
  }
}

/** A descriptor of this process can be read whatever the permissions of its path. */
function readableStats(path: string): Stats {
  const fd = descriptorOf(path);
  if (fd !== undefined) return fstatSync(fd);
  accessSync(path, constants.R_OK);
  return statSync(path);
}

/** The error for a file that can't be read, with a hint at what was probably meant. `path` is absolute. */
export function cannotRead(name: string, error: unknown, path?: string): InputError {
  const code = systemCode(error) ?? '';
  const message = `cannot read ${name}: ${errnoWords(code, 'reading') ?? (code || messageOf(error))}`;
  return new InputError(message, { hint: hintFor(code, name, path), cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hintFor(code: string, name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  if (code === 'EISDIR') return `name the files in it: ${name.replace(/\/+$/, '')}/*.json`;
  if (code !== 'ENOENT') return undefined;
  const similar = similarName(basename(path), namesIn(dirname(path)));
  return similar === undefined ? undefined : `there is ${similar} in this folder`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The name with the smallest edit distance to the wanted one, at most a third of its length. */
export function similarName(wanted: string, names: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(wanted.length / 3));
  const ranked = names.map((name) => ({ name, changes: editDistance(wanted.toLowerCase(), name.toLowerCase()) }));
  return ranked.filter(({ changes }) => changes <= most).sort((a, b) => a.changes - b.changes)[0]?.name;
}
