import { BACKSLASH, QUOTE } from './bytes.js';
import { fail, type Position } from './position.js';

const MAX_KEPT = 4096;

/** Checks a string that arrives in pieces, from after its opening quote; its text is kept when that is asked for. */
export class StringScanner {
  readonly #position: Position;
  /** The bytes between the quotes; undefined when the text is not needed. */
  #kept: number[] | undefined;
  /** After a backslash. */
  #isEscaped = false;
  /** Hexadecimal digits that a `\u` still needs. */
  #hexLeft = 0;

  constructor(position: Position) {
    this.#position = position;
  }

  begin(keep: boolean): void {
    this.#kept = keep ? [] : undefined;
  }

  /** Goes on from `from`; returns the offset after the closing quote, -1 when the string goes on in the next piece. */
  scan(bytes: Buffer, from: number): number {
    const kept = this.#kept;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (this.#isEscaped || this.#hexLeft > 0) this.#escape(byte, at);
      else if (byte < 0x20) fail('a control character inside a string', this.#position, at);
      else if (byte === QUOTE) return at + 1;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      if (kept !== undefined && kept.length < MAX_KEPT) kept.push(byte);
    }
    return -1;
  }

  /** The text of the string that has ended; undefined when it was not kept, or is longer than 4,096 bytes. */
  get text(): string | undefined {
    const kept = this.#kept;
    if (kept === undefined || kept.length === MAX_KEPT) return undefined;
    return JSON.parse(`"${Buffer.from(kept).toString()}"`) as string;
  }

  #escape(byte: number, at: number): void {
    const character = String.fromCharCode(byte);
    if (this.#hexLeft > 0) {
      if (!/[0-9a-fA-F]/.test(character)) fail('a bad \\u escape', this.#position, at);
      this.#hexLeft--;
      return;
    }
    if (!'"\\/bfnrtu'.includes(character)) fail('a bad escape in a string', this.#position, at);
    this.#isEscaped = false;
    if (character === 'u') this.#hexLeft = 4;
  }
}
