/** A JSON document whose records are the elements of one array, read in pieces. */

import { InputError } from '../../../errors.js';
import type { ElementSink } from '../../../json/array-cutter.js';
import { ArrayDocument } from '../../../json/array-document.js';
import { OPEN_ARRAY, OPEN_OBJECT } from '../../../json/bytes.js';
import type { SeenMember } from '../../../json/containers.js';
import type { JsonOutline } from '../../../json/outline.js';
import { pointer, pointerTokens } from '../../../json/pointer.js';
import { JsonProblem, placeInFile } from '../../../json/position.js';
import { Utf8Pieces } from '../../files/utf8-pieces.js';
import { isTooDeep, jsonProblem, MAX_RECORD_BYTES, TOO_DEEP, TOO_LARGE } from './record-sink.js';
import type { ChunkReader, RecordSink } from './record-sink.js';

/** Where the records are by default: the document itself, or this member of it. */
export const DEFAULT_PATH: readonly string[] = ['cases'];

export interface DocumentOptions {
  /** The file in messages. */
  readonly name: string;
  /** JSON pointer to the array of records; absent, the document itself or its member `cases`. */
  readonly root?: string | undefined;
  /** The offset in the file of the first byte that is pushed: 3 after a byte order mark. */
  readonly firstOffset?: number;
}

/** Strict about everything around the records; an element that is not JSON ends the reading as well. */
export class DocumentReader implements ChunkReader, ElementSink {
  readonly #name: string;
  readonly #root: string | undefined;
  readonly #sink: RecordSink;
  readonly #pieces = new Utf8Pieces();
  readonly #document: ArrayDocument;
  /** The file begins with neither an array nor an object. */
  #isOtherText = false;

  constructor({ name, root, firstOffset = 0 }: DocumentOptions, sink: RecordSink) {
    this.#name = name;
    this.#root = root;
    this.#sink = sink;
    const pathOf = (first: number): readonly string[] => this.#path(first);
    this.#document = new ArrayDocument({ pathOf, firstOffset, maxElementBytes: MAX_RECORD_BYTES }, this);
  }

  push(chunk: Buffer): void {
    const { piece, isBad } = this.#pieces.next(chunk);
    this.#inFile(() => {
      this.#document.take(piece);
      this.#checkFound();
      if (isBad) throw this.#notUtf8();
    });
  }

  end(): void {
    const { outline } = this.#document;
    this.#inFile(() => {
      outline?.end();
      this.#checkFound();
    });
    if (outline === undefined) throw new InputError(`${this.#name} is empty; expected a JSON array of cases`);
    if (outline.state !== 'done') throw this.#cutOff();
    if (this.#pieces.isTorn) throw this.#problem(this.#notUtf8());
  }

  /** Called by the document scanner for each element. */
  element(text: string | undefined, index: number): void {
    if (text === undefined) this.#sink.broken(TOO_LARGE, index);
    else if (isTooDeep(text)) this.#sink.broken(TOO_DEEP, index);
    else this.#sink.record(this.#parse(text, index), text, index);
  }

  #parse(text: string, index: number): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      const { offset, line } = this.#document.cutter.elementStart;
      throw new JsonProblem(`the record with index ${index} is not JSON: ${jsonProblem(error)}`, offset, line);
    }
  }

  #path(first: number): readonly string[] {
    this.#isOtherText = first !== OPEN_ARRAY && first !== OPEN_OBJECT;
    if (this.#root !== undefined) return pointerTokens(this.#root) ?? [];
    return first === OPEN_ARRAY ? [] : DEFAULT_PATH;
  }

  #checkFound(): void {
    const { outline, isWithoutArray } = this.#document;
    if (isWithoutArray && outline !== undefined) throw this.#notFound(outline);
  }

  #notFound(outline: JsonOutline): InputError {
    const { depth, members } = outline.seen;
    const wanted = this.#root === undefined ? 'neither an array nor an object with an array "cases"' : undefined;
    const where = depth === 0 ? 'it' : pointer(pointerTokens(this.#root ?? '')?.slice(0, depth) ?? []);
    const there = members.map(({ name, kind }) => `${JSON.stringify(name)} (${kind})`).join(', ');
    return new InputError(
      `${this.#name} ${wanted === undefined ? `has nothing at --root ${this.#root}` : `is ${wanted}`}`,
      { details: there === '' ? [] : [`${where} has ${there}`], hint: this.#rootHint(members) },
    );
  }

  #rootHint(members: readonly SeenMember[]): string {
    const array = members.find(({ kind }) => kind === 'array');
    const base =
      this.#root === undefined ? [] : (pointerTokens(this.#root)?.slice(0, this.#document.outline?.seen.depth) ?? []);
    const root = `--root ${array === undefined ? '/path/to/the/array' : pointer([...base, array.name])}`;
    if (this.#root !== undefined) return `${root} reads the records from there`;
    return `${root} reads the records from another place\nobjects one after another are NDJSON: jq -c . FILE > cases.ndjson`;
  }

  #cutOff(): InputError {
    const { cutter, isInArray, position } = this.#document;
    const { phrase, offset, line } = isInArray
      ? cutter.cutOff
      : { phrase: 'inside the document', offset: position.base, line: position.line };
    return new InputError(`${this.#name} is cut off: end of file ${phrase} (${placeInFile(offset, line)})`, {
      hint: 'get the file again',
    });
  }

  #notUtf8(): JsonProblem {
    const { base, line } = this.#document.position;
    return new JsonProblem('not UTF-8', base, line, 'iconv -f ISO-8859-1 -t UTF-8 converts older files');
  }

  #inFile(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw error instanceof JsonProblem ? this.#problem(error) : error;
    }
  }

  #problem(problem: JsonProblem): InputError {
    const { message, offset, line, hint } = problem;
    const form = this.#isOtherText ? 'a spreadsheet needs the ending .csv, or --input-format csv (or tsv)' : undefined;
    return new InputError(`${this.#name}: ${message} (${placeInFile(offset, line)})`, { hint: hint ?? form });
  }
}
