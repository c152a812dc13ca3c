/** The first lines of an NDJSON file that are not JSON: held back until it is clear that the file is not CSV. */

/** A line that cannot be read, and why. */
export interface BrokenLine {
  readonly problem: string;
  readonly number: number;
}

/** So many lines in a row, none of them JSON, decide. */
const ENOUGH = 10;
const LONGEST_NAME = 60;
const LONGEST_HEADER = 64 * 1024;
const DELIMITERS = [',', ';', '\t', '|'] as const;

export class FirstLines {
  readonly #lines: BrokenLine[] = [];
  /** What divides the names in the first line; undefined when it is no header. */
  #delimiter: string | undefined;
  /** How many of the lines below it have that delimiter. */
  #divided = 0;

  add(text: string, line: BrokenLine): void {
    if (this.#lines.length === 0) this.#delimiter = delimiterOf(text);
    else this.#divided += this.#isDivided(text);
    this.#lines.push(line);
  }

  /** True when no more lines are needed to decide. */
  get isDecided(): boolean {
    return this.#lines.length >= ENOUGH || this.#delimiter === undefined;
  }

  get lines(): readonly BrokenLine[] {
    return this.#lines;
  }

  /** Whether the lines, and a last one without a line break, are a header and, most of them, rows. */
  looksLikeCsv(last?: string): boolean {
    if (this.#delimiter === undefined) return false;
    const rows = this.#lines.length - 1 + (last === undefined ? 0 : 1);
    const divided = this.#divided + (last === undefined ? 0 : this.#isDivided(last));
    return rows > 0 && divided * 2 >= rows;
  }

  #isDivided(text: string): number {
    return this.#delimiter !== undefined && text.includes(this.#delimiter) ? 1 : 0;
  }
}

function delimiterOf(header: string): string | undefined {
  if (header.length > LONGEST_HEADER || /^\s*[[{<]/.test(header)) return undefined;
  return DELIMITERS.find((delimiter) => {
    const names = header.split(delimiter).map((name) => name.trim());
    return names.length > 1 && names.every(isName) && new Set(names).size === names.length;
  });
}

function isName(text: string): boolean {
  return text !== '' && text.length <= LONGEST_NAME;
}
