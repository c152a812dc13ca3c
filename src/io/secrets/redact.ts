/** Keeps secrets out of what is shown: every spelling of them in a text becomes `***`. */

import { LEAST_SEARCHED, type Secret } from '../../core/secrets.js';
import { joined, LEADS, type Reading, unescaped } from './escapes.js';
import { SecretSearch, type Range } from './secret-search.js';

const HIDDEN = '***';
// Nested escapes, as in JSON inside a JSON string, are decoded in every order, up to this many decoded texts.
const MOST_TEXTS = 32;

export interface Redactor {
  /** The text without secrets. */
  redact(text: string): string;
  /** The same for a text that was cut off at its end, where a secret may have been cut too. */
  redactCut(text: string): string;
  /** Hides this text too from now on, as one that is known only during the run. The newest hundred of them are kept. */
  learn(secret: string): void;
}

const MOST_LEARNED = 100;

/**
 * Makes a redactor for these secrets: raw, in base64, and with any of their characters in any escape of URLs, JSON or HTML, also nested.
 * A value shorter than 4 characters is hidden only where it follows its name, as in `?v=1` or `x-tenant: 7`. The
 * search patterns are built on first use.
 */
export function createRedactor(secrets: readonly (string | Secret)[]): Redactor {
  const given = secrets.map(trimmed).filter(isSearchable);
  let learned: readonly Secret[] = [];
  let known: readonly Secret[] = given;
  let search: SecretSearch | undefined;
  const redact = (text: string, cut: boolean): string => {
    if (known.length === 0 || text === '') return text;
    search ??= new SecretSearch(known);
    return hide(text, rangesIn(text, search, cut));
  };
  const learn = (secret: string): void => {
    learned = [...learned, trimmed(secret)].filter(isSearchable).slice(-MOST_LEARNED);
    known = [...given, ...learned];
    search = undefined;
  };
  return { redact: (text) => redact(text, false), redactCut: (text) => redact(text, true), learn };
}

function trimmed(secret: string | Secret): Secret {
  return typeof secret === 'string' ? { value: secret.trim() } : { ...secret, value: secret.value.trim() };
}

function isSearchable({ value, name }: Secret): boolean {
  return value.length >= LEAST_SEARCHED || (value !== '' && name !== undefined);
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

/** The ranges of secrets in the text as it is, and in its decoded forms. */
function rangesIn(text: string, search: SecretSearch, cut: boolean): Range[] {
  return readingsOf(text).flatMap(({ text: reading, originOf }) =>
    search.rangesIn(reading, cut).map(([start, end]): Range => [originOf(start), originOf(end)]),
  );
}

const UNDOING: readonly ((reading: Reading) => Reading | undefined)[] = [
  ...LEADS.map((lead) => (reading: Reading) => unescaped(reading, lead)),
  joined,
];

/**
 * The text, and its forms with escapes of URLs, JSON or HTML decoded and breaks within words removed, repeatedly; the
 * least decoded first.
 */
function readingsOf(text: string): readonly Reading[] {
  const readings: Reading[] = [{ text, originOf: (at) => at }];
  const seen = new Set([text]);
  for (const reading of readings) {
    for (const undo of UNDOING) {
      const next = readings.length < MOST_TEXTS ? undo(reading) : undefined;
      if (next === undefined || seen.has(next.text)) continue;
      seen.add(next.text);
      readings.push(next);
    }
  }
  return readings;
}

/** Replaces the ranges by `***`. Overlapping ranges are merged first, so that no part of a secret stays readable. */
function hide(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text;
  let shown = '';
  let hiddenTo = 0;
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (start >= hiddenTo) shown += text.slice(hiddenTo, start) + HIDDEN;
    hiddenTo = Math.max(hiddenTo, end);
  }
  return shown + text.slice(hiddenTo);
}
