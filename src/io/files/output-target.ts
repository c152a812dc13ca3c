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
  /** A descriptor that the caller of the program has opened, as in `-o /dev/fd/3`. */
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
  // Its path must not be opened: what is behind it may be a file, and writing that anew would lose what is in it.
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

/** What the caller has opened for us. Throws for a number that is not open for writing, or that Node uses for itself. */
function lentDescriptor(name: string, fd: number, ops: FileOps): OutputTarget {
  // Node's own descriptors for waiting and waking are no file, pipe, socket or device: they have no type at all.
  const isOwn = (ops.stat(fd).mode & constants.S_IFMT) === 0;
  if (isOwn || isReadOnly(fd, ops)) throw Object.assign(new Error(), { code: 'EBADF' });
  return { kind: 'descriptor', name, fd };
}

/** False where the system doesn't say. */
function isReadOnly(fd: number, ops: FileOps): boolean {
  let info = '';
  quietly(() => (info = ops.readText(`/proc/self/fdinfo/${fd}`)));
  const flags = /^flags:\s*([0-7]+)$/m.exec(info)?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) === constants.O_RDONLY;
}

/** A container may be given a single file: what is put beside it is not seen outside, and nothing can take its place. */
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

/** The path that a write would reach: links followed, also one to a file that is yet to be made. */
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

/** What two destinations or inputs must not share: device and inode, or the path of a file yet to be made. */
export function identityOf(target: OutputTarget, ops: FileOps): string | undefined {
  // A shell may have redirected either to a file.
  if (target.kind === 'stdout') return descriptorIdentity(1, ops) ?? target.kind;
  if (target.kind === 'stderr') return descriptorIdentity(2, ops) ?? target.kind;
  if (target.kind === 'descriptor') return descriptorIdentity(target.fd, ops);
  return target.kind === 'file' ? (fileIdentity(target.path, ops) ?? identityOfPath(target.path)) : undefined;
}

/** undefined unless there is a regular file at the path. */
export function fileIdentity(path: string, ops: FileOps): string | undefined {
  try {
    const stats = ops.statPath(path);
    return stats?.isFile() ? identityOfStats(stats) : undefined;
  } catch {
    return undefined;
  }
}

/** undefined unless the descriptor is a regular file: a shell has redirected it. */
export function descriptorIdentity(fd: number, ops: FileOps): string | undefined {
  try {
    const stats = ops.stat(fd);
    return stats.isFile() ? identityOfStats(stats) : undefined;
  } catch {
    return undefined;
  }
}

/** The size of a file now; 0 when there is none. */
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
