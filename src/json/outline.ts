/**
 * Strict JSON over bytes, in pieces, without building values: walks a document up to the array at a path and on after
 * it. What stands outside that array is checked byte by byte and never kept.
 */

import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endsScalar,
  isSpace,
  JsonProblem,
  kindOfValue,
  LINE_FEED,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './bytes.js';
import type { Position } from './bytes.js';
import { MAX_LEVELS } from './bytes.js';

/** What may come next. */
type State =
  | 'value'
  | 'first-value'
  | 'first-name'
  | 'name'
  | 'colon'
  | 'after'
  | 'string'
  | 'escape'
  | 'hex'
  | 'scalar'
  /** The array at the path has begun: its elements are someone else's. */
  | 'target'
  | 'done';

/** A member on the way to the target, for the message when there is no target. */
export interface SeenMember {
  readonly name: string;
  readonly kind: string;
}

const EXPECTED: Readonly<Partial<Record<State, string>>> = {
  value: 'a value',
  'first-value': 'a value or ]',
  'first-name': 'a name in quotes or }',
  name: 'a name in quotes',
  colon: 'a colon',
  done: 'the end of the file',
};
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const MAX_SCALAR = 1024 * 1024;
const MAX_NAME = 4096;
const MAX_SEEN = 6;

/** Walks one document; the path is that of the target array, from the top level. */
export class JsonOutline {
  readonly #path: readonly string[];
  readonly #position: Position;
  #state: State = 'value';
  /** The open containers: the index of the current element in an array, -1 for an object. */
  readonly #stack: number[] = [];
  /** How many of the outermost containers lie on the path. */
  #onPath = 0;
  #inName = false;
  #nameBytes: number[] = [];
  /** The last name that may lie on the path; undefined when it is too long for that. */
  #name: string | undefined;
  #hexLeft = 0;
  #scalar = '';
  #scalarStart = 0;
  #found = false;
  #deepest = -1;
  #seen: SeenMember[] = [];

  constructor(path: readonly string[], position: Position) {
    this.#path = path;
    this.#position = position;
  }

  get state(): State {
    return this.#state;
  }

  /** True once the target array has begun. */
  get found(): boolean {
    return this.#found;
  }

