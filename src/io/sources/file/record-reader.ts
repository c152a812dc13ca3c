/** Bytes to records: pure, and the same however the bytes are cut. */

import { InputError } from '../../../errors.js';
import { markLength } from '../../../json/utf8.js';
import { caseFormByEnding } from '../../../text/file-endings.js';
import { FormProbe } from './form-probe.js';
import type { Form, ProbeOptions } from './form-probe.js';
import { DocumentReader } from './json-document.js';
import { NdjsonReader } from './ndjson.js';
import type { ChunkReader, RecordSink } from './record-sink.js';

export interface ReaderOptions extends ProbeOptions {
  /** The file in messages. */
  readonly name: string;
  /** Detected from the content when absent. */
  readonly form?: Form | undefined;
}

/** The form implied by a file's name; undefined when it must be detected from the content. */
export function formOf(path: string): Form | undefined {
  const form = caseFormByEnding(path);
  return form === 'json' ? 'document' : form;
}

/** Reads one file: strips the byte order mark, detects the form, and delegates to the reader of that form. */
export class RecordReader implements ChunkReader {
  readonly #options: ReaderOptions;
  readonly #sink: RecordSink;
  #form: Form | undefined;
  #reader: ChunkReader | undefined;
  #probe: FormProbe | undefined;
  /** Bytes received before the form was known. */
  #held: Buffer[] = [];
  #markBytes = 0;

  constructor(options: ReaderOptions, sink: RecordSink) {
    this.#options = options;
    this.#sink = sink;
  }

  /** Whether the records' `at` is a line or an index. Known from the first record on. */
  get unit(): 'line' | 'index' {
    return this.#form === 'document' ? 'index' : 'line';
  }

  push(chunk: Buffer): void {
    if (this.#reader !== undefined) return this.#reader.push(chunk);
    this.#held.push(Buffer.from(chunk));
    if (this.#probe !== undefined) return this.#choose(this.#probe.push(chunk));
    const start = Buffer.concat(this.#held);
    if (start.length >= bytesToJudge(start)) this.#begin(start);
  }

  end(): void {
    if (this.#reader === undefined && this.#probe === undefined) this.#begin(Buffer.concat(this.#held));
    if (this.#reader === undefined) this.#choose(this.#probe?.end());
    this.#reader?.end();
  }

  #begin(start: Buffer): void {
    if (isUtf16(start)) {
      const hint = 'iconv -f UTF-16 -t UTF-8 FILE > cases.json';
      throw new InputError(`${this.#options.name} is UTF-16; expected UTF-8`, { hint });
    }
    this.#markBytes = markLength(start);
    const content = start.subarray(this.#markBytes);
    this.#held = [content];
    if (this.#options.form !== undefined) return this.#choose(this.#options.form);
    this.#probe = new FormProbe(this.#options, () => Buffer.concat(this.#held));
    this.#choose(this.#probe.push(content));
  }

  #choose(form: Form | undefined): void {
    if (form === undefined) return;
    const { name, root } = this.#options;
    this.#form = form;
    this.#reader =
      form === 'ndjson'
        ? new NdjsonReader(name, this.#sink)
        : new DocumentReader({ name, root, firstOffset: this.#markBytes }, this.#sink);
    const held = this.#held;
    this.#held = [];
    for (const piece of held) this.#reader.push(piece);
  }
}

/** How many bytes are needed to recognise a byte order mark. */
function bytesToJudge(start: Buffer): number {
  return start[0] === 0xef && start[1] === 0xbb ? 3 : 2;
}

/** Recognises UTF-16 by its byte order mark, or by a NUL byte, which every ASCII character has in it. */
function isUtf16([first, second]: Uint8Array): boolean {
  const isMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isMark || (second !== undefined && (first === 0) !== (second === 0));
}
