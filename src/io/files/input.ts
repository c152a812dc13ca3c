/** Resolves input names: which are descriptors of this process, and which can be read twice. */

import { fstatSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { resolve } from 'node:path';

import type { TableInput } from '../postgres/rows.js';
import { isTableUrl } from '../../text/table-url.js';
import { UsageError } from '../../errors.js';
import { descriptorOf } from '../../named-file.js';

/** A file, a descriptor inherited by this process, or a table: `path`, `fd` or `table` is set. */
export interface Input {
  /** The file as the user named it, for the places of records. */
  readonly file: string;
  /** The file in messages. */
  readonly name: string;
  readonly path?: string;
  readonly fd?: number;
  readonly table?: TableInput | undefined;
}

/** What is read from the database for a `postgres://` URL. */
export type Tables = ReadonlyMap<string, TableInput>;

/**
 * What to read for these names; `-` is the descriptor `stdinFd`. Throws a UsageError when a pipe or a descriptor is
 * named twice: the first reading leaves nothing for the second.
 */
export function inputsOf(files: readonly string[], cwd: string, stdinFd: number, tables?: Tables): Input[] {
  const inputs = files.map((file) =>
    isTableUrl(file) ? { file, name: file, table: tables?.get(file) } : inputOf(file, cwd, stdinFd),
  );
  const seen = new Map<string, Input>();
  for (const input of inputs) {
    for (const key of onceOnly(input)) {
      const first = seen.get(key);
      if (first !== undefined) throw readTwice(first, input);
      seen.set(key, input);
    }
  }
  return inputs;
}

/**
 * True when all are regular files, which can be read again with the same content. A file of size 0 is not counted as
 * one: its content may be generated on reading, as in /proc.
 */
export function areRereadable(inputs: readonly Input[]): boolean {
  return inputs.every((input) => {
    const stats = input.path === undefined ? undefined : statsOf(input);
    return stats !== undefined && stats.isFile() && stats.size > 0;
  });
}

/** The size of a regular file; undefined for anything else. */
export function sizeOf(input: Input): number | undefined {
  const stats = statsOf(input);
  return stats?.isFile() ? stats.size : undefined;
}

function inputOf(file: string, cwd: string, stdinFd: number): Input {
  if (file === '-') return { file, name: 'standard input', fd: stdinFd };
  const path = resolve(cwd, file);
  const fd = descriptorOf(path);
  return fd === undefined ? { file, name: file, path } : { file, name: file, fd };
}

/** Keys of what may be named as an input only once: the descriptor, and the pipe behind it. */
function onceOnly(input: Input): string[] {
  const stats = statsOf(input);
  const keys = input.fd === undefined ? [] : [`descriptor ${input.fd}`];
  if (stats?.isFIFO() || stats?.isSocket()) keys.push(`pipe ${stats.dev}:${stats.ino}`);
  return keys;
}

function readTwice(first: Input, second: Input): UsageError {
  const what =
    first.name === second.name ? `${first.name} is named twice` : `${first.name} and ${second.name} are the same input`;
  return new UsageError(`${what}, and it can be read only once`, { hint: 'name it once' });
}

function statsOf({ path, fd }: Input): Stats | undefined {
  try {
    if (path !== undefined) return statSync(path);
    return fd === undefined ? undefined : fstatSync(fd);
  } catch {
    return undefined;
  }
}
