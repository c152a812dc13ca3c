import type { OutputStream } from '../../src/host.js';

interface Row {
  text: string;
  /** True when the line goes on in the next row because it was too long. */
  wrapped: boolean;
}

// oxlint-disable-next-line no-control-regex
const TOKEN = /\u001b\[(\d*)([A-Za-z])|[\r\n]|[^\u001b\r\n]/gu;

/** A terminal: text, line breaks, cursor up, clear below; long lines wrap, and wrap anew when it is resized. */
export class Screen implements OutputStream {
  readonly isTTY = true;
  /** Each write as it came. */
  readonly writes: string[] = [];
  columns: number;
  #rows: Row[] = [{ text: '', wrapped: false }];
  #row = 0;
  #column = 0;

  constructor(columns = 100) {
    this.columns = columns;
  }

  /** What stands on the screen, scrolled-out lines included. */
  get lines(): string[] {
    const lines = this.#rows.map(({ text }) => text.trimEnd());
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  }

  write(text: string | Uint8Array): Promise<void> {
    this.writes.push(String(text));
    for (const [token, count, command] of String(text).matchAll(TOKEN)) this.#take(token, Number(count || 1), command);
    return Promise.resolve();
  }

  resize(columns: number): void {
    const lines = this.#rows.map(({ text, wrapped }) => (wrapped ? text : `${text}\n`)).join('');
    this.columns = columns;
    this.#rows = [{ text: '', wrapped: false }];
    this.#row = this.#column = 0;
    for (const token of lines.slice(0, -1)) this.#take(token, 1, undefined);
  }

  #take(token: string, count: number, command: string | undefined): void {
    if (command === 'A') this.#row = Math.max(0, this.#row - count);
    else if (command === 'J') this.#clearBelow();
    else if (command !== undefined && command !== 'm') throw new Error(`the screen does not know ESC [ ${command}`);
    else if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#newRow(false);
    else if (command === undefined) this.#put(token);
  }

  #put(character: string): void {
    if (this.#column >= this.columns) this.#newRow(true);
    const row = this.#current();
    const before = row.text.slice(0, this.#column).padEnd(this.#column);
    row.text = before + character + row.text.slice(this.#column + 1);
    this.#column += 1;
  }

  #newRow(wrapped: boolean): void {
    this.#current().wrapped = wrapped;
    this.#row += 1;
    this.#column = 0;
    if (this.#row === this.#rows.length) this.#rows.push({ text: '', wrapped: false });
  }

  #clearBelow(): void {
    this.#rows.length = this.#row + 1;
    this.#current().text = this.#current().text.slice(0, this.#column);
  }

  #current(): Row {
    return this.#rows[this.#row] as Row;
  }
}
