/** Fields that a flag names and no case has: misspelled, most of the time. */

import type { Case } from '../../core/case.js';
import { UsageError } from '../../errors.js';
import { textAtName } from '../../json/text.js';
import { exportName } from '../../core/cases/record.js';
import { unknownField } from '../../report/terminal/selection-notes.js';

// How many cases are searched for field names to suggest.
const MOST_LOOKED_AT = 100;
const MOST_LISTED = 20;

export class UnseenFields {
  readonly #flag: string;
  readonly #names: Set<string>;
  readonly #inUse = new Set<string>();
  #looked = 0;

  /** The id is never reported: every case has one, under whatever name. */
  constructor(flag: string, fields: readonly string[], fieldNames: Readonly<Record<string, string>>) {
    this.#flag = flag;
    this.#names = new Set(fields.filter((field) => field !== 'id').map((field) => exportName(field, fieldNames)));
  }

  /** True when there is nothing more to find out: enough cases were looked at, or each field was there. */
  get isSettled(): boolean {
    return this.#names.size === 0 || this.#looked >= MOST_LOOKED_AT;
  }

  /** Throws a UsageError for the first field that no case has had so far. */
  refuse(): void {
    const [name] = this.#names;
    if (name === undefined || this.#looked === 0) return;
    const fields = [...this.#inUse].slice(0, MOST_LISTED).join(', ');
    const more = this.#inUse.size > MOST_LISTED ? ', …' : '';
    throw new UsageError(unknownField(name, this.#flag, this.#inUse), { hint: `the cases have ${fields}${more}` });
  }

  look(cases: readonly Pick<Case, 'text' | 'value'>[]): void {
    for (const aCase of cases) {
      if (this.#names.size === 0) return;
      for (const name of this.#names) if (textAtName(aCase.text, name) !== undefined) this.#names.delete(name);
      if (this.#looked++ < MOST_LOOKED_AT) for (const name of Object.keys(aCase.value)) this.#inUse.add(name);
    }
  }

  /** A sentence for each field that no case has had so far; nothing when there was no case. */
  notes(): string[] {
    return this.#looked === 0 ? [] : [...this.#names].map((name) => unknownField(name, this.#flag, this.#inUse));
  }
}
