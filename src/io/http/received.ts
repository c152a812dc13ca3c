/** The bytes of a body as they come in. Nearly always it is one chunk, which is not copied. */
export class Received {
  /** In bytes. */
  length = 0;
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;

  add(chunk: Buffer): void {
    if (this.#first === undefined) this.#first = chunk;
    else (this.#more ??= [this.#first]).push(chunk);
  }

  clear(): void {
    this.length = 0;
    this.#first = undefined;
    this.#more = undefined;
  }

  get bytes(): Buffer {
    return this.#more === undefined ? (this.#first ?? EMPTY) : Buffer.concat(this.#more);
  }
}

const EMPTY = Buffer.alloc(0);
