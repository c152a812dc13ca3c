import { endsScalar } from './bytes.js';
import { JsonProblem, type Position } from './position.js';

const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const MAX_LENGTH = 1024 * 1024;

/** Checks a number, `true`, `false` or `null` that arrives in pieces. */
export class ScalarScanner {
  readonly #position: Position;
  #text = '';
  #offset = 0;

  constructor(position: Position) {
    this.#position = position;
  }

  begin(at: number): void {
    this.#text = '';
    this.#offset = this.#position.base + at;
  }

  /** Goes on from `from`; returns the offset after the value, -1 when it may go on in the next piece. */
  scan(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && !endsScalar(bytes[at] as number)) at++;
    this.#text += bytes.toString('latin1', from, at);
    if (this.#text.length > MAX_LENGTH) this.#fail('a number of more than 1 MiB');
    if (at === bytes.length) return -1;
    this.end();
    return at;
  }

  /** Ends the value. Throws a JsonProblem when the bytes so far are no value. */
  end(): void {
    if (!SCALAR.test(this.#text)) this.#fail('not a number, true, false or null');
  }

  #fail(message: string): never {
    throw new JsonProblem(message, this.#offset, this.#position.line);
  }
}
