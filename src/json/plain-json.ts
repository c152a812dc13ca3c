/** One pass over the bytes of a JSON text, which makes no value: for the many texts of which only that they are JSON matters. */

import { BACKSLASH, CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './bytes.js';

/** What is nested deeper than this is left to others. */
const MAX_LEVELS = 32;
const NO = -1;

/**
 * True for bytes that are JSON for certain: one value on one line, without white space around it, nested at most 32 levels.
 * False says nothing: JSON may well be of another form. That the bytes are UTF-8 has to be checked besides.
 */
export function isPlainJson(bytes: Uint8Array): boolean {
  return valueEnd(bytes, 0, MAX_LEVELS) === bytes.length;
}

/** Where the value that begins at `at` ends; NO when it is not plain. The same goes for the functions below. */
function valueEnd(bytes: Uint8Array, at: number, levels: number): number {
  const first = byteAt(bytes, at);
  if (first === QUOTE) return stringEnd(bytes, at + 1);
  if (first === OPEN_OBJECT) return levels === 0 ? NO : objectEnd(bytes, at + 1, levels - 1);
  if (first === OPEN_ARRAY) return levels === 0 ? NO : arrayEnd(bytes, at + 1, levels - 1);
  return first === MINUS || isDigit(first) ? numberEnd(bytes, at) : wordEnd(bytes, at, first);
}

function objectEnd(bytes: Uint8Array, from: number, levels: number): number {
  let at = afterSpace(bytes, from);
  if (byteAt(bytes, at) === CLOSE_OBJECT) return at + 1;
  for (;;) {
    if (byteAt(bytes, at) !== QUOTE) return NO;
    at = afterName(bytes, at + 1);
    if (at === NO) return NO;
    at = valueEnd(bytes, at, levels);
    if (at === NO) return NO;
    at = afterSpace(bytes, at);
    const next = byteAt(bytes, at);
    if (next === CLOSE_OBJECT) return at + 1;
    if (next !== COMMA) return NO;
    at = afterSpace(bytes, at + 1);
  }
}

/** From after the quote that a name begins with to its value. */
function afterName(bytes: Uint8Array, from: number): number {
  const end = stringEnd(bytes, from);
  if (end === NO) return NO;
  const colon = afterSpace(bytes, end);
  return byteAt(bytes, colon) === COLON ? afterSpace(bytes, colon + 1) : NO;
}

function arrayEnd(bytes: Uint8Array, from: number, levels: number): number {
  let at = afterSpace(bytes, from);
  if (byteAt(bytes, at) === CLOSE_ARRAY) return at + 1;
  for (;;) {
    at = valueEnd(bytes, at, levels);
    if (at === NO) return NO;
    at = afterSpace(bytes, at);
    const next = byteAt(bytes, at);
    if (next === CLOSE_ARRAY) return at + 1;
    if (next !== COMMA) return NO;
    at = afterSpace(bytes, at + 1);
  }
}

function stringEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at + 1;
    if (byte < SPACE) return NO;
    if (byte !== BACKSLASH) continue;
    at = escapeEnd(bytes, at + 1);
    if (at === NO) return NO;
  }
  return NO;
}

/** The last byte of the escape whose letter stands at `at`. */
function escapeEnd(bytes: Uint8Array, at: number): number {
  const letter = byteAt(bytes, at);
  if (ESCAPES.includes(letter)) return at;
  if (letter !== SMALL_U) return NO;
  for (let digit = at + 1; digit <= at + 4; digit++) if (!isHexDigit(byteAt(bytes, digit))) return NO;
  return at + 4;
}

function numberEnd(bytes: Uint8Array, from: number): number {
  const start = byteAt(bytes, from) === MINUS ? from + 1 : from;
  let at = afterDigits(bytes, start);
  if (at === start || (byteAt(bytes, start) === ZERO && at > start + 1)) return NO;
  if (byteAt(bytes, at) === POINT) {
    const fraction = at + 1;
    at = afterDigits(bytes, fraction);
    if (at === fraction) return NO;
  }
  return (byteAt(bytes, at) | LOWER) === SMALL_E ? exponentEnd(bytes, at + 1) : at;
}

function exponentEnd(bytes: Uint8Array, from: number): number {
  const sign = byteAt(bytes, from);
  const start = sign === MINUS || sign === PLUS ? from + 1 : from;
  const end = afterDigits(bytes, start);
  return end === start ? NO : end;
}

function wordEnd(bytes: Uint8Array, from: number, first: number): number {
  const word = first === SMALL_T ? TRUE : first === SMALL_F ? FALSE : first === SMALL_N ? NULL : undefined;
  if (word === undefined) return NO;
  for (let at = 0; at < word.length; at++) if (byteAt(bytes, from + at) !== word[at]) return NO;
  return from + word.length;
}

function afterDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(byteAt(bytes, at))) at++;
  return at;
}

/** Line breaks are no plain space. */
function afterSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (byteAt(bytes, at) === SPACE || byteAt(bytes, at) === TAB) at++;
  return at;
}

/** The byte there; 0, which no JSON has, behind the last one. */
function byteAt(bytes: Uint8Array, at: number): number {
  return at < bytes.length ? (bytes[at] as number) : 0;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | LOWER;
  return isDigit(byte) || (letter >= SMALL_A && letter <= SMALL_F);
}

const TAB = 0x09;
const SPACE = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const SMALL_A = 0x61;
const SMALL_E = 0x65;
const SMALL_F = 0x66;
const SMALL_N = 0x6e;
const SMALL_T = 0x74;
const SMALL_U = 0x75;
/** The bit in which a small letter differs from a capital one. */
const LOWER = 0x20;
const ESCAPES = new TextEncoder().encode('"\\/bfnrt');
const TRUE = new TextEncoder().encode('true');
const FALSE = new TextEncoder().encode('false');
const NULL = new TextEncoder().encode('null');
