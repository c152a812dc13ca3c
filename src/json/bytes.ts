/** Constants for JSON's punctuation bytes, and which bytes can begin or end a value. */

export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** The white space of JSON. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === 0x09;
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
