/** What is wrong with records, put into single problems and counted over many records. */

const ID = 'a non-empty string or an integer';
const DATE = 'an ISO 8601 date or date-time';

/** What the id and the known fields have to be, as problems say it. */
export const EXPECTED = { id: ID, date: DATE, text: 'a string', tags: 'an array of strings' } as const;

const BETWEEN = '; and ';
// A quoted value may contain any text: the separator only counts at the end of a problem.
const DIVIDER = new RegExp(`(?<=; expected (?:${Object.values(EXPECTED).join('|')}))${BETWEEN}`);
const SEEN_BEFORE = ' was seen before';
const MOST_KINDS = 64;

/** All problems of a record as one message. */
export function joinProblems(problems: readonly string[]): string {
  return problems.join(BETWEEN);
}

/** The single problems that a message is made of; other messages are one problem. */
export function problemsOf(message: string): readonly string[] {
  return message.split(DIVIDER);
}

/** A problem without what differs from record to record: `openedAt is not an ISO 8601 date or date-time`. */
export function problemKind(problem: string): string {
  if (problem.startsWith('the id ') && problem.endsWith(SEEN_BEFORE)) return `the id …${SEEN_BEFORE}`;
  if (problem.startsWith('not JSON: ')) return 'not JSON';
  // A saved message can have any length and form: no regular expression that could backtrack on it.
  const end = problem.lastIndexOf('; expected ');
  if (end === -1) return problem;
  const found = problem.slice(0, end);
  const expected = problem.slice(end + '; expected '.length);
  if (found.startsWith('found ') && expected === 'an object') return 'not an object';
  const is = found.indexOf(' is ');
  // As in `no id` and `id is empty`, which say it all.
  return is === -1 || found.endsWith(' is empty') ? found : `${found.slice(0, is)} is not ${expected}`;
}

/** Counts the problems of many records, in memory that does not grow with them. */
export class ProblemCounts {
  readonly #counts = new Map<string, number>();
  #others = 0;
  /** The last message, and how many records in a row had it: records of one export mostly share a problem. */
  #last = '';
  #inARow = 0;

  /** `message` has all problems of one record. */
  add(message: string): void {
    if (message !== this.#last) {
      this.#countLast();
      this.#last = message;
    }
    this.#inARow++;
  }

  /** Most frequent first. */
  counts(): readonly (readonly [kind: string, count: number])[] {
    this.#countLast();
    const counts = [...this.#counts].toSorted(([, a], [, b]) => b - a);
    return this.#others === 0 ? counts : [...counts, ['other problems', this.#others]];
  }

  #countLast(): void {
    if (this.#inARow === 0) return;
    for (const kind of new Set(problemsOf(this.#last).map(problemKind))) {
      const count = this.#counts.get(kind);
      if (count === undefined && this.#counts.size >= MOST_KINDS) this.#others += this.#inARow;
      else this.#counts.set(kind, (count ?? 0) + this.#inARow);
    }
    this.#inARow = 0;
  }
}
