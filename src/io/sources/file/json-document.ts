/** A JSON document whose records are the elements of one array, read in pieces. */

import { isAscii, isUtf8 } from 'node:buffer';

import { pointerTokens } from '../../../json/text.js';
import { formatCount } from '../../../text/format.js';
import { InputError } from '../../../errors.js';
import { ArrayCutter } from './array-cutter.js';
import { firstBadByte, incompleteTail, isSpace, JsonProblem, LINE_FEED, OPEN_ARRAY } from '../../../json/bytes.js';
import { JsonOutline, pointer } from '../../../json/outline.js';
import type { SeenMember } from '../../../json/outline.js';
import {} from './record-sink.js';
import type { ChunkReader, RecordSink } from './record-sink.js';

/** Where the records are when nobody says: the document itself, or this member of it. */
export const DEFAULT_PATH: readonly string[] = ['cases'];

export interface DocumentOptions {
  /** The file in messages. */
  readonly name: string;
  /** JSON pointer to the array of records; absent, the document itself or its member `cases`. */
  readonly root?: string | undefined;
  /** The offset in the file of the first byte that is pushed: 3 after a byte order mark. */
  readonly firstOffset?: number;
}

/** Strict about everything around the records; an element that is not JSON ends the file as well. */
export class DocumentReader implements ChunkReader {
  readonly #name: string;
  readonly #root: string | undefined;
  readonly #position = { base: 0, line: 1 };
  readonly #cutter: ArrayCutter;
  #outline: JsonOutline | undefined;
  /** The beginning of a character that the last chunk ended in. */
  #tail = Buffer.alloc(0);

  constructor(options: DocumentOptions, sink: RecordSink) {
    this.#name = options.name;
    this.#root = options.root;
    this.#position.base = options.firstOffset ?? 0;
    this.#cutter = new ArrayCutter(this.#position, sink);
  }

  push(chunk: Buffer): void {
    const all = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    const whole = all.length - incompleteTail(all);
    const bytes = all.subarray(0, whole);
    this.#tail = Buffer.from(all.subarray(whole));
    this.#inFile(() => this.#take(bytes));
  }

  end(): void {
    this.#inFile(() => {
      this.#outline?.end();
      this.#checkFound();
    });
    if (this.#outline === undefined) {
      throw new InputError(`${this.#name} is empty; expected a JSON array of cases`);
    }
    if (this.#outline.state !== 'done') throw this.#cutOff();
    if (this.#tail.length > 0) throw this.#problem(notUtf8(this.#position.base, this.#position.line));
  }

  #take(bytes: Buffer): void {
    const ascii = isAscii(bytes);
    const bad = ascii || isUtf8(bytes) ? -1 : firstBadByte(bytes);
    const good = bad === -1 ? bytes : bytes.subarray(0, bad);
    this.#walk(good, ascii);
    this.#position.base += good.length;
    if (bad !== -1) throw notUtf8(this.#position.base, this.#position.line);
  }

  /** Outline and cutter take turns. */
  #walk(bytes: Buffer, ascii: boolean): void {
    const piece = { bytes, text: ascii ? bytes.toString('latin1') : undefined };
    let at = this.#outline === undefined ? this.#start(bytes) : 0;
    while (this.#outline !== undefined && at < bytes.length) {
      if (this.#outline.state !== 'target') at = this.#outline.walk(bytes, at);
      else at = this.#cutter.cut(piece, at);
      if (this.#outline.state === 'target' && this.#cutter.isClosed) this.#outline.leaveTarget();
      this.#checkFound();
    }
  }

  /** The first byte that is not white space decides where the records are looked for. */
  #start(bytes: Buffer): number {
    let at = 0;
    for (; at < bytes.length && isSpace(bytes[at] as number); at++) if (bytes[at] === LINE_FEED) this.#position.line++;
    if (at < bytes.length) this.#outline = new JsonOutline(this.#path(bytes[at] as number), this.#position);
    return at;
  }

  #path(first: number): readonly string[] {
    if (this.#root !== undefined) return pointerTokens(this.#root) ?? [];
    return first === OPEN_ARRAY ? [] : DEFAULT_PATH;
  }

  #checkFound(): void {
    if (this.#outline?.state === 'done' && !this.#outline.found) throw this.#notFound(this.#outline);
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
    const base = this.#root === undefined ? [] : (pointerTokens(this.#root)?.slice(0, this.#outline?.seen.depth) ?? []);
    const root = `--root ${array === undefined ? '/path/to/the/array' : pointer([...base, array.name])}`;
    if (this.#root !== undefined) return `${root} reads the records from there`;
    return `${root} reads the records from another place\nobjects one after another are NDJSON: jq -c . FILE > cases.ndjson`;
  }

  #cutOff(): InputError {
    const inArray = this.#outline?.state === 'target';
    const { phrase, offset, line } = inArray
      ? this.#cutter.cutOff
      : { phrase: 'inside the document', offset: this.#position.base, line: this.#position.line };
    return new InputError(`${this.#name} is cut off: end of file ${phrase} (${place(offset, line)})`, {
      hint: 'get the file again',
    });
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
    return new InputError(`${this.#name}: ${message} (${place(offset, line)})`, { hint });
  }
}

function notUtf8(offset: number, line: number): JsonProblem {
  return new JsonProblem('not UTF-8', offset, line, 'iconv -f ISO-8859-1 -t UTF-8 converts older files');
}

function place(offset: number, line: number): string {
  return `byte ${formatCount(offset)}, line ${formatCount(line)}`;
}
