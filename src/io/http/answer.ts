/** What a body must be to count as an enrichment: whole JSON in UTF-8, within depth and schema. */

import { isUtf8 } from 'node:buffer';
import { isPlainJson } from '../../json/plain-json.js';
import { isDeeperThan, isJson, oneLine, textAt } from '../../json/text.js';
import { NO_HEADERS, type ReceivedHeaders } from './received-headers.js';

/** A compiled JSON Schema: null for a value that satisfies it, else what is wrong with it. */
export interface ResponseSchema {
  check(value: unknown): string | null;
  /** Names the schema in the key of a request. */
  readonly hash: string;
}

/** What an answer must satisfy beyond being JSON. */
export interface AnswerRules {
  /** The part to take, as a JSON Pointer and its tokens. */
  readonly pick?: { readonly pointer: string; readonly tokens: readonly string[] } | undefined;
  readonly schema?: ResponseSchema | undefined;
}

export type Answer = { readonly text: string } | { readonly problem: string };

const MAX_DEPTH = 1000;
/** How many bytes of a body are shown in messages and reports. */
export const SHOWN_BYTES = 512;

/** The enrichment in a body; an empty one is `null`. */
export function readAnswer(body: Buffer, headers: ReceivedHeaders, rules: AnswerRules): Answer {
  const bytes = withoutMark(body);
  if (bytes.length === 0) return checked('null', null, rules.schema);
  if (!isUtf8(bytes)) return { problem: 'the answer is not UTF-8' };
  const text = bytes.toString('utf8');
  if (rules.schema === undefined && isPlainJson(bytes))
    return rules.pick === undefined ? { text } : picked({ text }, rules);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: notJson(text, headers.get('content-type')) };
  }
  if (isDeeperThan(text, MAX_DEPTH)) return { problem: `the answer is nested deeper than ${MAX_DEPTH} levels` };
  return picked(checked(text, value, rules.schema), rules);
}

/**
 * The enrichment in the body of an accepted status outside of 2xx: its JSON, or what is picked from it, else `null`. Such an
 * answer often has another shape (a 404 that explains itself), so nothing where `--pick` points is no failure.
 */
export function readOtherAnswer(body: Buffer, rules: AnswerRules): Answer {
  const bytes = withoutMark(body);
  const text = isUtf8(bytes) ? bytes.toString('utf8') : '';
  if (!isJson(text)) return { text: 'null' };
  const isThere = rules.pick === undefined || textAt(text, rules.pick.tokens) !== undefined;
  const answer = readAnswer(bytes, NO_HEADERS, isThere ? rules : { schema: rules.schema });
  return isThere || 'problem' in answer ? answer : { text: 'null' };
}

/** The enrichment in one element of a batch's answer, which is JSON already. */
export function readElement(text: string, rules: AnswerRules): Answer {
  return picked(checked(text, rules.schema === undefined ? null : JSON.parse(text), rules.schema), rules);
}

/** The beginning of a body as text, for people to look at: at most 512 bytes, no character cut in half. */
export function beginningOf(body: Buffer): string {
  const order = utf16Order(body);
  if (order !== undefined) return utf16Text(body.subarray(0, SHOWN_BYTES), order);
  if (body.length <= SHOWN_BYTES) return body.toString('utf8');
  let end = SHOWN_BYTES;
  while (end > SHOWN_BYTES - 4 && ((body[end] ?? 0) & 0xc0) === 0x80) end--;
  return body.toString('utf8', 0, end);
}

/** How a body in UTF-16 orders its bytes, by its byte order mark or by every other byte being NUL; undefined for anything else. */
function utf16Order(body: Buffer): 'little' | 'big' | undefined {
  const [first = 1, second = 1, third = 1, fourth = 1] = body;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0 && third !== 0 && fourth === 0))
    return 'little';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && third === 0 && fourth !== 0)) return 'big';
  return undefined;
}

function utf16Text(bytes: Buffer, order: 'little' | 'big'): string {
  const whole = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  return (order === 'big' ? whole.swap16() : whole).toString('utf16le').replace(/^\ufeff/, '');
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** A fixed message instead of V8's, which quotes the body: failures can then be grouped by cause. */
function notJson(text: string, contentType: string | undefined): string {
  if (contentType?.startsWith('text/html') || /^\s*<(?:!doctype|html|head|body)/i.test(text)) {
    return 'the answer is HTML, not JSON (a log-in page?)';
  }
  const type = contentType === undefined ? '' : ` (${contentType})`;
  return `the answer is not JSON${type}`;
}

function checked(text: string, value: unknown, schema: ResponseSchema | undefined): Answer {
  if (schema === undefined) return { text };
  const problem = problemOf(value, schema);
  return problem === null ? { text } : { problem: `the answer does not satisfy the schema: ${problem}` };
}

/** What is wrong with the value; a schema check that throws counts as failed. */
function problemOf(value: unknown, schema: ResponseSchema): string | null {
  try {
    return schema.check(value);
  } catch (error) {
    return `it could not be checked: ${String(error)}`;
  }
}

function picked(answer: Answer, { pick }: AnswerRules): Answer {
  if ('problem' in answer) return answer;
  if (pick === undefined) return { text: oneLine(answer.text) };
  const part = textAt(answer.text, pick.tokens);
  return part === undefined ? { problem: `the answer has nothing at ${pick.pointer}` } : { text: oneLine(part) };
}
