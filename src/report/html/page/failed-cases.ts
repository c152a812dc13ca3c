/** The failed cases of the page: which of them a search finds, and in which order. Knows nothing of the document. */

import type { CauseData, FailureData, RowData } from './failure-data.js';
import { placeOf } from './failure-data.js';
import { globTest, parseQuery, type Token } from './query.js';

/** A failed case. `message`, `answer` and `file` are numbers of texts, `cause` of a cause. */
export interface FailedCase {
  readonly id: string;
  readonly lowerId: string;
  /** The id was too long for the page: it is shown, but not offered for copying. */
  readonly isIdCut: boolean;
  readonly cause: number;
  readonly attempts: number;
  readonly durationMs: number;
  readonly message: number;
  readonly answer: number;
  readonly requestId: string;
  readonly file: number;
  readonly line: number;
}

type Test = (aCase: FailedCase) => boolean;

export class FailedCases {
  readonly all: readonly FailedCase[];
  /** Failed cases that did not fit into the page. */
  readonly left: number;
  readonly #causes: readonly CauseData[];
  readonly #texts: readonly string[];
  readonly #lowerTexts: readonly string[];

  constructor({ causes, texts, rows, cutIds, left }: FailureData) {
    const cut = new Set(cutIds);
    this.all = rows.map((row, index) => caseOf(row, cut.has(index)));
    this.left = left;
    this.#causes = causes;
    this.#texts = texts;
    this.#lowerTexts = texts.map((text) => text.toLowerCase());
  }

  textOf(text: number): string {
    return this.#texts[text] ?? '';
  }

  causeOf({ cause }: FailedCase): string {
    return this.#causes[cause]?.label ?? '';
  }

  /** `cases.ndjson:77`, or an empty text. */
  placeOf({ file, line }: FailedCase): string {
    return placeOf(this.textOf(file), line);
  }

  /** The cases that have all words of the query, and for every field that it names one of the values. */
  find(query: string, sort: string): FailedCase[] {
    const tests = this.#testsFor(parseQuery(query));
    const found = this.all.filter((aCase) => tests.every((test) => test(aCase)));
    return this.#sorted(found, sort);
  }

  /** The tokens that say most about the failures and how many cases each finds: kinds first, then the most frequent. */
  suggestions(most: number): (readonly [token: string, count: number])[] {
    const counts = new Map<string, number>();
    for (const { cause } of this.all) {
      for (const token of this.#causes[cause]?.tokens ?? []) counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    const isKind = (token: string): number => Number(token.startsWith('kind:'));
    return [...counts].sort(([a, many], [b, more]) => isKind(b) - isKind(a) || more - many).slice(0, most);
  }

  #testsFor(tokens: readonly Token[]): Test[] {
    const words = tokens.filter(({ field }) => field === undefined).map(({ value }) => this.#wordTest(value));
    const fields = new Set(tokens.flatMap(({ field }) => field ?? []));
    const byField = Array.from(fields, (field) => {
      const globs = tokens.filter((token) => token.field === field).map(({ value }) => globTest(value));
      return this.#fieldTest(field, (value) => globs.some((isMatch) => isMatch(value)));
    });
    return [...byField, ...words];
  }

  /** Causes and texts are looked at once for all cases that have them. */
  #fieldTest(field: string, isMatch: (value: string) => boolean): Test {
    if (field === 'id') return ({ lowerId }) => isMatch(lowerId);
    if (field === 'file') return (aCase) => isMatch(this.placeOf(aCase).toLowerCase());
    const matches = this.#causes.map(({ fields }) => isMatch(String(fields[field] ?? '').toLowerCase()));
    return ({ cause }) => matches[cause] === true;
  }

  #wordTest(word: string): Test {
    const texts = this.#lowerTexts.map((text) => text.includes(word));
    const causes = this.#causes.map(({ label }) => label.toLowerCase().includes(word));
    return ({ message, answer, file, cause, lowerId, requestId }) =>
      texts[message] === true ||
      texts[answer] === true ||
      texts[file] === true ||
      causes[cause] === true ||
      lowerId.includes(word) ||
      requestId.toLowerCase().includes(word);
  }

  #sorted(cases: FailedCase[], sort: string): FailedCase[] {
    const isDown = sort.startsWith('-');
    const keyOf = this.#sortKey(isDown ? sort.slice(1) : sort);
    if (keyOf === undefined) return cases;
    const keyed = cases.map((aCase) => ({ aCase, key: keyOf(aCase) }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    if (isDown) keyed.reverse();
    return keyed.map(({ aCase }) => aCase);
  }

  #sortKey(column: string): ((aCase: FailedCase) => string | number) | undefined {
    switch (column) {
      case 'id':
        return ({ lowerId }) => lowerId;
      case 'cause':
        return (aCase) => this.causeOf(aCase);
      case 'attempts':
        return ({ attempts }) => attempts;
      case 'time':
        return ({ durationMs }) => durationMs;
      case 'message':
        return ({ message }) => this.#lowerTexts[message] ?? '';
      case 'source':
        return ({ file, line }) => this.textOf(file) + String(Math.abs(line)).padStart(12, '0');
      default:
        return undefined;
    }
  }
}

function caseOf(
  [id, cause, attempts, durationMs, message, answer, requestId, file, line]: RowData,
  isIdCut: boolean,
): FailedCase {
  const lowerId = id.toLowerCase();
  return { id, lowerId, isIdCut, cause, attempts, durationMs, message, answer, requestId, file, line };
}
