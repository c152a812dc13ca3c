import { constants } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { OutputError, systemCode } from '../../errors.js';
import { type FileOps, type NamedPath, outputError, quietly } from './file-ops.js';
import { descriptorOf } from '../../named-file.js';
import { identityOfPath, identityOfStats } from './same-file.js';

/** What a destination turns out to be. The path of a regular file is without links. */
export type OutputTarget =
  | { readonly kind: 'stdout'; readonly name: string }
  | { readonly kind: 'stderr'; readonly name: string }
  /** A descriptor inherited from the calling program, as in `-o /dev/fd/3`. */
  | { readonly kind: 'descriptor'; readonly name: string; readonly fd: number }
  /** A named pipe, terminal or device. */
  | { readonly kind: 'device'; readonly name: string; readonly path: string }
  | FileTarget;

export interface FileTarget extends NamedPath {
  readonly kind: 'file';
  readonly exists: boolean;
}

/** Finds out what is at a path. Throws an OutputError for what can't be written: a folder, no folder, no permission. */
export function findTarget(name: string | undefined, cwd: string, ops: FileOps): OutputTarget {
  // Its path must not be opened again: the descriptor may be a file, and opening it would truncate that.
  const descriptor = name === undefined || name === '-' ? 1 : descriptorOf(resolve(cwd, name));
  if (name === undefined || descriptor === 1) return { kind: 'stdout', name: 'standard output' };
  if (descriptor === 2) return { kind: 'stderr', name: 'standard error' };
  try {
    if (descriptor !== undefined) return lentDescriptor(name, descriptor, ops);
    const path = withoutLinks(resolve(cwd, name), ops);
    const stats = ops.statPath(path);
    if (stats === undefined) return newFile(name, path, ops);
    if (stats.isDirectory()) throw outputError(name, Object.assign(new Error(), { code: 'EISDIR' }));
    ops.checkWritable(path);
    if (!stats.isFile()) return { kind: 'device', name, path };
    refuseMounted(name, path, ops);
    return { kind: 'file', name, path, exists: true };
  } catch (error) {
    throw outputError(name, error, systemCode(error) === 'ENOENT' ? { hint: `mkdir -p ${dirname(name)}` } : {});
  }
}

/** A descriptor inherited from the caller. Throws for a number that is not open for writing, or that Node uses itself. */
function lentDescriptor(name: string, fd: number, ops: FileOps): OutputTarget {
  // Node's own descriptors (epoll, eventfd) are no file, pipe, socket or device: they have no file type at all.
  const isOwn = (ops.stat(fd).mode & constants.S_IFMT) === 0;
  if (isOwn || isReadOnly(fd, ops)) throw Object.assign(new Error(), { code: 'EBADF' });
  return { kind: 'descriptor', name, fd };
}

/** Whether the descriptor is open for reading only; false where the system doesn't tell. */
function isReadOnly(fd: number, ops: FileOps): boolean {
  let info = '';
  quietly(() => (info = ops.readText(`/proc/self/fdinfo/${fd}`)));
  const flags = /^flags:\s*([0-7]+)$/m.exec(info)?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) === constants.O_RDONLY;
}

/** Refuses a file mounted singly into a container: side files are not visible outside, and it can't be replaced by rename. */
function refuseMounted(name: string, path: string, ops: FileOps): void {
  let mounts = '';
  quietly(() => (mounts = ops.readText('/proc/self/mountinfo')));
  const places = mounts.split('\n').map((line) => line.split(' ')[4]?.replace(/\\(\d{3})/g, fromOctal));
  if (!places.includes(path)) return;
  throw new OutputError(
    `cannot write ${name}: it is mounted by itself, and a lock beside it would not be seen outside`,
    {
      hint: 'mount its folder instead',
    },
  );
}

function fromOctal(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 8));
}

function newFile(name: string, path: string, ops: FileOps): FileTarget {
  ops.checkWritable(dirname(path));
  return { kind: 'file', name, path, exists: false };
}

/** The path that a write would reach: symbolic links resolved, also a link to a file that does not exist yet. */
function withoutLinks(path: string, ops: FileOps, depth = 0): string {
  try {
    return ops.realPath(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  const link = linkAt(path, ops);
  if (link === undefined || depth > 40) return join(ops.realPath(dirname(path)), basename(path));
  return withoutLinks(resolve(dirname(path), link), ops, depth + 1);
}

function linkAt(path: string, ops: FileOps): string | undefined {
  try {
    return ops.readLink(path);
  } catch {
    return undefined;
  }
}

/** Identifies a destination or an input: device and inode, or the path of a file that does not exist yet. */
export function identityOf(target: OutputTarget, ops: FileOps): string | undefined {
  // The shell may have redirected either one to a file.
  if (target.kind === 'stdout') return descriptorIdentity(1, ops) ?? target.kind;
  if (target.kind === 'stderr') return descriptorIdentity(2, ops) ?? target.kind;
  if (target.kind === 'descriptor') return descriptorIdentity(target.fd, ops);
  return target.kind === 'file' ? (fileIdentity(target.path, ops) ?? identityOfPath(target.path)) : undefined;
}

/** Device and inode; undefined unless there is a regular file at the path. */
export function fileIdentity(path: string, ops: FileOps): string | undefined {
  try {
    const stats = ops.statPath(path);
    return stats?.isFile() ? identityOfStats(stats) : undefined;
  } catch {
    return undefined;
  }
}

/** Device and inode; undefined unless the descriptor is a regular file, as after redirection by a shell. */
export function descriptorIdentity(fd: number, ops: FileOps): string | undefined {
  try {
    const stats = ops.stat(fd);
    return stats.isFile() ? identityOfStats(stats) : undefined;
  } catch {
    return undefined;
  }
}

/** The current size of a file in bytes; 0 when there is none. */
export function sizeOf(path: string, ops: FileOps): number {
  return ops.statPath(path)?.size ?? 0;
}

/** The identities of input files; `-` is the descriptor of standard input. */
export function inputIdentities(inputs: readonly string[], cwd: string, stdin: number, ops: FileOps): Set<string> {
  const identities = inputs.map((name) =>
    name === '-' ? descriptorIdentity(stdin, ops) : fileIdentity(resolve(cwd, name), ops),
  );
  return new Set(identities.filter((identity) => identity !== undefined));
}
