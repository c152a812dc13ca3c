/** Colours: whether to use them, the few that are used, and cutting text that has them. */

import { displayWidth, fit } from './printable.js';

export type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

export type ColorFlag = 'auto' | 'always' | 'never';
type Env = Readonly<Record<string, string | undefined>>;

const ESCAPE = '\u001b';
const RESET = `${ESCAPE}[0m`;
// oxlint-disable-next-line no-control-regex
const SGR = /\u001b\[[0-9;]*m/g;

/** What a variable that other programs understand too says about colour, and which it is. */
export interface ColorVariable {
  readonly name: 'FORCE_COLOR' | 'NO_COLOR';
  readonly color: 'always' | 'never';
}

/** FORCE_COLOR first, then NO_COLOR; an empty variable counts as not set. */
export function colorVariable(env: Env): ColorVariable | undefined {
  const force = env['FORCE_COLOR'];
  if (force) return { name: 'FORCE_COLOR', color: force === '0' || force === 'false' ? 'never' : 'always' };
  return env['NO_COLOR'] ? { name: 'NO_COLOR', color: 'never' } : undefined;
}

/** Whether to colour: `--color` first, then FORCE_COLOR, then NO_COLOR, then whether it is a terminal that can. */
export function colorEnabled(flag: ColorFlag, isTTY: boolean, env: Env): boolean {
  const color = flag === 'auto' ? colorVariable(env)?.color : flag;
  return color === undefined ? isTTY && understandsEscapes(env) : color === 'always';
}

/** Whether the terminal, if there is one, knows colours and moves of the cursor. */
export function understandsEscapes(env: Env): boolean {
  return env['TERM'] !== 'dumb';
}

/** The paints; each returns its text unchanged when `color` is false. */
export function createStyle(color: boolean): Style {
  const paint = (code: number): Paint => (color ? (text) => `${ESCAPE}[${code}m${text}${RESET}` : (text) => text);
  return { bold: paint(1), dim: paint(2), red: paint(31), green: paint(32), yellow: paint(33), cyan: paint(36) };
}

/** The columns that the text takes, its colours left out. */
export function styledWidth(text: string): number {
  return displayWidth(text.replace(SGR, ''));
}

/** The text in at most `width` columns, its colours kept and closed; what does not fit gives way to `…`. */
export function fitStyled(text: string, width: number): string {
  const plain = text.replace(SGR, '');
  const cut = fit(plain, width);
  if (cut === plain) return text;
  let left = Math.max(0, cut.length - 1);
  let out = '';
  for (const [part, sgr] of styledParts(text)) {
    out += part.slice(0, left);
    if (part.length >= left) break;
    out += sgr;
    left -= part.length;
  }
  return `${out}${cut.slice(-1)}${out.includes(ESCAPE) ? RESET : ''}`;
}

/** The runs of plain text, each with the colour sequence after it. */
function* styledParts(text: string): Generator<readonly [string, string]> {
  let at = 0;
  for (const match of text.matchAll(SGR)) {
    yield [text.slice(at, match.index), match[0]];
    at = match.index + match[0].length;
  }
  yield [text.slice(at), ''];
}
