/** Progress on stderr: live lines on a terminal, a plain line every ten seconds elsewhere. Never blocks or fails the run. */

import type { Clock, Timer } from '../../core/ports.js';
import type { OutputStream } from '../../host.js';
import type { RunState } from '../../core/results/run-state.js';
import { plainLine, progressFrame } from '../../report/terminal/progress.js';
import { fitStyled, type Style, styledWidth, understandsEscapes } from '../../text/style.js';

export type ProgressMode = 'tty' | 'plain' | 'none';

export interface ProgressOptions {
  readonly stream: OutputStream;
  readonly clock: Clock;
  readonly mode: ProgressMode;
  readonly style: Style;
  readonly read: () => RunState;
  /** The line of `plain` mode, for instance as JSON. Default `plainLine`. */
  readonly line?: (state: RunState) => string;
}

const REDRAW_MS = 100;
const PLAIN_MS = 10_000;
const FAILURES_A_SECOND = 20;
const MOST_WAITING_LINES = 1000;
const DEFAULT_COLUMNS = 80;

/** The mode for `--progress`: `auto` is live lines on a capable terminal outside CI; else plain ones. */
export function progressMode(
  flag: 'auto' | ProgressMode,
  { isTTY, env }: { readonly isTTY: boolean; readonly env: Readonly<Record<string, string | undefined>> },
): ProgressMode {
  if (flag !== 'auto') return flag;
  const ci = !['', 'false', '0'].includes(env['CI'] ?? '');
  return isTTY && !ci && understandsEscapes(env) ? 'tty' : 'plain';
}

/**
 * Draws at most ten times a second, one write at a time; frames are skipped while the stream's buffer is full. Nothing
 * here rejects: once stderr is closed, it is silent.
 */
export class ProgressDisplay {
  readonly #options: ProgressOptions;
  #timer: Timer | undefined;
  #live = false;
  /** True once permanent lines were written, which an empty line separates from what follows. */
  #hasLines = false;
  /** The live lines on the screen, including the empty line above them. */
  #drawn: readonly string[] = [];
  #waiting: string[] = [];
  #unshown = 0;
  #writing: Promise<void> | undefined;
  #gone = false;
  #second = Number.NEGATIVE_INFINITY;
  #failuresInSecond = 0;
  #failuresLeftOut = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** True while there are live lines on the screen. */
  get isLive(): boolean {
    return this.#live;
  }

  /** Starts drawing. Its timer keeps the process alive until `stop`. */
  start(): void {
    const { mode } = this.#options;
    if (this.#timer !== undefined || mode === 'none') return;
    this.#live = mode === 'tty';
    if (this.#live) this.#redraw();
    this.#again();
  }

  /** A failed case, above the live lines of a terminal: cut to its width, at most 20 a second. Nothing elsewhere. */
  failure(text: string): void {
    if (!this.#live) return;
    const second = Math.floor(this.#options.clock.now() / 1000);
    if (second !== this.#second) this.#beginSecond(second);
    if (++this.#failuresInSecond <= FAILURES_A_SECOND) this.#wait(fitStyled(text, this.#columns - 1));
    else this.#failuresLeftOut += 1;
  }

  /** A line in every mode, uncut: above the live lines while there are some, else at once. */
  notice(text: string): void {
    if (this.#live) this.#wait(text);
    else this.#line(text);
  }

  /** Writes the pending lines, erases the live lines, and resolves when all of it is written. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#written();
    const last = this.#live ? this.#lastLines() : '';
    const blank = this.#hasLines && this.#options.line === undefined ? '\n' : '';
    this.#write(last + blank);
    await this.#written();
  }

  /** The pending lines, which replace the live lines at the end. */
  #lastLines(): string {
    this.#closeSecond();
    const text = this.#erasure() + this.#takeWaiting();
    this.#drawn = [];
    this.#live = false;
    return text;
  }

  get #columns(): number {
    return this.#options.stream.columns || DEFAULT_COLUMNS;
  }

  #again(): void {
    const { clock, mode } = this.#options;
    this.#timer = clock.setTimer(mode === 'tty' ? REDRAW_MS : PLAIN_MS, () => {
      if (this.#gone) return;
      if (mode === 'tty') this.#redraw();
      else this.#plain();
      this.#again();
    });
  }

  #plain(): void {
    const { read, line = plainLine } = this.#options;
    if (this.#writing === undefined) this.#line(line(read()));
  }

  #redraw(): void {
    if (this.#writing !== undefined) return;
    if (Math.floor(this.#options.clock.now() / 1000) !== this.#second) this.#closeSecond();
    const frame = ['', ...this.#frame()];
    const unchanged = frame.every((line, index) => line === this.#drawn[index]);
    if (unchanged && this.#waiting.length === 0) return;
    this.#write(`${this.#erasure()}${this.#takeWaiting()}${frame.map((line) => `${line}\n`).join('')}`);
    this.#drawn = frame;
  }

  #frame(): string[] {
    const { read, style } = this.#options;
    return progressFrame(read(), this.#columns - 1, style);
  }

  /** Escape sequence that erases the live lines, counting the rows they occupy now: a narrowed terminal wraps them. */
  #erasure(): string {
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(styledWidth(line) / this.#columns)), 0);
    return rows === 0 ? '' : `\r\u001b[${rows}A\u001b[J`;
  }

  #beginSecond(second: number): void {
    this.#closeSecond();
    this.#second = second;
    this.#failuresInSecond = 0;
  }

  #closeSecond(): void {
    if (this.#failuresLeftOut > 0) this.#wait(this.#options.style.dim(`… and ${this.#failuresLeftOut} more`));
    this.#failuresLeftOut = 0;
  }

  #line(text: string): void {
    this.#hasLines = true;
    this.#write(`${text}\n`);
  }

  #wait(line: string): void {
    if (this.#waiting.length < MOST_WAITING_LINES) this.#waiting.push(line);
    else this.#unshown += 1;
  }

  #takeWaiting(): string {
    if (this.#unshown > 0) this.#waiting.push(`… and ${this.#unshown} more lines`);
    this.#hasLines ||= this.#waiting.length > 0;
    const text = this.#waiting.map((line) => `${line}\n`).join('');
    this.#waiting = [];
    this.#unshown = 0;
    return text;
  }

  #write(text: string): void {
    if (this.#gone || text === '') return;
    const before = this.#writing;
    const writing = this.#options.stream.write(text).then(
      () => before,
      () => void (this.#gone = true),
    );
    this.#writing = writing;
    void writing.then(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
  }

  async #written(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }
}
