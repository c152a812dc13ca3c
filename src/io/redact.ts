/** Keeps secrets out of what is shown: every spelling of them in a text becomes `***`. */

import { escapeEntities } from '../core/entities.js';

const HIDDEN = '***';
const WORD_LENGTH = 4;

export interface Redactor {
  /** The text without secrets. */
  redact(text: string): string;
  /** The same for a text that was cut off at its end, where a secret may have been cut too. */
  redactCut(text: string): string;
}

/**
 * Makes a redactor for these secrets in their raw, percent-encoded, JSON-escaped, HTML-escaped and base64 spelling. Secrets shorter
 * than 4 characters are hidden only where they stand as whole words.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const variants = [...new Set(secrets.flatMap(spellings))].toSorted((a, b) => b.length - a.length);
  if (variants.length === 0) return { redact: (text) => text, redactCut: (text) => text };
  const pattern = new RegExp(variants.map(toPattern).join('|'), 'gu');
  const redact = (text: string): string => text.replace(pattern, HIDDEN);
  return { redact, redactCut: (text) => hideCutEnd(redact(text), variants) };
}

/** A copy of the value with every text in it redacted. Numbers and names of members stay: a secret may well be `1` or `true`. */
export function redactTexts<T>(value: T, redact: (text: string) => string): T {
  return redactedCopy(value, redact) as T;
}

function redactedCopy(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => redactedCopy(element, redact));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, redactedCopy(member, redact)]));
}

const STANDARD_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-length',
  'content-type',
  'date',
  'host',
  'idempotency-key',
  'if-modified-since',
  'if-unmodified-since',
  'pragma',
  'prefer',
  'priority',
  'user-agent',
  'x-request-id',
]);

/** True for headers whose value is no secret. */
export function isStandardHeader(name: string): boolean {
  return STANDARD_HEADERS.has(name.toLowerCase());
}

/** What to hide because of these headers: the values of all but the standard ones, whole and by their parts. */
export function secretsOfHeaders(headers: readonly (readonly [string, string])[]): string[] {
  return headers.filter(([name]) => !isStandardHeader(name)).flatMap(([, value]) => secretsOfValue(value.trim()));
}

function secretsOfValue(value: string): string[] {
  const scheme = /^([A-Za-z][\w-]*) +(\S.*)$/.exec(value);
  if (scheme === null) return [value, ...cookieValues(value)];
  const credentials = scheme[2] ?? '';
  const isBasic = scheme[1]?.toLowerCase() === 'basic';
  return [value, credentials, ...(isBasic ? basicParts(credentials) : cookieValues(credentials))];
}

function basicParts(token: string): string[] {
  const pair = Buffer.from(token, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? [] : [pair, pair.slice(0, colon), pair.slice(colon + 1)];
}

/** `a=1; b=2` or `key="x", signature="y"`: each value by itself. */
function cookieValues(value: string): string[] {
  return [...value.matchAll(/=\s*"?([^\s";,]{4,})/g)].map((match) => match[1] ?? '');
}

function spellings(secret: string): string[] {
  if (secret.trim() === '') return [];
  const json = JSON.stringify(secret).slice(1, -1);
  const percent = percentEncoded(secret);
  const lowerPercent = percent.replace(/%[\dA-F]{2}/g, (code) => code.toLowerCase());
  const form = percent.replaceAll('%20', '+');
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  const long = secret.length >= WORD_LENGTH ? [base64, base64.replace(/=+$/, ''), toUrlSafe(base64)] : [];
  return [secret, json, json.replaceAll('/', '\\/'), percent, lowerPercent, form, escapeEntities(secret), ...long];
}

function percentEncoded(text: string): string {
  // A lone surrogate has no UTF-8; through a buffer it becomes the replacement character, as it would on the wire.
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
}

function toUrlSafe(base64: string): string {
  return base64.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_');
}

function toPattern(variant: string): string {
  const literal = variant.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return variant.length < WORD_LENGTH ? `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])` : literal;
}

function hideCutEnd(text: string, variants: readonly string[]): string {
  for (const variant of variants) {
    for (let length = Math.min(variant.length - 1, text.length); length >= WORD_LENGTH; length--) {
      if (text.endsWith(variant.slice(0, length))) return text.slice(0, -length) + HIDDEN;
    }
  }
  return text;
}
