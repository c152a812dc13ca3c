import { type FileOps, type NamedPath, outputError } from './file-ops.js';

const BLOCK = 1 << 16;
const MOST_BLOCKS = 128;

/** Reads pieces of a file in any order. The blocks that were used last are held: pieces near each other are one read. */
export class BlockCache {
  readonly #file: NamedPath;
  readonly #fd: number;
  readonly #ops: FileOps;
  /** By their number, the one that was used longest ago first. */
  readonly #blocks = new Map<number, Buffer>();

  constructor(file: NamedPath, fd: number, ops: FileOps) {
    this.#file = file;
    this.#fd = fd;
    this.#ops = ops;
  }

  /** The bytes from `start` to `end` if they are in one block that is held. */
  held(start: number, end: number): Buffer | undefined {
    const number = Math.floor(start / BLOCK);
    const block = this.#blocks.get(number);
    const from = start - number * BLOCK;
    return block === undefined || from + end - start > BLOCK ? undefined : block.subarray(from, from + end - start);
  }

  /** The bytes from `start` to `end`. Rejects with an OutputError. */
  async read(start: number, end: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let at = start; at < end;) {
      const number = Math.floor(at / BLOCK);
      const block = await this.#block(number);
      const from = at - number * BLOCK;
      const part = block.subarray(from, Math.min(block.length, from + end - at));
      if (part.length === 0) throw outputError(this.#file.name, new Error('the temporary file became shorter'));
      parts.push(part);
      at += part.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  async #block(number: number): Promise<Buffer> {
    const held = this.#blocks.get(number);
    this.#blocks.delete(number);
    const block = held ?? (await this.#load(number));
    this.#blocks.set(number, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > MOST_BLOCKS && oldest !== undefined) this.#blocks.delete(oldest);
    return block;
  }

  async #load(number: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(BLOCK);
    let size = 0;
    try {
      for (let more = 1; more > 0; size += more) {
        more = await this.#ops.read(this.#fd, bytes, size, BLOCK - size, number * BLOCK + size);
      }
    } catch (error) {
      throw outputError(this.#file.name, error);
    }
    return bytes.subarray(0, size);
  }
}
