/** A few examples of something there may be any number of: a list that stays small, and its true count. */
export interface Sample {
  readonly count: number;
  readonly examples: readonly string[];
}

/** Collects a Sample: the first `limit` texts and the count of all. */
export class SampleCollector implements Sample {
  count = 0;
  readonly examples: string[] = [];
  readonly #limit: number;

  constructor(limit = 20) {
    this.#limit = limit;
  }

  add(text: string): void {
    this.count++;
    if (this.examples.length < this.#limit) this.examples.push(text);
  }
}
