/** Finding out from its beginning whether a file is NDJSON or one JSON document. */

import { isSpace, OPEN_ARRAY, OPEN_OBJECT } from '../../../json/bytes.js';
import { type FieldOptions, RecordShape } from '../../../core/cases/record.js';
import { isObject } from '../../../json/text.js';
import { pointerTokens } from '../../../json/pointer.js';
import { DEFAULT_PATH } from './json-document.js';
import { JsonProblem, skipSpace } from '../../../json/position.js';
import { JsonOutline } from '../../../json/outline.js';
import { MAX_RECORD_BYTES } from './record-sink.js';

/** What a reader is there for. */
export type Form = 'ndjson' | 'document' | 'csv' | 'tsv';

export interface ProbeOptions extends FieldOptions {
  /** JSON pointer to the array of records in a document; ignored when the file is NDJSON. */
  readonly root?: string | undefined;
}

/**
 * `[` begins a document. `{` does when the object has the array that is looked for (at the root, else `cases`), or is
 * spread over several lines, or is larger than a record may be. One that stands alone on its line does too when it is no
 * record, as it has no id, but something that records may be in: an array of objects, or a root was named. Else it is the
 * first line of NDJSON, as is anything else.
 */
export class FormProbe {
  readonly #path: readonly string[];
  readonly #position = { base: 0, line: 1 };
  #outline: JsonOutline | undefined;
  #firstLine = 1;
  readonly #root: string | undefined;
  readonly #shape: RecordShape;
  readonly #content: () => Buffer;
  /** A single line that is a document without the wanted array, unless more lines follow. */
  #isPartWay = false;

  /** `content` gives all bytes so far, including those being pushed. */
  constructor(options: ProbeOptions, content: () => Buffer) {
    this.#root = options.root;
    this.#shape = new RecordShape(options);
    this.#content = content;
    this.#path = (options.root === undefined ? undefined : pointerTokens(options.root)) ?? DEFAULT_PATH;
  }

  /** Takes the next bytes; returns undefined while the form is undecided. */
  push(bytes: Buffer): Form | undefined {
    const form = this.#formAfter(bytes);
    this.#position.base += bytes.length;
    if (form !== undefined || this.#position.base <= MAX_RECORD_BYTES) return form;
    return this.#outline === undefined ? 'ndjson' : 'document';
  }

  /** The form of a file that ends while it is undecided: empty, or truncated. */
  end(): Form {
    if (this.#isPartWay) return 'document';
    return this.#outline !== undefined && this.#position.line > this.#firstLine ? 'document' : 'ndjson';
  }

  #formAfter(bytes: Buffer): Form | undefined {
    if (this.#isPartWay) return this.#rest(bytes, 0);
    return this.#outline === undefined ? this.#start(bytes) : this.#walk(bytes, 0);
  }

  #start(bytes: Buffer): Form | undefined {
    const at = skipSpace(bytes, this.#position);
    if (at === bytes.length) return undefined;
    if (bytes[at] === OPEN_ARRAY) return 'document';
    if (bytes[at] !== OPEN_OBJECT) return 'ndjson';
    this.#firstLine = this.#position.line;
    this.#outline = new JsonOutline(this.#path, this.#position);
    return this.#walk(bytes, at);
  }

  #walk(bytes: Buffer, from: number): Form | undefined {
    const outline = this.#outline as JsonOutline;
    let at: number;
    try {
      at = outline.walk(bytes, from);
    } catch (error) {
      if (!(error instanceof JsonProblem)) throw error;
      // Not an object: the NDJSON reader refuses the line.
      return error.offset > MAX_RECORD_BYTES ? 'document' : 'ndjson';
    }
    if (outline.found || (outline.state === 'done' && this.#position.line > this.#firstLine)) return 'document';
    if (outline.state !== 'done') return undefined;
    if (this.#position.base + at > MAX_RECORD_BYTES) return 'document';
    if (outline.seen.depth === 0 && !this.#isNoRecord(this.#position.base + at)) return 'ndjson';
    this.#isPartWay = true;
    return this.#rest(bytes, at);
  }

  /** Whether the object that ends here is no record itself but contains the records. */
  #isNoRecord(end: number): boolean {
    const value: unknown = JSON.parse(this.#content().toString('utf8', 0, end));
    if (!isObject(value) || this.#shape.hasId(value)) return false;
    return (
      this.#root !== undefined || Object.values(value).some((member) => Array.isArray(member) && isObject(member[0]))
    );
  }

  #rest(bytes: Buffer, from: number): Form | undefined {
    return bytes.subarray(from).every(isSpace) ? undefined : 'ndjson';
  }
}
