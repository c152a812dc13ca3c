/** Bytes kept from one chunk to the next; beyond `limit` they are only counted as there. */
export class Carry {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  /** All of it; undefined when it is beyond the limit. */
  get bytes(): Buffer | undefined {
    return this.#length > this.#limit ? undefined : Buffer.concat(this.#parts, this.#length);
  }

  /** Copies the bytes. */
  add(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length > this.#limit) this.#parts = [];
    else if (bytes.length > 0) this.#parts.push(Buffer.from(bytes));
  }

  /** All of it, leaving nothing; undefined when it was beyond the limit. */
  take(): Buffer | undefined {
    const taken = this.bytes;
    this.#parts = [];
    this.#length = 0;
    return taken;
  }
}
