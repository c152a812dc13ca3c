/** Where secrets stand in a text, each of their characters plain or in any escape. No regular expression is made of a value. */

import { LEAST_SEARCHED, type Secret } from '../../core/secrets.js';
import { escapesAt, isCutEscape } from './escapes.js';

/** From and to, in UTF-16 units. */
export type Range = readonly [start: number, end: number];

/** One text to look for. */
interface Pattern {
  readonly letters: readonly Letter[];
  /** How many of its letters must be there before the end of a text that was cut off. */
  readonly leastCut: number;
  /** Whether it is the middle of a longer base64 text, which is hidden whole. */
  readonly within: boolean;
}

/** A character of a secret. */
interface Letter {
  readonly character: string;
  /** Its code, if it looks like nothing else but an escape of it. */
  readonly unit: number | undefined;
  /** What else it may look like where bytes were read in another encoding. */
  readonly disguises: readonly string[];
}

// Shorter values are words and numbers too: in another case they are hardly the secret.
const LEAST_IN_ANY_CASE = 8;

export class SecretSearch {
  readonly #asWritten: PatternSearch;
  /** For values that an endpoint has written in capitals or in small letters. */
  readonly #inAnyCase: PatternSearch;
  readonly #named: readonly NamedPattern[];

  constructor(secrets: readonly Secret[]) {
    const letters = new Map<string, Letter>();
    const texts = new Map<string, boolean>();
    const folded = new Map<string, boolean>();
    for (const { value } of secrets) {
      if (value.length < LEAST_SEARCHED) continue;
      texts.set(value, false);
      for (const whole of wholeBase64(value)) texts.set(whole, false);
      for (const middle of innerBase64(value)) texts.set(middle, true);
      if (value.length >= LEAST_IN_ANY_CASE) folded.set(inSmallLetters(value), false);
    }
    this.#asWritten = new PatternSearch(texts, letters);
    this.#inAnyCase = new PatternSearch(folded, letters);
    this.#named = secrets
      .filter(({ value }) => value.length < LEAST_SEARCHED)
      .flatMap((each) => namedPattern(each, letters));
  }

