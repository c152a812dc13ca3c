/** Cuts the elements out of a JSON array's bytes, given in pieces: fast where the outline is strict. */

import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  endsScalar,
  isSpace,
  kindOfValue,
  LINE_FEED,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './bytes.js';
import { Carry } from './carry.js';
import { fail, type Position } from './position.js';

/** A piece of the file. `text` is the same when all of it is ASCII: then offsets in both are equal. */
export interface Piece {
  readonly bytes: Buffer;
  readonly text: string | undefined;
}

/** Takes the elements in their order. */
export interface ElementSink {
  /** An element's text, not yet known to be JSON; undefined when it is larger than the limit. */
  element(text: string | undefined, index: number): void;
}

/** Between elements: what may come next. Inside one: what kind of element it is. */
type State = 'first' | 'value' | 'after' | 'nested' | 'string' | 'scalar' | 'closed';

const PLAIN = 0;
const STRING = 1;
const OPEN = 2;
const CLOSE = 3;
const LINE = 4;
const KIND = new Uint8Array(256);
KIND[QUOTE] = STRING;
KIND[OPEN_ARRAY] = OPEN;
KIND[OPEN_OBJECT] = OPEN;
KIND[CLOSE_ARRAY] = CLOSE;
KIND[CLOSE_OBJECT] = CLOSE;
KIND[LINE_FEED] = LINE;

/** Reads one array, from after its `[` up to its `]`. */
export class ArrayCutter {
  readonly #position: Position;
  readonly #sink: ElementSink;
  readonly #maxBytes: number;
  readonly #carry: Carry;
  #state: State = 'first';
  /** Of the element under way, or the next one. */
  #index = 0;
  /** Of the element under way, as is what follows. */
  #startOffset = 0;
  #startLine = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** Elements of more than `maxBytes` are passed over, and told. */
  constructor(position: Position, maxBytes: number, sink: ElementSink) {
    this.#position = position;
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#carry = new Carry(maxBytes);
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** How many elements were read to their end. */
  get count(): number {
    return this.#index;
  }

  /** Where the element that is being read, or was read last, begins in the file: offset (from 0) and line (from 1). */
  get elementStart(): { readonly offset: number; readonly line: number } {
    return { offset: this.#startOffset, line: this.#startLine };
  }

  /** Where the file is cut off, if it ends now. */
  get cutOff(): { readonly phrase: string; readonly offset: number; readonly line: number } {
    if (this.#isInside) return { phrase: `inside the record with index ${this.#index}`, ...this.elementStart };
    const phrase = this.#index === 0 ? 'before the first record' : `after the record with index ${this.#index - 1}`;
    return { phrase, offset: this.#position.base, line: this.#position.line };
  }

  /** Goes on from `from`; returns where it stopped: the end, or the first byte after the array. */
  cut(piece: Piece, from: number): number {
    let at = from;
    while (at < piece.bytes.length && this.#state !== 'closed') {
      at = this.#isInside ? this.#goOn(piece, at, at) : this.#between(piece, at);
    }
    return at;
  }

  get #isInside(): boolean {
    return this.#state === 'nested' || this.#state === 'string' || this.#state === 'scalar';
  }

  #between(piece: Piece, at: number): number {
    const byte = piece.bytes[at] as number;
    if (byte === LINE_FEED) this.#position.line++;
    if (isSpace(byte)) return at + 1;
    if (this.#state === 'after') this.#afterElement(byte, at);
    else if (byte === CLOSE_ARRAY && this.#state === 'first') this.#state = 'closed';
    else return this.#begin(piece, byte, at);
    return at + 1;
  }

  #afterElement(byte: number, at: number): void {
    if (byte === CLOSE_ARRAY) this.#state = 'closed';
    else if (byte === COMMA) this.#state = 'value';
    else fail(`expected a comma or ] after the record with index ${this.#index - 1}`, this.#position, at);
  }

  #begin(piece: Piece, byte: number, at: number): number {
    const kind = kindOfValue(byte) ?? fail(`expected the record with index ${this.#index}`, this.#position, at);
    this.#startOffset = this.#position.base + at;
    this.#startLine = this.#position.line;
    this.#state = kind === 'array' || kind === 'object' ? 'nested' : kind === 'string' ? 'string' : 'scalar';
    this.#depth = this.#state === 'nested' ? 1 : 0;
    this.#inString = this.#state === 'string';
    return this.#goOn(piece, at, at + 1);
  }

  /** The element's bytes in this piece begin at `start`; those before `from` were looked at. */
  #goOn(piece: Piece, start: number, from: number): number {
    const end = this.#state === 'scalar' ? scalarEnd(piece.bytes, from) : this.#nestedEnd(piece.bytes, from);
    if (end === -1) {
      this.#carry.add(piece.bytes.subarray(start));
      return piece.bytes.length;
    }
    this.#state = 'after';
    this.#sink.element(this.#take(piece, start, end), this.#index);
    this.#index++;
    return end;
  }

  /** The element's text; undefined when it is too large. */
  #take(piece: Piece, start: number, end: number): string | undefined {
    if (this.#carry.length > 0) {
      this.#carry.add(piece.bytes.subarray(start, end));
      return this.#carry.take()?.toString();
    }
    if (end - start > this.#maxBytes) return undefined;
    return piece.text === undefined ? piece.bytes.toString('utf8', start, end) : piece.text.slice(start, end);
  }

  // The hot loop: one look-up a byte, strings in a loop of their own, state kept in fields only between pieces.
  #nestedEnd(bytes: Buffer, from: number): number {
    let at = this.#escaped ? from + 1 : from;
    let depth = this.#depth;
    let lines = 0;
    let inString = this.#inString;
    while (at < bytes.length) {
      const kind = inString ? STRING : KIND[bytes[at++] as number];
      if (kind === PLAIN) continue;
      if (kind === STRING) {
        inString = true;
        while (inString && at < bytes.length) {
          const byte = bytes[at++];
          if (byte === QUOTE) inString = false;
          else if (byte === BACKSLASH) at++;
        }
        if (depth === 0 && !inString) break;
      } else if (kind === OPEN) depth++;
      else if (kind === LINE) lines++;
      else if (--depth === 0) break;
    }
    this.#position.line += lines;
    this.#depth = depth;
    this.#inString = inString;
    this.#escaped = at > bytes.length;
    return depth === 0 && !inString ? at : -1;
  }
}

function scalarEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) if (endsScalar(bytes[at] as number)) return at;
  return -1;
}
