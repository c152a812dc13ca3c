/**
 * Files that a run puts beside an output, such as `FILE.torn`. Whoever brought the folder may have put something else
 * under that name: a link to another file of the user, or a pipe that nobody reads.
 */

import { constants, type Stats } from 'node:fs';
import { OutputError } from '../../errors.js';
import { type FileOps, type NamedPath, outputError } from './file-ops.js';

// Where a system has neither of them, their value is undefined, and that changes no bit.
const NO_FOLLOWING = constants.O_NOFOLLOW | constants.O_NONBLOCK;
const APPENDING = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

/**
 * Opens for appending what is at this very path: it follows no link, and waits for no reader of a pipe. For the path of an
 * output, which has no links in it, this only matters if somebody has put one there since.
 */
export function openToAppend(path: string, ops: FileOps, mode?: number): number {
  return ops.open(path, APPENDING | NO_FOLLOWING, mode);
}

/** The same, and what is in the file goes. On Windows a descriptor that appends can't be cut once it is open. */
export function openEmptied(path: string, ops: FileOps): number {
  return ops.open(path, APPENDING | NO_FOLLOWING | constants.O_TRUNC);
}

/**
 * openToAppend for a side file: new, or a regular file without a second name, which might be a backup. Throws an OutputError for
 * anything else.
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

/** Throws an OutputError unless a side file can be made at the path, or replaced there. */
export function refuseForeign(file: NamedPath, ops: FileOps): void {
  const stats = ops.statLink(file.path);
  const what = stats && kindOf(stats);
  if (what !== undefined) throw foreign(file, what);
}

/** What is there instead of a regular file, as a predicate; undefined for a regular file. */
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
