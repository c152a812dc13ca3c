/**
 * Strict JSON over bytes, in pieces, without building values: walks a document up to the array at a path and on after
 * it. What stands outside that array is checked byte by byte and never kept.
 */

import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, isSpace, kindOfValue, LINE_FEED, QUOTE } from './bytes.js';
import { Containers, type SeenMember } from './containers.js';
import { pointer } from './pointer.js';
import { fail, type Position } from './position.js';
import { ScalarScanner } from './scalar-scanner.js';
import { StringScanner } from './string-scanner.js';

/** What may come next, or what is being read. */
type State =
  | 'value'
  | 'first-value'
  | 'first-name'
  | 'name'
  | 'colon'
  | 'after'
  | 'in-name'
  | 'in-string'
  | 'in-scalar'
  /** The array at the path has begun: its elements are left to the array cutter. */
  | 'target'
  | 'done';

const EXPECTED: Readonly<Partial<Record<State, string>>> = {
  value: 'a value',
  'first-value': 'a value or ]',
  'first-name': 'a name in quotes or }',
  name: 'a name in quotes',
  colon: 'a colon',
  done: 'the end of the file',
};

/** Walks one document. `path` leads from the top level to the target array; without it there is none. */
export class JsonOutline {
  readonly #path: readonly string[] | undefined;
  readonly #position: Position;
  readonly #containers: Containers;
  readonly #string: StringScanner;
  readonly #scalar: ScalarScanner;
  #state: State = 'value';
  #found = false;

  constructor(path: readonly string[] | undefined, position: Position) {
    this.#path = path;
    this.#position = position;
    this.#containers = new Containers(path);
    this.#string = new StringScanner(position);
    this.#scalar = new ScalarScanner(position);
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
    return this.#containers.seen;
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
    if (this.#state !== 'in-scalar' || this.#containers.depth > 0) return;
    this.#scalar.end();
    this.#afterValue();
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'in-name':
      case 'in-string':
        return this.#goOn(this.#string.scan(bytes, at), bytes);
      case 'in-scalar':
        return this.#goOn(this.#scalar.scan(bytes, at), bytes);
      default:
        return this.#between(bytes[at] as number, at);
    }
  }

  /** After a part of a name, string or scalar: `end` is where it ended, or -1. */
  #goOn(end: number, bytes: Buffer): number {
    if (end === -1) return bytes.length;
    if (this.#state === 'in-name') this.#afterName();
    else this.#afterValue();
    return end;
  }

  #between(byte: number, at: number): number {
    if (byte === LINE_FEED) this.#position.line++;
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
    if (this.#containers.depth === 0) this.#unexpected(byte, at);
    const { isInObject } = this.#containers;
    if (byte === (isInObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return this.#close(at);
    if (byte !== COMMA) this.#unexpected(byte, at, isInObject ? 'a comma or }' : 'a comma or ]');
    if (!isInObject) this.#containers.nextElement();
    this.#state = isInObject ? 'name' : 'value';
    return at + 1;
  }

  #beginName(byte: number, at: number): number {
    if (byte !== QUOTE) this.#unexpected(byte, at);
    this.#string.begin(this.#containers.isInnermostOnPath);
    this.#state = 'in-name';
    return at + 1;
  }

  #afterName(): void {
    this.#containers.name = this.#string.text;
    this.#state = 'colon';
  }

  #beginValue(byte: number, at: number): number {
    const kind = kindOfValue(byte) ?? this.#unexpected(byte, at);
    const relation = this.#containers.relationToPath();
    this.#containers.note(kind);
    if (relation === 'target') return this.#beginTarget(kind, at);
    if (kind === 'array' || kind === 'object') return this.#open(kind, relation === 'way', at);
    if (kind === 'string') return this.#beginString(at);
    this.#scalar.begin(at);
    this.#state = 'in-scalar';
    return at;
  }

  #beginTarget(kind: string, at: number): number {
    if (this.#found) this.#fail('the array of records is there twice', at);
    if (kind !== 'array') this.#fail(`expected an array of records${this.#where()}, found ${withArticle(kind)}`, at);
    this.#found = true;
    this.#state = 'target';
    return at + 1;
  }

  #where(): string {
    return this.#path === undefined || this.#path.length === 0 ? '' : ` at ${pointer(this.#path)}`;
  }

  #beginString(at: number): number {
    this.#string.begin(false);
    this.#state = 'in-string';
    return at + 1;
  }

  #open(kind: 'object' | 'array', isOnPath: boolean, at: number): number {
    if (this.#containers.isFull) this.#fail('nested deeper than 1,000 levels', at);
    this.#containers.open(kind, isOnPath);
    this.#state = kind === 'object' ? 'first-name' : 'first-value';
    return at + 1;
  }

  #close(at: number): number {
    this.#containers.close();
    this.#afterValue();
    return at + 1;
  }

  #afterValue(): void {
    this.#state = this.#containers.depth === 0 ? 'done' : 'after';
  }

  #unexpected(byte: number, at: number, expected = EXPECTED[this.#state] ?? 'something else'): never {
    this.#fail(`expected ${expected}, found ${shownByte(byte)}`, at);
  }

  #fail(message: string, at: number): never {
    fail(message, this.#position, at);
  }
}

function withArticle(kind: string): string {
  if (kind === 'null') return kind;
  return `${/^[ao]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

function shownByte(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, '0')}`;
}
