import { ArrayCutter, type ElementSink, type Piece } from './array-cutter.js';
import { JsonOutline } from './outline.js';
import { type Position, skipSpace } from './position.js';

export interface ArrayDocumentOptions {
  /** Where the array is, told by the document's first byte that is not white space. */
  readonly pathOf: (first: number) => readonly string[];
  /** The offset in the file of the first byte: 3 after a byte order mark. */
  readonly firstOffset?: number;
  readonly maxElementBytes: number;
  /** Takes the bytes around the elements, the array's brackets among them. They are only valid during the call. */
  readonly around?: (bytes: Buffer) => void;
}

/** A JSON document in pieces, of which one array is cut into its elements. Strict about everything around them. */
export class ArrayDocument {
  readonly position: Position;
  readonly cutter: ArrayCutter;
  readonly #pathOf: ArrayDocumentOptions['pathOf'];
  readonly #around: ((bytes: Buffer) => void) | undefined;
  #outline: JsonOutline | undefined;

  constructor(options: ArrayDocumentOptions, sink: ElementSink) {
    this.position = { base: options.firstOffset ?? 0, line: 1 };
    this.cutter = new ArrayCutter(this.position, options.maxElementBytes, sink);
    this.#pathOf = options.pathOf;
    this.#around = options.around;
  }

  /** undefined as long as there is nothing but white space. */
  get outline(): JsonOutline | undefined {
    return this.#outline;
  }

  /** True while the elements are being read. */
  get isInArray(): boolean {
    return this.#outline?.state === 'target';
  }

  /** True when the document is complete, and has no such array. */
  get isWithoutArray(): boolean {
    return this.#outline?.state === 'done' && !this.#outline.found;
  }

  /** Takes whole characters of UTF-8, up to the end of a document without the array. Throws a JsonProblem. */
  take(piece: Piece): void {
    let at = this.#outline === undefined ? this.#start(piece.bytes) : 0;
    while (this.#outline !== undefined && at < piece.bytes.length && !this.isWithoutArray) {
      at = this.#outline.state === 'target' ? this.#cut(piece, at) : this.#walk(piece.bytes, at);
    }
    this.position.base += piece.bytes.length;
  }

  #start(bytes: Buffer): number {
    const at = skipSpace(bytes, this.position);
    if (at < bytes.length) this.#outline = new JsonOutline(this.#pathOf(bytes[at] as number), this.position);
    return at;
  }

  #walk(bytes: Buffer, from: number): number {
    const at = this.#outline?.walk(bytes, from) ?? from;
    this.#around?.(bytes.subarray(from, at));
    return at;
  }

  #cut(piece: Piece, from: number): number {
    const at = this.cutter.cut(piece, from);
    if (!this.cutter.isClosed) return at;
    this.#around?.(piece.bytes.subarray(at - 1, at));
    this.#outline?.leaveTarget();
    return at;
  }
}
