import { existsSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { systemCode } from '../errors.js';
import { descriptorOf, readNamedFile } from '../named-file.js';

/** The files that settings are read from: the configuration, `@FILE`, folders with .git. */
export interface Files {
  /** The file's text; throws the system's error, or one whose message is the reason. */
  read(path: string): string;
  exists(path: string): boolean;
  /** An absolute path with every link resolved, also if nothing exists there yet. */
  realPath(path: string): string;
  /** True for a file that others than its owner can read or write; false for one that can't be looked at. */
  isOpenToOthers(path: string): boolean;
}

export const realFiles: Files = {
  read: (path) => readNamedFile(path).toString('utf8'),
  exists: existsSync,
  realPath: (path) => followLinks(path, MOST_LINKS),
  isOpenToOthers,
};

/** As libpq has it: a group may read a file of root, such as a mounted secret. What the shell lends is nobody else's. */
function isOpenToOthers(path: string): boolean {
  if (process.platform === 'win32' || descriptorOf(path) !== undefined) return false;
  try {
    const { uid, mode } = statSync(path);
    return (mode & (uid === 0 && process.getuid?.() !== 0 ? 0o027 : 0o077)) !== 0;
  } catch {
    return false;
  }
}

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
