/** What the scanners of JSON bytes share: character classes, positions, problems, UTF-8. */

/** How deep objects and arrays may be nested. */
export const MAX_LEVELS = 1000;

export const LINE_FEED = 0x0a;
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** Where reading stands: the offset of the current piece in the file, and the line (from 1). */
export interface Position {
  base: number;
  line: number;
}

/** A fault in a JSON document, at a byte offset (from 0) and line (from 1). The message is a phrase. */
export class JsonProblem extends Error {
  readonly offset: number;
  readonly line: number;
  readonly hint: string | undefined;

  constructor(message: string, offset: number, line: number, hint?: string) {
    super(message);
    this.offset = offset;
    this.line = line;
    this.hint = hint;
  }
}

/** The white space of JSON. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === LINE_FEED || byte === 0x0d || byte === 0x09;
}

/** True for a byte that ends a number or a literal. */
export function endsScalar(byte: number): boolean {
  return byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || isSpace(byte);
}

/** What kind of value begins with this byte; undefined when none does. */
export function kindOfValue(first: number): string | undefined {
  if (first === OPEN_ARRAY) return 'array';
  if (first === OPEN_OBJECT) return 'object';
  if (first === QUOTE) return 'string';
  if (first === 0x74 || first === 0x66) return 'boolean';
  if (first === 0x6e) return 'null';
  return first === 0x2d || (first >= 0x30 && first <= 0x39) ? 'number' : undefined;
}

/** How many bytes at the end are the beginning of a UTF-8 character that goes on in the next piece: 0 to 3. */
export function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** The offset of the first byte that is not UTF-8, or -1. */
export function firstBadByte(bytes: Buffer): number {
  const text = bytes.toString();
  let offset = 0;
  let from = 0;
  for (let at = text.indexOf('\ufffd'); at !== -1; at = text.indexOf('\ufffd', from)) {
    offset += Buffer.byteLength(text.slice(from, at));
    // U+FFFD stands for bad bytes, unless it is really there.
    if (bytes.toString('hex', offset, offset + 3) !== 'efbfbd') return offset;
    offset += 3;
    from = at + 1;
  }
  return -1;
}
