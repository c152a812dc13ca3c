/** One bit for each line of several files. */
export class LineBits {
  readonly #files: readonly Uint8Array[];

  /** @param lengths the number of lines of each file. */
  constructor(lengths: readonly number[]) {
    this.#files = lengths.map((length) => new Uint8Array(Math.ceil(length / 8)));
  }

  set(file: number, position: number): void {
    const bits = this.#files[file];
    if (bits !== undefined) bits[position >>> 3] = (bits[position >>> 3] ?? 0) | (1 << (position & 7));
  }

  has(file: number, position: number): boolean {
    return (((this.#files[file]?.[position >>> 3] ?? 0) >>> (position & 7)) & 1) === 1;
  }
}
