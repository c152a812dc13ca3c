/** Text for people: untrusted text made printable, and its width in terminal columns. */

import { eastAsianWidth } from 'get-east-asian-width';

// Text that needs no second look: letters and punctuation of European scripts, arrows, lines, ticks, each one column wide.
const SIMPLE =
  /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u2193\u2500-\u259f\u2713\u2717]*$/;
// Controls, lone surrogates, separators, and whatever reorders or hides text; but not variation selectors, which
// only choose a glyph.
const UNPRINTABLE =
  /(?!\p{Variation_Selector})[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
// Scripts whose spelling needs the zero-width joiners between letters (UAX #31, section 2.3).
const SPELLS_WITH_JOINERS =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const JOINED_EMOJI = /\p{Extended_Pictographic}(\ufe0f|\p{Emoji_Modifier})?\u200d$/u;

/**
 * The text with every control character, bidirectional mark, invisible character and lone surrogate shown as an escape,
 * on one line. Joiners stay where spelling or an emoji needs them.
 */
export function printable(text: string): string {
  return SIMPLE.test(text) ? text : text.replace(UNPRINTABLE, escapeCharacter);
}

/** JSON with the same characters written as `\uXXXX`: on a terminal it is harmless, and it is still the same JSON. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) => character.split('').map(jsonEscape).join(''));
}

/** The same for JSON text of several lines, whose line breaks and tabs stay. */
export function printableJsonLines(json: string): string {
  return json
    .split(/([\n\t])/)
    .map((part) => (part === '\n' || part === '\t' ? part : printableJson(part)))
    .join('');
}

/** How JSON is written to a stream: as it is, but on a terminal the same JSON in printable characters. */
export function jsonShownOn(stream: { readonly isTTY: boolean }): (text: string) => string {
  return stream.isTTY ? printableJsonLines : (text) => text;
}

function jsonEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function escapeCharacter(character: string, at: number, text: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  if ((character === '\u200c' || character === '\u200d') && joins(text, at)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

function joins(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 4), at + 1);
  const next = String.fromCodePoint(text.codePointAt(at + 1) ?? 0x20);
  if (JOINED_EMOJI.test(before)) return /\p{Extended_Pictographic}/u.test(next);
  return SPELLS_WITH_JOINERS.test(text.charAt(at - 1)) && SPELLS_WITH_JOINERS.test(next);
}

// Made on first use: it takes longer than all of this program's other modules together.
let segmenter: Intl.Segmenter | undefined;

/** How many terminal columns the text takes. */
export function displayWidth(text: string): number {
  if (SIMPLE.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment);
  return width;
}

/**
 * The text in at most `width` columns; what does not fit gives way to `…`. Reads no more of the text than needed: many marks
 * without width can't make a cell endless.
 */
export function fit(text: string, width: number): string {
  if (width <= 0) return '';
  if (width === Infinity) return text;
  if (SIMPLE.test(text.slice(0, width + 1))) return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
  let kept = 0;
  let used = 0;
  for (const { segment, index } of graphemesOf(text)) {
    if (used < width) kept = index;
    used += graphemeWidth(segment);
    if (used > width || index > width * UNITS_A_COLUMN) return `${text.slice(0, kept)}…`;
  }
  return text;
}

/** Untrusted text made printable, in at most `width` columns. Only as much of it is looked at as could be shown. */
export function fitPrintable(text: string, width: number): string {
  return fit(printable(text.slice(0, Math.max(0, width) * UNITS_A_COLUMN + 2 * PIECE)), width);
}

/** UTF-16 units that a column may take. The longest emoji and letters with all their marks need fewer. */
const UNITS_A_COLUMN = 32;
/** UTF-16 units that the segmenter gets at a time: what it takes grows with the square of a text's length. */
const PIECE = 256;

interface Grapheme {
  readonly segment: string;
  /** Where it begins in the text. */
  readonly index: number;
}

/** The text's grapheme clusters; one of more than a piece is cut. */
function* graphemesOf(text: string): Generator<Grapheme> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  for (let start = 0; start < text.length;) {
    const end = pieceEnd(text, start);
    let next = end;
    for (const { segment, index } of segmenter.segment(text.slice(start, end))) {
      // The last one may go on in the next piece, which begins with it.
      if (index > 0 && end < text.length && start + index + segment.length === end) next = start + index;
      else yield { segment, index: start + index };
    }
    start = next;
  }
}

function pieceEnd(text: string, start: number): number {
  const end = Math.min(text.length, start + PIECE);
  return end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end;
}

/** The text filled up with spaces to `width` columns. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return side === 'left' ? text + space : space + text;
}

/** An emoji takes two columns whatever it is joined from; other clusters take what their characters take. */
function graphemeWidth(grapheme: string): number {
  if (grapheme.length === 1 && grapheme < '\u0300') return 1;
  if (/\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u.test(grapheme)) return 2;
  let width = 0;
  for (const character of grapheme) width += characterWidth(character);
  return width;
}

// Marks that sit on their letter, and the vowels and finals of conjoining Hangul, take no column of their own.
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;

function characterWidth(character: string): number {
  return NO_WIDTH.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0);
}
