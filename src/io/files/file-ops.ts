import fs from 'node:fs';
import { promisify } from 'node:util';
import { type OutputErrorDetails, OutputError, systemCode } from '../../errors.js';
import { errnoWords } from '../../text/errno-words.js';

/**
 * The calls to the file system that outputs make, passed in so that a test can let the n-th one fail. Synchronous
 * unless the disk or the other end of a pipe may keep it waiting.
 */
export interface FileOps {
  open(path: string, flags: number | string, mode?: number): number;
  close(fd: number): void;
  /** Writes some or all of the bytes and returns how many; at the end of the file where `position` is absent. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number, position?: number): number;
  /** The same off the main thread, for descriptors whose writes may block. */
  writeSlow(fd: number, bytes: Uint8Array, offset: number, length: number): Promise<number>;
  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  truncate(fd: number, size: number): void;
  chmod(fd: number, mode: number): void;
  chown(fd: number, uid: number, gid: number): void;
  /** fsync: resolves when the file's content and metadata are on the disk. */
  sync(fd: number): Promise<void>;
  /** fdatasync: the same for the content alone. */
  syncData(fd: number): Promise<void>;
  stat(fd: number): fs.Stats;
  /** undefined when there is nothing at the path. Follows links. */
  statPath(path: string): fs.Stats | undefined;
  /** lstat: the same without following a symbolic link. */
  statLink(path: string): fs.Stats | undefined;
  realPath(path: string): string;
  readLink(path: string): string;
  /** Throws when the path can't be written. */
  checkWritable(path: string): void;
  readText(path: string): string;
  /** Sets the modification time to now. */
  touch(path: string): Promise<void>;
  list(folder: string): readonly string[];
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
  unlink(path: string): void;
}

/** A file as the user named it, for messages, and its absolute path. */
export interface NamedPath {
  readonly name: string;
  readonly path: string;
}

const write = promisify(fs.write);
const read = promisify(fs.read);

export const realFileOps: FileOps = {
  open: fs.openSync,
  close: fs.closeSync,
  write: (fd, bytes, offset, length, position) => fs.writeSync(fd, bytes, offset, length, position ?? null),
  writeSlow: async (fd, bytes, offset, length) => (await write(fd, bytes, offset, length, null)).bytesWritten,
  read: async (fd, bytes, offset, length, position) => (await read(fd, bytes, offset, length, position)).bytesRead,
  truncate: fs.ftruncateSync,
  chmod: fs.fchmodSync,
  chown: fs.fchownSync,
  sync: promisify(fs.fsync),
  syncData: promisify(fs.fdatasync),
  stat: (fd) => fs.fstatSync(fd),
  statPath: (path) => fs.statSync(path, { throwIfNoEntry: false }),
  statLink: (path) => fs.lstatSync(path, { throwIfNoEntry: false }),
  realPath: (path) => fs.realpathSync(path),
  readLink: (path) => fs.readlinkSync(path),
  checkWritable: (path) => fs.accessSync(path, fs.constants.W_OK),
  readText,
  touch: (path) => fs.promises.lutimes(path, new Date(), new Date()),
  list: (folder) => fs.readdirSync(folder),
  rename: fs.renameSync,
  link: fs.linkSync,
  unlink: fs.unlinkSync,
};

/** A path that has become a link or a pipe since it was checked is neither followed nor waited for. */
function readText(path: string): string {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    return fs.readFileSync(fd, 'utf8');
  } finally {
    fs.closeSync(fd);
  }
}

/** The outcome of a write: all bytes, or some of them and the error that stopped it. */
export interface Written {
  readonly bytes: number;
  readonly error?: unknown;
}

/** Writes until all bytes are written or a write fails. */
export function writeAll(ops: FileOps, fd: number, bytes: Uint8Array, position?: number): Written {
  let done = 0;
  try {
    while (done < bytes.length) {
      const at = position === undefined ? undefined : position + done;
      done += ops.write(fd, bytes, done, bytes.length - done, at);
    }
    return { bytes: done };
  } catch (error) {
    return { bytes: done, error };
  }
}

// Error codes of a file system that does not support syncing this file.
const UNSYNCABLE = new Set(['EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EROFS']);

/** Awaits a sync; a file system without support for it is no error. */
export async function syncIfPossible(sync: Promise<void>): Promise<void> {
  try {
    await sync;
  } catch (error) {
    if (!UNSYNCABLE.has(systemCode(error) ?? '')) throw error;
  }
}

// A folder that may be written but not read can't be opened, and some systems open none at all.
const UNOPENABLE = new Set(['EACCES', 'EPERM', 'EISDIR']);

/** Syncs a folder, so that a new name in it survives a power cut. */
export async function syncFolder(ops: FileOps, folder: string): Promise<void> {
  let fd: number;
  try {
    fd = ops.open(folder, 'r');
  } catch (error) {
    if (UNOPENABLE.has(systemCode(error) ?? '')) return;
    throw error;
  }
  try {
    await syncIfPossible(ops.sync(fd));
  } catch (error) {
    // Windows opens a folder, but syncs only what is open for writing.
    if (systemCode(error) !== 'EPERM') throw error;
  } finally {
    ops.close(fd);
  }
}

/** Runs an action and ignores its failure. */
export function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // The first error, which led to this action, is the one to report.
  }
}

/** Why a call on a file failed: `no space left on the disk (ENOSPC)`. */
export function reasonOf(error: unknown, doing: 'reading' | 'writing' = 'writing'): string {
  const code = systemCode(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  const reason = errnoWords(code, doing);
  return reason === undefined ? code : `${reason} (${code})`;
}

/** The OutputError for an output that can't be written; one that is an OutputError already is returned unchanged. */
export function outputError(path: string, error: unknown, more: OutputErrorDetails = {}): OutputError {
  if (error instanceof OutputError) return error;
  return new OutputError(`cannot write ${path}: ${reasonOf(error)}`, { ...more, cause: error });
}
