import { OutputError } from '../../errors.js';
import { type FileOps, type NamedPath, quietly } from './file-ops.js';
import { type Appended, appendLines } from './append-lines.js';
import { isSameFile } from './same-file.js';

/**
 * An open append-only file. It remembers its expected size and path: another program may delete, rename, replace or
 * truncate a file that is open here, and no write would fail because of it.
 */
export class AppendedFile {
  readonly #file: NamedPath;
  readonly #fd: number;
  readonly #ops: FileOps;
  /** The least size that the file must have, in bytes. */
  #bytes: number;

  constructor(file: NamedPath, fd: number, ops: FileOps) {
    this.#file = file;
    this.#fd = fd;
    this.#ops = ops;
    this.#bytes = ops.stat(fd).size;
  }

  /** Appends whole lines. */
  append(text: string): Appended {
    const appended = appendLines(this.#ops, this.#fd, text);
    this.#bytes += appended.bytes;
    return appended;
  }

  /** Returns an OutputError when what was written can't be found in the file any more; else undefined. */
  loss(): OutputError | undefined {
    const ops = this.#ops;
    try {
      const open = ops.stat(this.#fd);
      const named = ops.statPath(this.#file.path);
      if (!isSameFile(named, open)) return this.#elsewhere(open.nlink > 0, named !== undefined);
      const missing = this.#bytes - open.size;
      return missing > 0 ? this.#lost(`cut short, ${missing} bytes of it are missing`) : undefined;
    } catch {
      // Where the check itself fails, nothing is known to be lost.
      return undefined;
    }
  }

  #elsewhere(exists: boolean, isReplaced: boolean): OutputError {
    const { name } = this.#file;
    const now = exists ? this.#nameNow() : undefined;
    if (now !== undefined) {
      const replaced = isReplaced ? `; ${name} is another file now` : '';
      return this.#lost(`renamed: what was written is in ${now}${replaced}`);
    }
    if (exists) return this.#lost(`renamed or moved: what was written is no longer under this name`);
    return this.#lost(isReplaced ? 'replaced: what was written is lost' : 'deleted: what was written is lost');
  }

  /** The file's current path; undefined where the system doesn't tell it. */
  #nameNow(): string | undefined {
    let name: string | undefined;
    quietly(() => (name = this.#ops.readLink(`/proc/self/fd/${this.#fd}`)));
    return name?.endsWith(' (deleted)') ? undefined : name;
  }

  #lost(what: string): OutputError {
    return new OutputError(`while the run went on, ${this.#file.name} was ${what}`);
  }
}