  /**
   * The places of all secrets, in no order. `cut` says that the last of them may be there in part. A text that is made
   * to take long to search is one secret as a whole.
   */
  rangesIn(text: string, cut: boolean): Range[] {
    const steps = { left: MOST_STEPS_A_TEXT + STEPS_A_CHARACTER * text.length };
    const found = [
      ...this.#asWritten.rangesIn(text, cut, steps),
      ...this.#inAnyCase.rangesIn(inSmallLetters(text), cut, steps),
    ];
    if (steps.left < 0) return [[0, text.length]];
    for (const named of this.#named) found.push(...namedRanges(named, text));
    return found;
  }
}

/** ASCII letters alone: the text must keep its length. */
function inSmallLetters(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Work that is left before a search is given up, in ways to read one character of a secret. */
interface Steps {
  left: number;
}

const MOST_STEPS_A_TEXT = 100_000;
const STEPS_A_CHARACTER = 100;

class PatternSearch {
  /** Patterns by what they can begin with. */
  readonly #byFirst: (Pattern[] | undefined)[] = [];

  /** @param texts what to look for; true for the middle of a longer base64 text. */
  constructor(texts: ReadonlyMap<string, boolean>, letters: Map<string, Letter>) {
    for (const [text, within] of texts) this.#add(patternOf(text, within, letters));
  }

  rangesIn(text: string, cut: boolean, steps: Steps): Range[] {
    const found: Range[] = [];
    if (this.#byFirst.length === 0) return found;
    for (let at = 0; at < text.length && steps.left >= 0; at++) {
      const patterns = this.#beginningAt(text, at);
      if (patterns === undefined) continue;
      for (const pattern of patterns) {
        const end = endOf(pattern.letters, text, at, cut ? pattern.leastCut : Infinity, steps);
        if (end !== undefined) found.push(pattern.within ? base64Around(text, at, end) : [at, end]);
      }
    }
    return found;
  }

  /** The patterns whose first letter stands here, plain or in an escape. */
  #beginningAt(text: string, at: number): readonly Pattern[] | undefined {
    const unit = text.charCodeAt(at);
    const plain = this.#byFirst[unit];
    if (unit !== 0x25 && unit !== 0x5c && unit !== 0x26) return plain;
    const escaped = escapesAt(text, at).flatMap(
      ({ character }): readonly Pattern[] => this.#byFirst[character.charCodeAt(0)] ?? [],
    );
    return escaped.length === 0 ? plain : [...(plain ?? []), ...escaped];
  }

  #add(pattern: Pattern): void {
    const [first] = pattern.letters;
    if (first === undefined) return;
    const beginnings = [first.character, ...first.disguises];
    for (const unit of new Set(beginnings.map((beginning) => beginning.charCodeAt(0)))) {
      (this.#byFirst[unit] ??= []).push(pattern);
    }
  }
}

function patternOf(text: string, within: boolean, letters: Map<string, Letter>): Pattern {
  return { letters: lettersOf(text, letters), leastCut: within ? LEAST_BASE64 : LEAST_SEARCHED, within };
}

/** One object for each different character: a secret may be long. */
function lettersOf(text: string, letters: Map<string, Letter>): Letter[] {
  return Array.from(text, (character) => {
    const known = letters.get(character);
    if (known !== undefined) return known;
    const code = character.charCodeAt(0);
    const letter = { character, unit: isPlain(code) ? code : undefined, disguises: disguisesOf(character) };
    letters.set(character, letter);
    return letter;
  });
}

/** Outside of ASCII: UTF-8 read as Latin-1, or Latin-1 (or a lone surrogate) that was no UTF-8. */
function disguisesOf(character: string): readonly string[] {
  if (character.charCodeAt(0) < 0x80) return [];
  return [Buffer.from(character, 'utf8').toString('latin1'), '\ufffd'];
}

/**
 * Where the letters end that begin at `at`, the longest way to read them; undefined when they don't stand there. At least
 * `leastCut` of them before the end of the text are enough.
 */
function endOf(
  letters: readonly Letter[],
  text: string,
  at: number,
  leastCut: number,
  steps: Steps,
): number | undefined {
  // Most letters have one spelling, and most places are the wrong ones: that is seen without making anything.
  let plain = 0;
  while (plain < letters.length && letters[plain]?.unit === text.charCodeAt(at + plain)) plain++;
  if (plain === letters.length) return at + plain;
  if (letters[plain]?.unit !== undefined && isPlain(text.charCodeAt(at + plain))) return undefined;
  // A backslash or a percent sign may stand for itself or begin an escape: more than one way can be open.
  let open = [at + plain];
  for (let place = plain; place < letters.length; place++) {
    const next: number[] = [];
    steps.left -= open.length * open.length;
    if (steps.left < 0) return undefined;
    for (const from of open) addEnds(next, letters[place] as Letter, text, from);
    if (place >= leastCut && open.some((from) => isCutEscape(text.slice(from, from + 25)))) return text.length;
    if (next.length === 0) return undefined;
    open = next;
  }
  return Math.max(...open);
}

/** False for what begins an escape, for a space (`+` in a query), outside of ASCII, and beyond the end of a text. */
function isPlain(unit: number): boolean {
  return unit < 0x80 && unit !== 0x25 && unit !== 0x5c && unit !== 0x26 && unit !== 0x20;
}

function addEnds(ends: number[], { character, disguises }: Letter, text: string, at: number): void {
  if (text.startsWith(character, at)) add(ends, at + character.length);
  else if (character === ' ' && text.charCodeAt(at) === 0x2b) add(ends, at + 1);
  for (const disguise of disguises) if (text.startsWith(disguise, at)) add(ends, at + disguise.length);
  for (const escape of escapesAt(text, at)) if (escape.character === character) add(ends, escape.end);
}

function add(ends: number[], end: number): void {
  if (!ends.includes(end)) ends.push(end);
}

function wholeBase64(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const padded = bytes.toString('base64');
  return [padded, padded.replace(/=+$/, ''), bytes.toString('base64url')];
}

// Six bytes: shorter ones stand in other texts by chance.
const LEAST_BASE64 = 8;

/** The characters of base64 that are the same whatever is encoded before and after the value, for each of the three ways it can fall. */
function innerBase64(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const inner = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const end = Math.floor(((bytes.length + before) * 8) / 6);
    return encoded.slice(Math.ceil((before * 8) / 6), end);
  });
  const urlSafe = inner.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [...inner, ...urlSafe].filter((text) => text.length >= LEAST_BASE64);
}

const BASE64 = /[A-Za-z\d+/_-]/;

function base64Around(text: string, start: number, end: number): Range {
  let [from, to] = [start, end];
  while (BASE64.test(text.charAt(from - 1))) from--;
  while (BASE64.test(text.charAt(to))) to++;
  while (text.charAt(to) === '=') to++;
  return [from, to];
}

/** A short value behind its name. */
interface NamedPattern {
  /** Finds the name and what stands between it and the value. */
  readonly prefix: RegExp;
  readonly letters: readonly Letter[];
}

const SEPARATOR = String.raw`["'\s\]]*(?:=>|[:=>])["'\s[]*`;

function namedPattern({ name = '', value }: Secret, letters: Map<string, Letter>): NamedPattern[] {
  if (name === '') return [];
  const literal = name.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
  const prefix = new RegExp(String.raw`(?<![\w-])${literal}${SEPARATOR}`, 'gi');
  return [{ prefix, letters: lettersOf(value, letters) }];
}

function namedRanges({ prefix, letters }: NamedPattern, text: string): Range[] {
  const found: Range[] = [];
  for (const match of text.matchAll(prefix)) {
    const start = match.index + match[0].length;
    const end = endOf(letters, text, start, Infinity, { left: MOST_STEPS_A_TEXT });
    if (end !== undefined && !/^[\p{L}\p{N}_]/u.test(text.slice(end, end + 2))) found.push([start, end]);
  }
  return found;
}