  /** The members of the innermost container on the path that was reached, and that container's depth. */
  get seen(): { readonly depth: number; readonly members: readonly SeenMember[] } {
    return { depth: Math.max(this.#deepest, 0), members: this.#seen };
  }

  /** Goes on from `from`; returns where it stopped: the end, after the target's `[`, or when the document is complete. */
  walk(bytes: Buffer, from: number): number {
    const wasDone = this.#state === 'done';
    let at = from;
    while (at < bytes.length && this.#state !== 'target' && (wasDone || this.#state !== 'done')) {
      at = this.#step(bytes, at);
    }
    return at;
  }

  /** The target's `]` was read: the walk goes on after it. */
  leaveTarget(): void {
    this.#afterValue();
  }

  /** Ends a number or literal that stands alone up to the end of the file. */
  end(): void {
    if (this.#state === 'scalar' && this.#stack.length === 0) this.#endScalar();
  }

  #step(bytes: Buffer, at: number): number {
    if (this.#state === 'string') return this.#string(bytes, at);
    if (this.#state === 'scalar') return this.#scalarBytes(bytes, at);
    const byte = bytes[at] as number;
    if (this.#state === 'escape' || this.#state === 'hex') this.#escaped(byte, at);
    else if (byte === LINE_FEED) this.#position.line++;
    else if (!isSpace(byte)) return this.#token(byte, at);
    return at + 1;
  }

  #token(byte: number, at: number): number {
    switch (this.#state) {
      case 'value':
        return this.#beginValue(byte, at);
      case 'first-value':
        return byte === CLOSE_ARRAY ? this.#close(at) : this.#beginValue(byte, at);
      case 'first-name':
        return byte === CLOSE_OBJECT ? this.#close(at) : this.#beginName(byte, at);
      case 'name':
        return this.#beginName(byte, at);
      case 'colon':
        if (byte !== COLON) this.#unexpected(byte, at);
        this.#state = 'value';
        return at + 1;
      default:
        return this.#next(byte, at);
    }
  }

  /** After a value: a comma or the end of its container. */
  #next(byte: number, at: number): number {
    const top = this.#stack.length - 1;
    const inObject = this.#stack[top] === -1;
    if (top === -1) this.#unexpected(byte, at);
    if (byte === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return this.#close(at);
    if (byte !== COMMA) this.#unexpected(byte, at, inObject ? 'a comma or }' : 'a comma or ]');
    if (!inObject) this.#stack[top] = (this.#stack[top] as number) + 1;
    this.#state = inObject ? 'name' : 'value';
    return at + 1;
  }

  #beginName(byte: number, at: number): number {
    if (byte !== QUOTE) this.#unexpected(byte, at);
    this.#inName = true;
    this.#nameBytes = [];
    this.#state = 'string';
    return at + 1;
  }

  #beginValue(byte: number, at: number): number {
    const kind = kindOfValue(byte) ?? this.#unexpected(byte, at);
    const isOnPath = this.#isOnPath();
    this.#note(kind);
    if (isOnPath && this.#stack.length === this.#path.length) return this.#beginTarget(kind, at);
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) this.#open(byte, isOnPath, at);
    else if (byte === QUOTE) this.#state = 'string';
    else return this.#beginScalar(at);
    return at + 1;
  }

  /** Whether the value that begins now is the target or contains it. */
  #isOnPath(): boolean {
    const depth = this.#stack.length;
    if (depth === 0) return true;
    if (this.#onPath !== depth || depth > this.#path.length) return false;
    const index = this.#stack[depth - 1] as number;
    return (index === -1 ? this.#name : String(index)) === this.#path[depth - 1];
  }

  #beginTarget(kind: string, at: number): number {
    if (this.#found) this.#fail('the array of records is there twice', at);
    if (kind !== 'array') this.#fail(`expected an array of records${this.#where()}, found ${withArticle(kind)}`, at);
    this.#found = true;
    this.#state = 'target';
    return at + 1;
  }

  #where(): string {
    return this.#path.length === 0 ? '' : ` at ${pointer(this.#path)}`;
  }

  #open(byte: number, isOnPath: boolean, at: number): void {
    if (this.#stack.length === MAX_LEVELS) this.#fail('nested deeper than 1,000 levels', at);
    this.#stack.push(byte === OPEN_OBJECT ? -1 : 0);
    this.#state = byte === OPEN_OBJECT ? 'first-name' : 'first-value';
    if (!isOnPath) return;
    this.#onPath = this.#stack.length;
    if (this.#onPath - 1 > this.#deepest) {
      this.#deepest = this.#onPath - 1;
      this.#seen = [];
    }
  }

  #close(at: number): number {
    if (this.#onPath === this.#stack.length) this.#onPath--;
    this.#stack.pop();
    this.#afterValue();
    return at + 1;
  }

  #afterValue(): void {
    this.#state = this.#stack.length === 0 ? 'done' : 'after';
  }

  #note(kind: string): void {
    const depth = this.#stack.length;
    if (depth === 0 || this.#onPath !== depth || depth - 1 !== this.#deepest || this.#seen.length === MAX_SEEN) return;
    const index = this.#stack[depth - 1] as number;
    this.#seen.push({ name: index === -1 ? (this.#name ?? '…') : String(index), kind });
  }

  #string(bytes: Buffer, from: number): number {
    const isKept = this.#isNameKept();
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte < 0x20) this.#fail('a control character inside a string', at);
      if (byte === QUOTE) {
        this.#endString();
        return at + 1;
      }
      if (isKept) this.#keepNameByte(byte);
      if (byte === BACKSLASH) {
        this.#state = 'escape';
        return at + 1;
      }
    }
    return bytes.length;
  }

  #endString(): void {
    if (!this.#inName) return this.#afterValue();
    this.#inName = false;
    this.#state = 'colon';
    const isWhole = this.#nameBytes.length < MAX_NAME;
    this.#name = isWhole ? (JSON.parse(`"${Buffer.from(this.#nameBytes).toString()}"`) as string) : undefined;
  }

  #escaped(byte: number, at: number): void {
    if (this.#isNameKept()) this.#keepNameByte(byte);
    const character = String.fromCharCode(byte);
    if (this.#state === 'hex') {
      if (!/[0-9a-fA-F]/.test(character)) this.#fail('a bad \\u escape', at);
      if (--this.#hexLeft === 0) this.#state = 'string';
      return;
    }
    if (!'"\\/bfnrtu'.includes(character)) this.#fail('a bad escape in a string', at);
    this.#state = character === 'u' ? 'hex' : 'string';
    this.#hexLeft = 4;
  }

  /** Only names that may lie on the path are kept. */
  #isNameKept(): boolean {
    return this.#inName && this.#onPath === this.#stack.length;
  }

  #keepNameByte(byte: number): void {
    if (this.#nameBytes.length < MAX_NAME) this.#nameBytes.push(byte);
  }

  #beginScalar(at: number): number {
    this.#scalar = '';
    this.#scalarStart = this.#position.base + at;
    this.#state = 'scalar';
    return at;
  }

  #scalarBytes(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && !endsScalar(bytes[at] as number)) at++;
    this.#scalar += bytes.toString('latin1', from, at);
    if (this.#scalar.length > MAX_SCALAR) this.#failScalar('a number of more than 1 MiB');
    if (at < bytes.length) this.#endScalar();
    return at;
  }

  #endScalar(): void {
    if (!SCALAR.test(this.#scalar)) this.#failScalar('not a number, true, false or null');
    this.#afterValue();
  }

  #unexpected(byte: number, at: number, expected = EXPECTED[this.#state] ?? 'something else'): never {
    this.#fail(`expected ${expected}, found ${shownByte(byte)}`, at);
  }

  #failScalar(message: string): never {
    throw new JsonProblem(message, this.#scalarStart, this.#position.line);
  }

  #fail(message: string, at: number): never {
    throw new JsonProblem(message, this.#position.base + at, this.#position.line);
  }
}

/** The path as a JSON pointer. */
export function pointer(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function withArticle(kind: string): string {
  if (kind === 'null') return kind;
  return `${/^[ao]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

function shownByte(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, '0')}`;
}
