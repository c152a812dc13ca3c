/** The escapes of URLs, JSON and HTML: what one of them stands for, and a text with all of them undone. */

/** One escape in a text. */
export interface Escape {
  /** The character that it stands for. */
  readonly character: string;
  /** Index of the first code unit after the escape. */
  readonly end: number;
}

/** A text with its escapes decoded. */
export interface Reading {
  readonly text: string;
  /** Maps an index in this text, or its end, to the index in the original text. */
  readonly originOf: (at: number) => number;
}

/** The escapes that begin at this index, most often none; two where the bytes may be UTF-8 or Latin-1. */
export function escapesAt(text: string, at: number): readonly Escape[] {
  switch (text.charCodeAt(at)) {
    case 0x25:
      return percentAt(text, at);
    case 0x5c:
      return one(backslashAt(text, at));
    case 0x26:
      return one(entityAt(text, at));
    default:
      return [];
  }
}

/** True for the end of a text that may be the first part of a truncated escape. */
export function isCutEscape(rest: string): boolean {
  return rest.length <= LONGEST_ESCAPE && CUT_ESCAPE.test(rest);
}

/** The first character of escapes in URLs, JSON and HTML. */
export const LEADS = ['%', '\\', '&'] as const;

/** Decodes each escape that begins with `lead`, one level; undefined for a text without any. */
export function unescaped({ text, originOf }: Reading, lead: (typeof LEADS)[number]): Reading | undefined {
  const pieces: string[] = [];
  // After each escape: index in the decoded text, and index in the source text.
  const steps: (readonly [at: number, from: number])[] = [];
  let [length, from] = [0, 0];
  for (let at = text.indexOf(lead); at !== -1; at = text.indexOf(lead, at)) {
    const [escape] = escapesAt(text, at);
    if (escape === undefined) at++;
    else {
      pieces.push(text.slice(from, at), escape.character);
      // Both ends are recorded, as an escape may stand for two code units.
      length += at - from;
      steps.push([length, at]);
      length += escape.character.length;
      from = at = escape.end;
      steps.push([length, from]);
    }
  }
  if (steps.length === 0) return undefined;
  return { text: pieces.join('') + text.slice(from), originOf: (at) => originOf(before(steps, at)) };
}

// Invisible or unintended breaks within a word: line breaks, NUL (as UTF-16 has them), soft hyphens, zero width, <wbr>.
const SEPARATORS = /[\0\r\n\u00ad\u200b-\u200d\u2060\ufeff]+|<wbr\s*\/?>/gi;

/** The text without such breaks; undefined for a text without any. */
export function joined({ text, originOf }: Reading): Reading | undefined {
  const pieces: string[] = [];
  const steps: (readonly [at: number, from: number])[] = [];
  let [length, from] = [0, 0];
  for (const { index, 0: separator } of text.matchAll(SEPARATORS)) {
    pieces.push(text.slice(from, index));
    length += index - from;
    from = index + separator.length;
    steps.push([length, from]);
  }
  if (steps.length === 0) return undefined;
  return { text: pieces.join('') + text.slice(from), originOf: (at) => originOf(before(steps, at)) };
}

function before(steps: readonly (readonly [at: number, from: number])[], at: number): number {
  const step = steps.findLast(([start]) => start <= at);
  return step === undefined ? at : step[1] + (at - step[0]);
}

