/** Text that arrives in pieces, cut into the rows and cells of a spreadsheet (RFC 4180), each with its line. */

import { CARRIAGE_RETURN, LINE_FEED, QUOTE } from '../../../../json/bytes.js';

/** Receives rows in order, blank ones included. */
export interface RowSink {
  /** `line`, from 1, is where the row begins. `isBroken`: there is text behind a closing quote in it. */
  row(cells: readonly string[], line: number, isBroken: boolean): void;
  /** A row of more than `maxLength` characters; must throw. */
  tooLong(line: number): never;
  /** The text ends inside a quote that was opened on this line; must throw. */
  neverClosed(quoteLine: number): never;
}

export interface RowCutterOptions {
  /** One UTF-16 unit. */
  readonly delimiter: string;
  /** The longest row, in UTF-16 units, quotes and delimiters included. */
  readonly maxLength: number;
  /** The number of the first line. */
  readonly line: number;
}

/** Where in a cell the cutter stands: `closed` is behind a quote that ends the cell, unless another one follows. */
type Place = 'start' | 'plain' | 'quoted' | 'closed';

/**
 * A row ends at a line feed, a carriage return, or both; a quote that is not the first character of its cell is text.
 * Always makes the same of a text, however it is cut into pieces.
 */
export class RowCutter {
  readonly #delimiter: number;
  readonly #maxLength: number;
  readonly #sink: RowSink;
  #place: Place = 'start';
  #cells: string[] = [];
  /** The beginning of the cell, from earlier pieces or before a quote. */
  #cell = '';
  #isBroken = false;
  #line: number;
  #rowLine: number;
  #quoteLine = 0;
  /** The row so far was in earlier pieces: how long that is. */
  #carried = 0;
  /** Where the row begins in this piece. */
  #rowFrom = 0;
  /** The character before was a carriage return, which a line feed may belong to. */
  #afterReturn = false;

  constructor({ delimiter, maxLength, line }: RowCutterOptions, sink: RowSink) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#maxLength = maxLength;
    this.#sink = sink;
    this.#line = line;
    this.#rowLine = line;
  }

  /** The line that the text has come to. */
  get line(): number {
    return this.#line;
  }

  push(text: string): void {
    this.#rowFrom = 0;
    let at = 0;
    while (at < text.length) {
      if (this.#place === 'quoted') at = this.#quoted(text, at);
      else if (this.#place === 'closed') at = this.#behindQuote(text, at);
      else at = this.#plain(text, at);
    }
    this.#carried += text.length - this.#rowFrom;
    if (this.#carried > this.#maxLength) this.#sink.tooLong(this.#rowLine);
  }

  /** Ends the text: a last row needs no line break. */
  end(): void {
    if (this.#place === 'quoted') this.#sink.neverClosed(this.#quoteLine);
    if (this.#place === 'start' && this.#cells.length === 0) return;
    this.#endCell();
    this.#sink.row(this.#cells, this.#rowLine, this.#isBroken);
  }

  /** Outside of quotes; each of these three gives where to go on. */
  #plain(text: string, from: number): number {
    if (this.#place === 'start') {
      if (this.#afterReturn) return this.#afterRow(text, from);
      if (text.charCodeAt(from) === QUOTE) return this.#openQuote(from);
    }
    const delimiter = this.#delimiter;
    for (let at = from; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char !== delimiter && char !== LINE_FEED && char !== CARRIAGE_RETURN) continue;
      this.#cell = this.#cell === '' ? text.slice(from, at) : this.#cell + text.slice(from, at);
      return this.#end(char, at);
    }
    this.#cell += text.slice(from);
    this.#place = 'plain';
    return text.length;
  }

  #openQuote(at: number): number {
    this.#place = 'quoted';
    this.#quoteLine = this.#line;
    return at + 1;
  }

  #quoted(text: string, from: number): number {
    const close = text.indexOf('"', from);
    const part = text.slice(from, close === -1 ? text.length : close);
    this.#cell = this.#cell === '' ? part : this.#cell + part;
    this.#countLines(part);
    if (close === -1) return text.length;
    this.#afterReturn = false;
    this.#place = 'closed';
    return close + 1;
  }

  #behindQuote(text: string, at: number): number {
    const char = text.charCodeAt(at);
    if (char === this.#delimiter || char === LINE_FEED || char === CARRIAGE_RETURN) return this.#end(char, at);
    if (char === QUOTE) {
      this.#cell += '"';
      this.#place = 'quoted';
      return at + 1;
    }
    this.#isBroken = true;
    this.#place = 'plain';
    return at;
  }

  /** Ends the cell, and the row unless a delimiter does it. */
  #end(char: number, at: number): number {
    this.#endCell();
    if (char !== this.#delimiter) this.#endRow(char, at);
    return at + 1;
  }

  #endCell(): void {
    this.#cells.push(this.#cell);
    this.#cell = '';
    this.#place = 'start';
  }

  #endRow(char: number, at: number): void {
    if (this.#carried + at - this.#rowFrom > this.#maxLength) this.#sink.tooLong(this.#rowLine);
    const cells = this.#cells;
    const isBroken = this.#isBroken;
    const line = this.#rowLine;
    this.#cells = [];
    this.#isBroken = false;
    this.#rowLine = ++this.#line;
    this.#carried = 0;
    this.#rowFrom = at + 1;
    this.#afterReturn = char === CARRIAGE_RETURN;
    this.#sink.row(cells, line, isBroken);
  }

  /** The beginning of the next row, behind the line feed that belongs to a carriage return. */
  #afterRow(text: string, from: number): number {
    this.#afterReturn = false;
    if (text.charCodeAt(from) !== LINE_FEED) return from;
    this.#rowFrom = from + 1;
    return from + 1;
  }

  #countLines(part: string): void {
    if (!this.#afterReturn && !/[\r\n]/.test(part)) return;
    for (let at = 0; at < part.length; at++) {
      const char = part.charCodeAt(at);
      if (char === CARRIAGE_RETURN || (char === LINE_FEED && !this.#afterReturn)) this.#line++;
      this.#afterReturn = char === CARRIAGE_RETURN;
    }
  }
}
