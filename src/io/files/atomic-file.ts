import { basename, dirname, join } from 'node:path';
import { OutputError, systemCode } from '../../errors.js';
import {
  type FileOps,
  type NamedPath,
  outputError,
  quietly,
  syncFolder,
  syncIfPossible,
  writeAll,
} from './file-ops.js';
import { isSameFile } from './same-file.js';

/** A destination for text that is written once, sequentially. */
export interface TextOutput {
  /** Resolves (or returns) when the text has been accepted. Rejects with an OutputError. */
  write(text: string): void | Promise<void>;
  /** Call after the last write: makes the output durable. */
  finish(): Promise<void>;
  /** Aborts: undoes what can be undone. */
  close(): Promise<void>;
}

/**
 * A file that is written whole or not at all: text goes to `.NAME.PID.tmp` beside it, which is
 * renamed over it at the end.
 * A link is followed, the mode of a file that is replaced is kept, and its owner if permitted.
 */
export class AtomicFile implements TextOutput {
  readonly #name: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #ops: FileOps;
  readonly #encoding: BufferEncoding;
  #open = true;

  /** `path` must have its symbolic links resolved. Throws an OutputError when no file can be created in the folder. */
  constructor({ name, path }: NamedPath, pid: number, ops: FileOps, encoding: BufferEncoding = 'utf8') {
    this.#name = name;
    this.#target = path;
    this.#temporary = join(dirname(path), `.${basename(path)}.${pid}.tmp`);
    this.#ops = ops;
    this.#encoding = encoding;
    try {
      const mode = ops.statPath(path)?.mode ?? 0o666;
      this.#fd = openNew(this.#temporary, mode & 0o777, ops);
    } catch (error) {
      throw outputError(name, error);
    }
  }

  write(text: string): void {
    this.#put(Buffer.from(text, this.#encoding));
  }

  /** Overwrites bytes that were written before. */
  overwrite(position: number, text: string): void {
    this.#put(Buffer.from(text, this.#encoding), position);
  }

  async finish(): Promise<void> {
    try {
      await syncIfPossible(this.#ops.sync(this.#fd));
      this.#keepMode();
      this.#checkOwnership();
      this.#ops.rename(this.#temporary, this.#target);
      await syncFolder(this.#ops, dirname(this.#target));
    } catch (error) {
      this.discard();
      throw outputError(this.#name, error);
    }
    this.#open = false;
    quietly(() => this.#ops.close(this.#fd));
  }

  close(): Promise<void> {
    this.discard();
    return Promise.resolve();
  }

  /** Removes the temporary file. */
  discard(): void {
    if (!this.#open) return;
    this.#open = false;
    quietly(() => this.#ops.close(this.#fd));
    quietly(() => this.#ops.unlink(this.#temporary));
  }

  #put(bytes: Uint8Array, position?: number): void {
    const written = writeAll(this.#ops, this.#fd, bytes, position);
    if (written.error !== undefined) throw outputError(this.#name, written.error);
  }

  #keepMode(): void {
    const former = this.#ops.statPath(this.#target);
    if (former === undefined) return;
    // If this fails, permissions are narrower than before, never wider: the file was created with the former mode.
    quietly(() => this.#ops.chown(this.#fd, former.uid, former.gid));
    quietly(() => this.#ops.chmod(this.#fd, former.mode & 0o7777));
  }

  /** In containers that share a folder two runs can have the same pid, and then the same temporary name. */
  #checkOwnership(): void {
    const named = this.#ops.statLink(this.#temporary);
    if (!isSameFile(named, this.#ops.stat(this.#fd))) {
      const what = named === undefined ? 'somebody has deleted' : 'another run has replaced';
      throw new OutputError(`cannot write ${this.#name}: ${what} ${this.#temporary}`);
    }
  }
}

/** Creates and opens a new file; first removes what a killed run with the same pid has left at the path. */
function openNew(path: string, mode: number, ops: FileOps): number {
  try {
    return ops.open(path, 'wx+', mode);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  ops.unlink(path);
  return ops.open(path, 'wx+', mode);
}
