/** Which field of an export holds the ids, where (nearly) no record has one under the name that was looked for. */

import { isObject } from '../../json/text.js';
import { KNOWN_FIELDS } from './known-fields.js';

/** How many records without an id are examined. */
const MOST_LOOKED_AT = 300;
const MOST_NAMES = 200;
const LONGEST_ID = 100;
/** The least number of values: fewer may all be different by chance. */
const FEWEST_OF_ANY_NAME = 3;
const NEARLY_ALL = 0.95;
const MOST = 0.9;
/** A field with a usual id name need only be in this share of the records. */
const MOST_OF_USUAL = 0.5;

/** What exports call an id, the likeliest first. */
const USUAL_NAMES: readonly RegExp[] = [
  /^id$/i,
  /^number$/i,
  /^key$/i,
  /^_id$/,
  /^(uuid|guid)$/i,
  /^(case|ticket|issue|incident|alert)[ _-]?(id|number|key|no)$/i,
  /([a-z]I[dD]|[ _-][iI][dD])$/,
];

/** A field that may be the id: the number of records that have it, and whether all its values were different so far. */
interface Candidate {
  count: number;
  unique: boolean;
  readonly values: Set<string>;
}

/** Looks at the records that have no id, one after another. */
export class IdCandidates {
  readonly #fields = new Map<string, Candidate>();
  #without = 0;
  #looked = 0;

  add(record: unknown): void {
    this.#without++;
    if (this.#looked >= MOST_LOOKED_AT || !isObject(record)) return;
    this.#looked++;
    for (const [name, value] of Object.entries(record)) {
      if (typeof value === 'string' || Number.isInteger(value)) this.#note(name, String(value).trim());
    }
  }

  /** The field that most likely is the id; undefined when most of the `read` records have one, or no field fits. */
  best(read: number): string | undefined {
    if (this.#looked === 0 || this.#without < read * NEARLY_ALL) return undefined;
    const often = this.#uniqueIn(MOST_OF_USUAL);
    return usualIdName(often) ?? this.#uniqueIn(MOST).find((name) => this.#isLikelyId(name));
  }

  /** The fields with a value of its own in more than this share of the records. */
  #uniqueIn(share: number): string[] {
    const fitting = [...this.#fields].filter(([, { count, unique }]) => unique && count > this.#looked * share);
    return fitting.map(([name]) => name);
  }

  #note(name: string, value: string): void {
    const known = this.#fields.get(name);
    if (known === undefined && this.#fields.size >= MOST_NAMES) return;
    const field = known ?? { count: 0, unique: true, values: new Set() };
    this.#fields.set(name, field);
    field.count++;
    if (value === '' || value.length > LONGEST_ID || field.values.has(value)) field.unique = false;
    if (field.unique) field.values.add(value);
    else field.values.clear();
  }

  /** Whether a field with any other name looks like an id: a word that is different in each of several records. */
  #isLikelyId(name: string): boolean {
    const values = [...(this.#fields.get(name)?.values ?? [])];
    const isKnown = (KNOWN_FIELDS as readonly string[]).includes(name);
    return !isKnown && values.length >= FEWEST_OF_ANY_NAME && values.every((value) => /^[\w.:/#-]+$/.test(value));
  }
}

/** The name among these that exports give the id most likely; undefined when none is such a name. */
export function usualIdName(names: readonly string[]): string | undefined {
  const usual = USUAL_NAMES.map((pattern) => names.find((name) => pattern.test(name)));
  return usual.find((name) => name !== undefined);
}
