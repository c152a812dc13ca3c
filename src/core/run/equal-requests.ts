import { IdSet } from '../hash/id-set.js';

/** How many different requests are remembered, 22 bytes each; no further ones are compared. */
export const MOST_COMPARED = 1_000_000;

/** Counts requests that are the same as an earlier one, in bounded memory. */
export class EqualRequests {
  readonly #seen: IdSet;
  readonly #most: number;
  #distinct = 0;
  #repeated = 0;
  #example: string | undefined;
  #isPartial = false;

  /** The seed prevents crafted collisions. */
  constructor(seed: number, most = MOST_COMPARED) {
    this.#seen = new IdSet(seed);
    this.#most = most;
  }

  /** Requests that differ from all others that were compared. */
  get distinct(): number {
    return this.#distinct;
  }

  /** Requests that an earlier case has too. */
  get repeated(): number {
    return this.#repeated;
  }

  /** The first case that has the request of an earlier one. */
  get example(): string | undefined {
    return this.#example;
  }

  /** True when there were more different requests than are compared: there may be further equal ones. */
  get isPartial(): boolean {
    return this.#isPartial;
  }

  /** @param request equal for equal requests. */
  add(caseId: string, request: string): void {
    if (this.#seen.size >= this.#most) this.#isPartial = true;
    else if (!this.#seen.add(request)) return this.#repeat(caseId);
    this.#distinct++;
  }

  #repeat(caseId: string): void {
    this.#repeated++;
    this.#example ??= caseId;
  }
}
