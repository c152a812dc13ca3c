import { type FileOps, type NamedPath, outputError, quietly, writeAll } from './file-ops.js';
import { BlockCache } from './block-cache.js';

const GROUP = 1 << 18;

/**
 * Puts texts into another order than they come in: they go to a temporary file, and of each only its place and its key
 * are held in memory (24 bytes). The file has no name on systems that allow it, so that a killed process leaves none.
 */
export class RowSpool {
  readonly #file: NamedPath;
  readonly #ops: FileOps;
  readonly #fd: number;
  #isOpen = true;
  #waiting: string[] = [];
  #waitingLength = 0;
  #count = 0;
  #end = 0;
  #written = 0;
  /** Where each text begins and ends in the file. */
  #starts = new Float64Array(1024);
  #keys = new Float64Array(1024);

  /** Throws an OutputError when the file can't be made. `file` must not exist. */
  constructor(file: NamedPath, ops: FileOps) {
    this.#file = file;
    this.#ops = ops;
    try {
      this.#fd = ops.open(file.path, 'wx+', 0o600);
    } catch (error) {
      throw outputError(file.name, error);
    }
    quietly(() => ops.unlink(file.path));
  }

  /** Texts with a lower key come first, those with the same key in the order in which they were added. Throws an OutputError. */
  add(text: string, key: number): void {
    this.#note(key);
    this.#waiting.push(text);
    this.#waitingLength += text.length;
    this.#end += Buffer.byteLength(text);
    if (this.#waitingLength >= GROUP) this.#flush();
  }

  /** All texts, many joined into one. Rejects with an OutputError. */
  async *inOrder(): AsyncGenerator<string> {
    this.#flush();
    const blocks = new BlockCache(this.#file, this.#fd, this.#ops);
    let parts: Buffer[] = [];
    let length = 0;
    for (const at of this.#order()) {
      const [start, end] = [this.#starts[at] ?? 0, at + 1 < this.#count ? (this.#starts[at + 1] ?? 0) : this.#end];
      const bytes = blocks.held(start, end) ?? (await blocks.read(start, end));
      parts.push(bytes);
      length += bytes.length;
      if (length < GROUP) continue;
      yield Buffer.concat(parts).toString();
      [parts, length] = [[], 0];
    }
    if (length > 0) yield Buffer.concat(parts).toString();
  }

  /** Idempotent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    quietly(() => this.#ops.close(this.#fd));
    // Where a file that is open can't be removed it still has its name.
    quietly(() => this.#ops.unlink(this.#file.path));
  }

  #note(key: number): void {
    if (this.#count === this.#keys.length) {
      this.#starts = grown(this.#starts);
      this.#keys = grown(this.#keys);
    }
    this.#starts[this.#count] = this.#end;
    this.#keys[this.#count++] = key;
  }

  #order(): Uint32Array {
    const keys = this.#keys;
    const order = Uint32Array.from({ length: this.#count }, (_, at) => at);
    return order.sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#waitingLength = 0;
    const written = writeAll(this.#ops, this.#fd, bytes, this.#written);
    if (written.error !== undefined) throw outputError(this.#file.name, written.error);
    this.#written += bytes.length;
  }
}

function grown(words: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * words.length);
  larger.set(words);
  return larger;
}
