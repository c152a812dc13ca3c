import { clip } from '../../text/clip.js';

const MAX_MATCHES_TOLD = 10;
const LONGEST_PROBLEM = 400;

/** Wanted ids: an exact match, else the only one that differs in case alone. */
export class WantedIds {
  readonly #exact: Map<string, boolean>;
  /** By the id in lower case: the ids that differ from a wanted one in case alone. */
  readonly #others = new Map<string, { matches: string[]; count: number }>();
  /** What is wrong with the first record that has a wanted id and is not valid. */
  readonly #invalid = new Map<string, string>();

  constructor(ids: readonly string[]) {
    this.#exact = new Map(ids.map((id) => [id, false]));
    for (const id of ids) this.#others.set(id.toLowerCase(), { matches: [], count: 0 });
  }

  see(id: string): 'exact' | 'other-case' | undefined {
    if (this.#exact.has(id)) {
      this.#exact.set(id, true);
      return 'exact';
    }
    const others = this.#others.get(id.toLowerCase());
    if (others === undefined) return undefined;
    if (++others.count <= MAX_MATCHES_TOLD) others.matches.push(id);
    return others.count <= MAX_MATCHES_TOLD ? 'other-case' : undefined;
  }

  seeInvalid(id: string, problem: () => string): void {
    if (this.#exact.has(id) && !this.#invalid.has(id)) this.#invalid.set(id, clip(problem(), LONGEST_PROBLEM));
  }

  isOnlyMatch(id: string): boolean {
    const lower = id.toLowerCase();
    const unmet = [...this.#exact].some(([wanted, found]) => !found && wanted.toLowerCase() === lower);
    return unmet && this.#others.get(lower)?.count === 1;
  }

  ambiguous(): { id: string; matches: string[] }[] {
    const found = this.#unmet().map((id) => ({ id, others: this.#others.get(id.toLowerCase()) }));
    return found.flatMap(({ id, others }) => (others && others.count > 1 ? [{ id, matches: others.matches }] : []));
  }

  missing(): string[] {
    return this.#unmatched().filter((id) => !this.#invalid.has(id));
  }

  invalid(): { id: string; problem: string }[] {
    return this.#unmatched().flatMap((id) => {
      const problem = this.#invalid.get(id);
      return problem === undefined ? [] : [{ id, problem }];
    });
  }

  #unmatched(): string[] {
    return this.#unmet().filter((id) => this.#others.get(id.toLowerCase())?.count === 0);
  }

  #unmet(): string[] {
    return [...this.#exact].flatMap(([id, found]) => (found ? [] : [id]));
  }
}
