/**
 * JSON as text: finding, taking and putting values without parsing and printing them again, so that big integers,
 * `1.0`, key order and duplicate keys stay as they were. Every function expects text that `JSON.parse` accepts.
 */

import { BACKSLASH, CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './bytes.js';

/** A JSON object, parsed. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a text that JSON.parse takes. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A part of a text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The same JSON on one line: white space between tokens goes if there is a line break among it, nothing else ever. */
export function oneLine(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.includes('\n') && !trimmed.includes('\r')) return trimmed;
  let out = '';
  for (let at = 0; at < trimmed.length;) {
    const end = trimmed.charCodeAt(at) === QUOTE ? skipString(trimmed, at) : skipOutside(trimmed, at);
    const part = trimmed.slice(at, end);
    out += trimmed.charCodeAt(at) === QUOTE ? part : part.replace(/[ \t\r\n]+/g, '');
    at = end;
  }
  return out;
}

/** True when arrays and objects are nested deeper than `levels`. */
export function isDeeperThan(text: string, levels: number): boolean {
  if (text.length < 2 * levels + 2 || !hasMoreOpened(text, levels)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = skipString(text, at) - 1;
    else if (char === OPEN_ARRAY || char === OPEN_OBJECT) {
      if (++depth > levels) return true;
    } else if (char === CLOSE_ARRAY || char === CLOSE_OBJECT) depth--;
  }
  return false;
}

/** Looks for single characters only, which takes next to no time: nearly every text ends here. */
function hasMoreOpened(text: string, levels: number): boolean {
  let left = levels;
  for (const opening of ['[', '{']) {
    for (let at = text.indexOf(opening); at !== -1; at = text.indexOf(opening, at + 1)) if (left-- === 0) return true;
  }
  return false;
}

/** The source text at a path of member names and array indexes, or undefined when there is nothing. */
export function textAt(text: string, path: readonly string[]): string | undefined {
  let span: Span = { start: skipSpace(text, 0), end: text.length };
  if (path.length === 0) return text.trim();
  for (const token of path) {
    const next = child(text, span.start, token);
    if (next === undefined) return undefined;
    span = next;
  }
  return text.slice(span.start, span.end);
}

/**
 * The source text at a name as people write it in `{field}` and `--where`: a member that is really called so, else a
 * dotted path into nested objects.
 */
export function textAtName(text: string, name: string): string | undefined {
  const exact = textAt(text, [name]);
  return exact === undefined && name.includes('.') ? textAt(text, name.split('.')) : exact;
}

/** An object's text with one member set: the value of the last member of that name replaced, else a member added. */
export function withMember(objectText: string, name: string, valueText: string): string {
  const quoted = JSON.stringify(name);
  // A name can also be spelled with escapes, so only a text without either can be taken for free of it.
  const maybe = objectText.includes(quoted) || objectText.includes('\\');
  const old = maybe ? member(objectText, skipSpace(objectText, 0), name) : undefined;
  if (old !== undefined) return objectText.slice(0, old.start) + valueText + objectText.slice(old.end);
  const close = objectText.lastIndexOf('}');
  const empty = skipSpace(objectText, skipSpace(objectText, 0) + 1) === close;
  return `${objectText.slice(0, close)}${empty ? '' : ','}${quoted}:${valueText}${objectText.slice(close)}`;
}

/** The source texts of an array's elements. */
export function elementTexts(arrayText: string): string[] {
  const texts: string[] = [];
  let at = skipSpace(arrayText, skipSpace(arrayText, 0) + 1);
  if (arrayText.charCodeAt(at) === CLOSE_ARRAY) return texts;
  for (;;) {
    const end = skipValue(arrayText, at);
    texts.push(arrayText.slice(at, end));
    at = skipSpace(arrayText, end);
    if (arrayText.charCodeAt(at) !== COMMA) return texts;
    at = skipSpace(arrayText, at + 1);
  }
}

/** The source texts of an object's members by name; of equal names the last counts. */
export function memberTexts(objectText: string): Map<string, string> {
  const texts = new Map<string, string>();
  let at = skipSpace(objectText, skipSpace(objectText, 0) + 1);
  while (objectText.charCodeAt(at) === QUOTE) {
    const nameEnd = skipString(objectText, at);
    const valueStart = skipSpace(objectText, skipSpace(objectText, nameEnd) + 1);
    const valueEnd = skipValue(objectText, valueStart);
    texts.set(JSON.parse(objectText.slice(at, nameEnd)) as string, objectText.slice(valueStart, valueEnd));
    at = skipSpace(objectText, valueEnd);
    if (objectText.charCodeAt(at) !== COMMA) break;
    at = skipSpace(objectText, at + 1);
  }
  return texts;
}

function child(text: string, start: number, token: string): Span | undefined {
  const char = text.charCodeAt(start);
  if (char === OPEN_OBJECT) return member(text, start, token);
  if (char === OPEN_ARRAY && /^(0|[1-9]\d{0,15})$/.test(token)) return element(text, start, Number(token));
  return undefined;
}

/** The value of the last member called `name`: the one that JSON.parse takes. */
function member(text: string, start: number, name: string): Span | undefined {
  let found: Span | undefined;
  let at = skipSpace(text, start + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const nameEnd = skipString(text, at);
    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const valueEnd = skipValue(text, valueStart);
    if (isName(text.slice(at, nameEnd), name)) found = { start: valueStart, end: valueEnd };
    at = skipSpace(text, valueEnd);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipSpace(text, at + 1);
  }
  return found;
}

function isName(quoted: string, name: string): boolean {
  return quoted.includes('\\') ? JSON.parse(quoted) === name : quoted.slice(1, -1) === name;
}

function element(text: string, start: number, wanted: number): Span | undefined {
  let at = skipSpace(text, start + 1);
  if (text.charCodeAt(at) === CLOSE_ARRAY) return undefined;
  for (let index = 0; ; index++) {
    const end = skipValue(text, at);
    if (index === wanted) return { start: at, end };
    at = skipSpace(text, end);
    if (text.charCodeAt(at) !== COMMA) return undefined;
    at = skipSpace(text, at + 1);
  }
}

/** Where the white space from `from` on ends. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  for (let char = text.charCodeAt(at); char === 0x20 || (char >= 0x09 && char <= 0x0d); char = text.charCodeAt(++at));
  return at;
}

/** Where the value that begins at `from` ends. */
export function skipValue(text: string, from: number): number {
  const char = text.charCodeAt(from);
  if (char === QUOTE) return skipString(text, from);
  if (char !== OPEN_OBJECT && char !== OPEN_ARRAY) return skipScalar(text, from);
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const inside = text.charCodeAt(at);
    if (inside === QUOTE) at = skipString(text, at) - 1;
    else if (inside === OPEN_OBJECT || inside === OPEN_ARRAY) depth++;
    else if ((inside === CLOSE_OBJECT || inside === CLOSE_ARRAY) && --depth === 0) return at + 1;
  }
  return text.length;
}

function skipScalar(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === COMMA || char === COLON || char === CLOSE_ARRAY || char === CLOSE_OBJECT || char <= 0x20) break;
  }
  return at;
}

/** Where the string that begins at `from` ends, after its closing quote. */
export function skipString(text: string, from: number): number {
  let at = from + 1;
  for (let char = text.charCodeAt(at); at < text.length && char !== QUOTE; char = text.charCodeAt(at)) {
    at += char === BACKSLASH ? 2 : 1;
  }
  return at + 1;
}

function skipOutside(text: string, from: number): number {
  const quote = text.indexOf('"', from);
  return quote === -1 ? text.length : quote;
}
