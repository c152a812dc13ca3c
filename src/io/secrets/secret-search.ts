/** Finds secrets in a text, each of their characters plain or escaped. Secret values never become regular expressions. */

import { LEAST_SEARCHED, type Secret } from '../../core/secrets.js';
import { escapesAt, isCutEscape } from './escapes.js';

/** Start and exclusive end, in UTF-16 units. */
export type Range = readonly [start: number, end: number];

/** One text to look for. */
interface Pattern {
  readonly letters: readonly Letter[];
  /** How many of its letters must match at the end of a truncated text. */
  readonly leastCut: number;
  /** Whether it is the middle of a longer base64 text, which is then hidden as a whole. */
  readonly within: boolean;
}

/** A character of a secret. */
interface Letter {
  readonly character: string;
  /** Its code unit, if its only spellings are itself and its escapes. */
  readonly unit: number | undefined;
  /** Other forms it takes where bytes were decoded with the wrong encoding. */
  readonly disguises: readonly string[];
}

// Shorter values are also ordinary words: in another letter case they are unlikely to be the secret.
const LEAST_IN_ANY_CASE = 8;

export class SecretSearch {
  readonly #asWritten: PatternSearch;
  /** Ignores letter case: an endpoint may have changed a value to upper or lower case. */
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
   * The ranges of all secrets, unordered. `cut` says that the text is truncated, maybe within a secret. A text that takes
   * too many steps to search (crafted to be slow) counts as one secret as a whole.
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

/** Lower-cases ASCII letters only: the text must keep its length. */
function inSmallLetters(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Remaining step budget of a search, in ways to read one character of a secret. */
interface Steps {
  left: number;
}

const MOST_STEPS_A_TEXT = 100_000;
const STEPS_A_CHARACTER = 100;

class PatternSearch {
  /** Patterns by the code units that they can begin with. */
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

  /** The patterns whose first letter is at this index, plain or escaped. */
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

/** For a character outside of ASCII: its UTF-8 bytes read as Latin-1, or its Latin-1 byte as invalid UTF-8. */
function disguisesOf(character: string): readonly string[] {
  if (character.charCodeAt(0) < 0x80) return [];
  return [Buffer.from(character, 'utf8').toString('latin1'), '\ufffd'];
}

/**
 * The end of the longest match of the letters at `at`; undefined when they don't match. At the end of a truncated text
 * the first `leastCut` of them are enough.
 */
function endOf(
  letters: readonly Letter[],
  text: string,
  at: number,
  leastCut: number,
  steps: Steps,
): number | undefined {
  // Fast path without allocations: most letters have one spelling, and most indexes are no match.
  let plain = 0;
  while (plain < letters.length && letters[plain]?.unit === text.charCodeAt(at + plain)) plain++;
  if (plain === letters.length) return at + plain;
  if (letters[plain]?.unit !== undefined && isPlain(text.charCodeAt(at + plain))) return undefined;
  // A backslash or a percent sign may be literal or begin an escape, so several readings can be open.
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

// Six bytes: shorter ones occur in other texts by chance.
const LEAST_BASE64 = 8;

/** The characters of base64 that are the same whatever is encoded before and after the value, for each of its three possible alignments. */
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

/** A short value that is hidden only after its name. */
interface NamedPattern {
  /** Matches the name and the separator between it and the value. */
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
