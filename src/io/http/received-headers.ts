/** The headers of an answer as undici received them: brought into an object only when one of them matters. */

import type { IncomingHttpHeaders } from 'node:http';
import util from 'undici/lib/core/util.js';

export class ReceivedHeaders {
  /** Names and values alternating. */
  readonly #raw: readonly Buffer[];
  #all: IncomingHttpHeaders | undefined;

  constructor(raw: readonly Buffer[]) {
    this.#raw = raw;
  }

  /** All of them, names in lower case. */
  get all(): IncomingHttpHeaders {
    return (this.#all ??= util.parseHeaders(this.#raw));
  }

  /** The value of the header with this name in lower case. Without such a header it takes next to no time. */
  get<Name extends keyof IncomingHttpHeaders & string>(name: Name): IncomingHttpHeaders[Name] {
    return this.#all !== undefined || this.#mayHave(name) ? this.all[name] : undefined;
  }

  /** Compares lengths and first letters only, whatever their case. */
  #mayHave(name: string): boolean {
    const first = name.charCodeAt(0);
    for (let at = 0; at < this.#raw.length; at += 2) {
      const found = this.#raw[at] as Buffer;
      if (found.length === name.length && ((found[0] as number) | LOWER) === first) return true;
    }
    return false;
  }
}

/** The bit in which a small letter differs from a capital one. */
const LOWER = 0x20;

export const NO_HEADERS = new ReceivedHeaders([]);
