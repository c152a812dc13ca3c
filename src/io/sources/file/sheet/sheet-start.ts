/** The beginning of a spreadsheet file: a `sep=` line, and the delimiter that the header row has. */

import { CARRIAGE_RETURN, LINE_FEED, QUOTE } from '../../../../json/bytes.js';

/** What may be found as a delimiter; of equally frequent ones the first. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;

export interface FoundStart {
  readonly delimiter: string;
  /** The text from `line` on, as far as it has come. */
  readonly text: string;
  readonly line: number;
  /** The header row, to judge what kind of file it is. */
  readonly header: string;
}

// Excel writes it for itself, and with quotes when it has read and saved it.
const SEPARATOR_LINE = /^"?sep=(.)"?[ \t,;|]*(?:\r\n?|\n|$)/i;

/** Holds the text back until the header row is whole, or longer than a row may be. */
export class SheetStart {
  readonly #asked: string | undefined;
  readonly #maxLength: number;
  #text = '';
  #separator: string | undefined;
  #line: number | undefined;
  #scan = new HeaderScan();

  /** `asked` is the delimiter where it need not be found. */
  constructor(asked: string | undefined, maxLength: number) {
    this.#asked = asked;
    this.#maxLength = maxLength;
  }

  /** The line in which the text that is held back ends. */
  get lastLine(): number {
    return (this.#line ?? 1) + this.#text.split(/\r\n?|\n/).length - 1;
  }

  /** undefined as long as more text is needed. */
  push(text: string): FoundStart | undefined {
    this.#text += text;
    if (this.#line === undefined && !this.#takeSeparator()) return undefined;
    const end = this.#scan.endOf(this.#text);
    return end === -1 && this.#text.length <= this.#maxLength ? undefined : this.#found(end);
  }

  /** The file ends here. */
  end(): FoundStart {
    if (this.#line === undefined) this.#cutSeparator();
    return this.#found(this.#scan.endOf(this.#text));
  }

  /** False while the first line may be a `sep=` line, or the line feed that belongs to it may be missing. */
  #takeSeparator(): boolean {
    if (/^"?(?:s|$)/i.test(this.#text) && !/[\r\n]./s.test(this.#text) && this.#text.length < LONGEST_SEPARATOR_LINE) {
      return false;
    }
    this.#cutSeparator();
    return true;
  }

  #cutSeparator(): void {
    const [whole = '', separator] = SEPARATOR_LINE.exec(this.#text) ?? [];
    this.#separator = separator;
    this.#text = this.#text.slice(whole.length);
    this.#line = separator === undefined ? 1 : 2;
  }

  #found(end: number): FoundStart {
    const text = this.#text;
    const delimiter = this.#asked ?? this.#separator ?? this.#scan.mostFrequent;
    return { delimiter, text, line: this.#line ?? 1, header: end === -1 ? text : text.slice(0, end) };
  }
}

const LONGEST_SEPARATOR_LINE = 200;

/** Counts the delimiters outside of quotes up to the end of the first row that is not blank. */
class HeaderScan {
  readonly #counts = DELIMITERS.map(() => 0);
  #at = 0;
  #place: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  #isBlank = true;

  get mostFrequent(): string {
    const most = Math.max(...this.#counts);
    return DELIMITERS[this.#counts.indexOf(most)] ?? DELIMITERS[0];
  }

  /** The offset behind the header row; -1 when the text, which has grown since the last call, does not have all of it. */
  endOf(text: string): number {
    for (; this.#at < text.length; this.#at++) {
      const char = text.charCodeAt(this.#at);
      if ((char === LINE_FEED || char === CARRIAGE_RETURN) && this.#place !== 'quoted') {
        if (!this.#isBlank) return this.#at;
        this.#counts.fill(0);
        this.#place = 'start';
      } else this.#step(char, text.charAt(this.#at));
    }
    return -1;
  }

  #step(char: number, text: string): void {
    if (char === QUOTE && this.#place !== 'plain') {
      this.#place = this.#place === 'quoted' ? 'closed' : 'quoted';
      this.#isBlank = false;
      return;
    }
    if (this.#place === 'quoted') return;
    const delimiter = (DELIMITERS as readonly string[]).indexOf(text);
    if (delimiter !== -1) this.#counts[delimiter] = (this.#counts[delimiter] ?? 0) + 1;
    else if (char > 0x20) this.#isBlank = false;
    this.#place = delimiter === -1 ? 'plain' : 'start';
  }
}
