/** What a terminal would show: text with colours and the few cursor movements that the progress display uses. */

import { displayWidth } from '../src/text/printable.js';

/** A run of text in one colour. */
export interface Span {
  readonly column: number;
  readonly text: string;
  /** SGR codes in force: 1 bold, 2 dim, 31 red and so on. */
  readonly codes: readonly number[];
}

// oxlint-disable-next-line no-control-regex
const SEQUENCE = /\u001b\[(\d*)([A-Za-z])|\u001b\[[0-9;?]*[A-Za-z]|\r|\n/g;

export class TerminalScreen {
  #lines: string[] = [''];
  #row = 0;

  /** The lines so far, colour sequences included. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  write(text: string): void {
    let at = 0;
    for (const match of text.matchAll(SEQUENCE)) {
      this.#put(text.slice(at, match.index));
      at = match.index + match[0].length;
      this.#control(match[0], Number(match[1] || 1), match[2]);
    }
    this.#put(text.slice(at));
  }

  #put(text: string): void {
    this.#lines[this.#row] = (this.#lines[this.#row] ?? '') + text;
  }

  #control(sequence: string, count: number, letter: string | undefined): void {
    if (sequence === '\n') this.#lines[++this.#row] ??= '';
    else if (letter === 'm') this.#put(sequence);
    else if (letter === 'A') this.#row = Math.max(0, this.#row - count);
    else if (letter === 'J') {
      this.#lines.length = this.#row;
      this.#lines.push('');
    }
  }
}

/** Cuts a line into runs of one colour. */
export function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let codes: number[] = [];
  let column = 0;
  // oxlint-disable-next-line no-control-regex
  for (const piece of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (piece.startsWith('\u001b')) codes = nextCodes(codes, piece);
    else if (piece !== '') {
      spans.push({ column, text: piece, codes });
      column += displayWidth(piece);
    }
  }
  return spans;
}

function nextCodes(codes: readonly number[], sequence: string): number[] {
  const given = sequence.slice(2, -1).split(';').map(Number);
  const reset = given.lastIndexOf(0);
  return reset === -1 ? [...codes, ...given] : given.slice(reset + 1);
}
