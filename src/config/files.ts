import { existsSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { systemCode } from '../errors.js';
import { readNamedFile } from '../named-file.js';

/** The files that settings are read from: the configuration, `@FILE`, folders with .git. */
export interface Files {
  /** The file's text; throws the system's error, or one whose message is the reason. */
  read(path: string): string;
  exists(path: string): boolean;
  /** An absolute path with every link resolved, also if nothing exists there yet. */
  realPath(path: string): string;
}

export const realFiles: Files = {
  read: (path) => readNamedFile(path).toString('utf8'),
  exists: existsSync,
  realPath: (path) => followLinks(path, MOST_LINKS),
};

// The most links that are followed, as on Linux.
const MOST_LINKS = 40;

/** Resolves links, also dangling ones: opening such a link for writing creates its target. */
function followLinks(path: string, linksLeft: number): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (linksLeft === 0 || systemCode(error) === 'ELOOP') throw error;
  }
  const parent = dirname(path);
  if (parent === path) return path;
  const realParent = followLinks(parent, linksLeft);
  const target = linkTarget(path);
  if (target === undefined) return join(realParent, basename(path));
  // Not normalized: `..` counts from where a link leads to, not from where it stands.
  return followLinks(isAbsolute(target) ? target : `${realParent}/${target}`, linksLeft - 1);
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
