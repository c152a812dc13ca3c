/** Sums by word: any word, those of `Object.prototype` too. */
export class WordSums {
  readonly #sums = new Map<string, number>();

  add(word: string, amount: number): void {
    this.#sums.set(word, (this.#sums.get(word) ?? 0) + amount);
  }

  get(word: string): number {
    return this.#sums.get(word) ?? 0;
  }

  /** As a plain object. */
  get record(): Record<string, number> {
    return Object.fromEntries(this.#sums);
  }
}