// `&CounterClockwiseContourIntegral;` is longer than any name that is known here.
const LONGEST_ESCAPE = 24;
const CUT_ESCAPE =
  /^(?:(?:%[89a-f][\da-f]){0,3}(?:%(?:u[\da-f]{0,3}|[\da-f]?))?|\\(?:u[\da-f]{4}\\?)?(?:u(?:\{[\da-f]{0,6}|[\da-f]{0,3})|x[\da-f]?)?|&(?:#\d*|#x[\da-f]*|[a-z]\w*)?)$/i;

const HEX_BYTE = /%([\da-f]{2})/iy;
const UTF8_BYTES = /(?:%[\da-f]{2})+/iy;
const PERCENT_UNIT = /%u([\da-f]{4})(?:%u(d[c-f][\da-f]{2}))?/iy;

function percentAt(text: string, at: number): readonly Escape[] {
  const unit = matchAt(PERCENT_UNIT, text, at);
  if (unit !== undefined) return one(unitEscape(unit, at, 6));
  const byte = matchAt(HEX_BYTE, text, at)?.[1];
  if (byte === undefined) return [];
  const value = Number.parseInt(byte, 16);
  const single: Escape = { character: String.fromCharCode(value), end: at + 3 };
  if (value < 0x80) return [single];
  const wide = utf8At(text, at, value);
  return wide === undefined ? [single] : [wide, single];
}

/** One character of several bytes, if they are well-formed. */
function utf8At(text: string, at: number, first: number): Escape | undefined {
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const bytes = matchAt(UTF8_BYTES, text.slice(at, at + 3 * length), 0)?.[0] ?? '';
  try {
    return { character: decodeURIComponent(bytes), end: at + bytes.length };
  } catch {
    return undefined;
  }
}

const BACKSLASH_UNIT = /\\u([\da-f]{4})(?:\\u(d[c-f][\da-f]{2}))?/iy;
const BACKSLASH_POINT = /\\(?:u\{([\da-f]{1,6})\}|x([\da-f]{2}))/iy;
const CONTROLS: ReadonlyMap<string, string> = new Map(
  Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }),
);

function backslashAt(text: string, at: number): Escape | undefined {
  const unit = matchAt(BACKSLASH_UNIT, text, at);
  if (unit !== undefined) return unitEscape(unit, at, 6);
  const point = matchAt(BACKSLASH_POINT, text, at);
  if (point !== undefined) return pointEscape(Number.parseInt(point[1] ?? point[2] ?? '', 16), at + point[0].length);
  const next = text.charAt(at + 1);
  if (next === '') return undefined;
  const control = CONTROLS.get(next);
  if (control !== undefined) return { character: control, end: at + 2 };
  return /[A-Za-z\d]/.test(next) ? undefined : { character: next, end: at + 2 };
}

/** Four hex digits are a UTF-16 unit: two halves of a surrogate pair are joined, a lone half is kept as it is. */
function unitEscape(match: RegExpExecArray, at: number, length: number): Escape {
  const high = Number.parseInt(match[1] ?? '', 16);
  const low = match[2] === undefined ? undefined : Number.parseInt(match[2], 16);
  if (low !== undefined && high >= 0xd800 && high <= 0xdbff)
    return { character: String.fromCharCode(high, low), end: at + 2 * length };
  return { character: String.fromCharCode(high), end: at + length };
}

const NUMBERED_ENTITY = /&#(?:x0*([\da-f]{1,6})|0*(\d{1,7}));?/iy;
const NAMED_ENTITY = /&([A-Za-z][A-Za-z\d]{1,20});/y;

function entityAt(text: string, at: number): Escape | undefined {
  const numbered = matchAt(NUMBERED_ENTITY, text, at);
  if (numbered !== undefined) {
    const [whole, hex, decimal] = numbered;
    return pointEscape(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16), at + whole.length);
  }
  const named = matchAt(NAMED_ENTITY, text, at);
  const character = ENTITY_NAMES.get(named?.[1] ?? '');
  return named === undefined || character === undefined ? undefined : { character, end: at + named[0].length };
}

function pointEscape(point: number, end: number): Escape | undefined {
  return point > 0x10_ff_ff ? undefined : { character: String.fromCodePoint(point), end };
}

// HTML's named entities for characters likely in a header, a URL or a password: ASCII, then Latin-1 in its order.
const ASCII_NAMES =
  'excl ! quot " QUOT " num # dollar $ percnt % amp & AMP & apos \' lpar ( rpar ) ast * midast * plus + comma , ' +
  'period . sol / colon : semi ; lt < LT < equals = gt > GT > quest ? commat @ lsqb [ lbrack [ bsol \\ rsqb ] rbrack ] ' +
  'Hat ^ lowbar _ UnderBar _ grave ` DiacriticalGrave ` lcub { lbrace { verbar | vert | VerticalLine | rcub } rbrace } ' +
  'Tab \t NewLine \n';
const LATIN1_NAMES =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
  'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
  'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
  'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
  'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
  'thorn yuml';
const ENTITY_NAMES: ReadonlyMap<string, string> = new Map([
  ...[...ASCII_NAMES.matchAll(/(\w+) (\W|_)/g)].map((match) => [match[1] ?? '', match[2] ?? ''] as const),
  ...LATIN1_NAMES.split(' ').map((name, place) => [name, String.fromCharCode(0xa0 + place)] as const),
]);

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text) ?? undefined;
}

function one(escape: Escape | undefined): readonly Escape[] {
  return escape === undefined ? [] : [escape];
}
