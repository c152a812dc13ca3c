/** Bytes to records: pure, and the same however the bytes are cut. */

import { InputError } from '../../../errors.js';
import { hasUtf16Mark, isUtf16, markLength } from '../../../json/utf8.js';
import { type CaseForm, caseFormByEnding } from '../../../text/file-endings.js';
import { LineCounter } from './line-counter.js';
import { FormProbe } from './form-probe.js';
import type { Form, ProbeOptions } from './form-probe.js';
import { DocumentReader } from './json-document.js';
import { NdjsonReader } from './ndjson.js';
import type { ChunkReader, RecordSink } from './record-sink.js';
import { bytesForBinary, refuseBinary } from './sheet/other-forms.js';
import type { SheetOptions, SheetReader } from './sheet/sheet-reader.js';

export interface ReaderOptions extends ProbeOptions, Pick<SheetOptions, 'delimiter' | 'encoding'> {
  /** The file in messages. */
  readonly name: string;
  /** Detected from the content when absent. */
  readonly form?: Form | undefined;
  /** The reader of CSV and TSV, which is loaded where the form is one of these. */
  readonly sheet?: typeof SheetReader | undefined;
  /** How many records there are is all that is wanted: those of NDJSON are not parsed. */
  readonly numberOnly?: boolean | undefined;
}

/** The form of a file: the one that was asked for, else what its name tells; undefined when the content must tell. */
export function formOf(path: string, asked: CaseForm | 'auto' = 'auto'): Form | undefined {
  const form = asked === 'auto' ? caseFormByEnding(path) : asked;
  return form === 'json' ? 'document' : form;
}

/** True for a form that `ReaderOptions.sheet` is needed for. */
export function isSheet(form: Form | undefined): boolean {
  return form === 'csv' || form === 'tsv';
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
    const { name, form } = this.#options;
    refuseBinary(start, name);
    if (isUtf16(start) && !this.#readsUtf16(start)) throw utf16(name, form);
    // A spreadsheet's reader looks at the mark itself: it tells the encoding.
    this.#markBytes = isSheet(form) ? 0 : markLength(start);
    const content = start.subarray(this.#markBytes);
    this.#held = [content];
    if (form !== undefined) return this.#choose(form);
    this.#probe = new FormProbe(this.#options, () => Buffer.concat(this.#held));
    this.#choose(this.#probe.push(content));
  }

  #readsUtf16(start: Buffer): boolean {
    const { form, encoding } = this.#options;
    return isSheet(form) && (hasUtf16Mark(start) || encoding === 'utf-16' || encoding === 'windows-1252');
  }

  #choose(form: Form | undefined): void {
    if (form === undefined) return;
    this.#form = form;
    this.#reader = this.#readerOf(form);
    const held = this.#held;
    this.#held = [];
    for (const piece of held) this.#reader.push(piece);
  }

  #readerOf(form: Form): ChunkReader {
    const { name, root, sheet: Sheet, numberOnly } = this.#options;
    if (form === 'ndjson' && numberOnly) return new LineCounter(this.#sink);
    if (form === 'ndjson') return new NdjsonReader(name, this.#sink);
    if (form === 'document') return new DocumentReader({ name, root, firstOffset: this.#markBytes }, this.#sink);
    if (Sheet === undefined) throw new Error('the reader of spreadsheets was not loaded');
    const delimiter = this.#options.delimiter ?? (form === 'tsv' ? '\t' : undefined);
    return new Sheet({ ...this.#options, delimiter }, this.#sink);
  }
}

function utf16(name: string, form: Form | undefined): InputError {
  if (isSheet(form)) {
    return new InputError(`${name} is UTF-16 without a byte order mark`, { hint: '--encoding utf-16' });
  }
  const sheet = form === undefined ? '\na spreadsheet is read as it is: --input-format csv (or tsv)' : '';
  return new InputError(`${name} is UTF-16; expected UTF-8`, {
    hint: `iconv -f UTF-16 -t UTF-8 FILE > cases.json${sheet}`,
  });
}

/** How many bytes are needed to recognise a byte order mark, or a file that is no text. */
function bytesToJudge(start: Buffer): number {
  return Math.max(start[0] === 0xef && start[1] === 0xbb ? 3 : 2, bytesForBinary(start));
}
