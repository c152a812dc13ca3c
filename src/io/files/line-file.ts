import { AppendedFile } from './appended-file.js';
import type { TextOutput } from './atomic-file.js';
import { type FileOps, type NamedPath, outputError, quietly, syncIfPossible } from './file-ops.js';

/** An append-only file of whole lines. After an error nothing more is written. */
export class LineFile implements TextOutput {
  readonly #name: string;
  readonly #lines: AppendedFile;
  readonly #fd: number;
  readonly #ops: FileOps;
  #error: unknown;
  #open = true;

  constructor(file: NamedPath, fd: number, ops: FileOps) {
    this.#name = file.name;
    this.#lines = new AppendedFile(file, fd, ops);
    this.#fd = fd;
    this.#ops = ops;
  }

  /** `text` is one or more whole lines. */
  write(text: string): void {
    this.#error ??= this.#lines.append(text).error;
    this.#throwIfFailed();
  }

  async finish(): Promise<void> {
    try {
      if (this.#error === undefined) await syncIfPossible(this.#ops.syncData(this.#fd));
    } catch (error) {
      this.#error = error;
    }
    this.#error ??= this.#lines.loss();
    await this.close();
    this.#throwIfFailed();
  }

  close(): Promise<void> {
    if (this.#open) quietly(() => this.#ops.close(this.#fd));
    this.#open = false;
    return Promise.resolve();
  }

  #throwIfFailed(): void {
    if (this.#error !== undefined) throw outputError(this.#name, this.#error);
  }
}
