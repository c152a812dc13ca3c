/**
 * Files that a run puts beside an output, such as `FILE.torn`. Something else may be under that name already: a link
 * to another file of the user, or a pipe that nobody reads.
 */

import { constants, type Stats } from 'node:fs';
import { OutputError } from '../../errors.js';
import { type FileOps, type NamedPath, outputError } from './file-ops.js';

// Where a system lacks these flags they are undefined, which `|` treats as 0.
const NO_FOLLOWING = constants.O_NOFOLLOW | constants.O_NONBLOCK;
const APPENDING = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

/**
 * Opens a path for appending without following a link or waiting for a pipe's reader. For the path of an output, whose
 * links are resolved already, this only matters if a link was put there since.
 */
export function openToAppend(path: string, ops: FileOps, mode?: number): number {
  return ops.open(path, APPENDING | NO_FOLLOWING, mode);
}

/** The same, and what is in the file goes. On Windows a descriptor that appends can't be cut once it is open. */
export function openEmptied(path: string, ops: FileOps): number {
  return ops.open(path, APPENDING | NO_FOLLOWING | constants.O_TRUNC);
}

/**
 * openToAppend for a side file: new, or a regular file without further hard links (one might be a backup). Throws an
 * OutputError for anything else.
 */
export function openSideFile(file: NamedPath, mode: number, ops: FileOps): number {
  refuseForeign(file, ops);
  try {
    const fd = openToAppend(file.path, ops, mode);
    const stats = ops.stat(fd);
    const what = kindOf(stats) ?? (stats.nlink > 1 ? 'has another name (a hard link)' : undefined);
    if (what === undefined) return fd;
    ops.close(fd);
    throw foreign(file, what);
  } catch (error) {
    throw outputError(file.name, error);
  }
}

/** Throws an OutputError unless a side file can be created or replaced at the path. */
export function refuseForeign(file: NamedPath, ops: FileOps): void {
  const stats = ops.statLink(file.path);
  const what = stats && kindOf(stats);
  if (what !== undefined) throw foreign(file, what);
}

/** Says what the path is, as `is a folder`; undefined for a regular file. */
export function kindOf(stats: Stats): string | undefined {
  if (stats.isSymbolicLink()) return 'is a link';
  if (stats.isDirectory()) return 'is a folder';
  return stats.isFile() ? undefined : 'is a pipe or device';
}

function foreign({ name }: NamedPath, what: string): OutputError {
  return new OutputError(`cannot write ${name}: it ${what}`, {
    hint: 'move it out of the way, or choose another output',
  });
}
