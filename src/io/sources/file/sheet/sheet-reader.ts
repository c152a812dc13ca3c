/** CSV and TSV: the first row names the fields, every other row is a record. */

import type { FieldOptions } from '../../../../core/cases/record.js';
import { InputError } from '../../../../errors.js';
import { type ChunkReader, MAX_RECORD_BYTES, type RecordSink, TOO_LARGE } from '../record-sink.js';
import { Columns } from './columns.js';
import { refuseOtherText } from './other-forms.js';
import { RowCutter, type RowSink } from './row-cutter.js';
import { type FoundStart, SheetStart } from './sheet-start.js';
import { decodingOf, type Encoding, type PieceDecoder } from './piece-decoder.js';

export interface SheetOptions extends FieldOptions {
  /** The file in messages. */
  readonly name: string;
  /** Found in the header row when absent. */
  readonly delimiter?: string | undefined;
  /** For a file without a byte order mark; default UTF-8. */
  readonly encoding?: Encoding | undefined;
}

const BEHIND_QUOTE = 'text behind a closing quote; a quote in a quoted cell is written twice';

/** A row that makes no record is a broken one; what puts the rows after it in doubt ends the reading. */
export class SheetReader implements ChunkReader, RowSink {
  readonly #options: SheetOptions;
  readonly #sink: RecordSink;
  readonly #start: SheetStart;
  #decoder: PieceDecoder | undefined;
  #rows: RowCutter | undefined;
  #columns: Columns | undefined;

  constructor(options: SheetOptions, sink: RecordSink) {
    this.#options = options;
    this.#sink = sink;
    this.#start = new SheetStart(options.delimiter, MAX_RECORD_BYTES);
  }

  /** The first chunk has at least three bytes, unless the file is shorter. */
  push(chunk: Buffer): void {
    const { text, isBad } = this.#decode(chunk);
    this.#take(text);
    if (isBad) throw this.#notDecoded();
  }

  end(): void {
    if (this.#decoder?.isTorn) throw this.#notDecoded();
    if (this.#rows === undefined) this.#begin(this.#start.end());
    this.#rows?.end();
    if (this.#columns !== undefined) return;
    throw new InputError(`${this.#options.name} is empty; expected a row with the names of the columns`);
  }

  /** Called by the row cutter, as are the next two methods. */
  row(cells: readonly string[], line: number, isBroken: boolean): void {
    if (isBlank(cells)) return;
    if (this.#columns === undefined) this.#readHeader(cells, line, isBroken);
    else if (isBroken) this.#sink.broken(BEHIND_QUOTE, line);
    else this.#record(cells, line, this.#columns);
  }

  tooLong(line: number): never {
    throw new InputError(`${this.#options.name}: the row that begins on line ${line} is larger than 16 MiB`, {
      hint: 'a quote that is opened there and never closed makes one cell of all that follows',
    });
  }

  neverClosed(quoteLine: number): never {
    throw new InputError(`${this.#options.name}: a quote that is opened on line ${quoteLine} is never closed`, {
      hint: 'close it, or get the file again if it is cut off; a quote in a quoted cell is written twice',
    });
  }

  #decode(chunk: Buffer): { readonly text: string; readonly isBad: boolean } {
    if (this.#decoder !== undefined) return this.#decoder.next(chunk);
    const { decoder, markBytes } = decodingOf(chunk, this.#options.encoding);
    this.#decoder = decoder;
    return decoder.next(chunk.subarray(markBytes));
  }

  #take(text: string): void {
    if (this.#rows !== undefined) return this.#rows.push(text);
    const found = this.#start.push(text);
    if (found !== undefined) this.#begin(found);
  }

  #begin({ delimiter, text, line, header }: FoundStart): void {
    refuseOtherText(header, this.#options.name);
    this.#rows = new RowCutter({ delimiter, maxLength: MAX_RECORD_BYTES, line }, this);
    this.#rows.push(text);
  }

  #readHeader(cells: readonly string[], line: number, isBroken: boolean): void {
    const { name } = this.#options;
    if (isBroken) throw new InputError(`${name}: the header has ${BEHIND_QUOTE} (line ${line})`);
    this.#columns = new Columns(cells, this.#options, { name, line });
  }

  #record(cells: readonly string[], line: number, columns: Columns): void {
    if (cells.length > columns.count) {
      this.#sink.broken(`${cells.length} cells, and the header has ${columns.count}`, line);
      return;
    }
    if (cells.length < columns.count) this.#sink.shortRow?.();
    const text = columns.json(cells);
    // At most three bytes a character: nearly every row is small without counting.
    if (text.length * 3 > MAX_RECORD_BYTES && Buffer.byteLength(text) > MAX_RECORD_BYTES) this.#large(cells, line);
    // Parsed rather than put together, so that nothing of a record keeps the chunk in memory that it was cut from.
    else this.#sink.record(JSON.parse(text), text, line);
  }

  /** A row that is too large ends the reading; one that is so only as JSON, with its escapes, is a broken record. */
  #large(cells: readonly string[], line: number): void {
    if (Buffer.byteLength(cells.join(',')) > MAX_RECORD_BYTES) this.tooLong(line);
    this.#sink.broken(`${TOO_LARGE} as JSON`, line);
  }

  #notDecoded(): InputError {
    const line = this.#rows?.line ?? this.#start.lastLine;
    if (this.#decoder?.name === 'UTF-8') {
      return new InputError(`${this.#options.name} is not UTF-8 (line ${line})`, {
        hint: '--encoding windows-1252 reads what older programs write',
      });
    }
    return new InputError(`${this.#options.name} is cut off in the middle of a character (line ${line})`, {
      hint: 'get the file again',
    });
  }
}

/** No cell has a text: a spreadsheet writes a row without content so. */
function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell === '' || (cell.charCodeAt(0) <= 0x20 && cell.trim() === ''));
}
