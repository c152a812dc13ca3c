/**
 * Counts failures in a row, in the order in which the calls were started. By the order of their ends, quick failures of one
 * host would look like a row while the slow successes of another are still under way.
 */

/** Calls with consecutive numbers none of which succeeded. */
interface Stretch {
  from: number;
  to: number;
  failures: number;
}

/** More stretches than this are apart only because many calls are under way between them; the oldest are forgotten. */
const MOST_STRETCHES = 64;

export class FailureRow {
  /** In ascending order. */
  #stretches: Stretch[] = [];
  #lastGood = 0;

  /** Failures that no success of a later call has followed, whether or not calls between them are still under way. */
  get total(): number {
    return this.#stretches.reduce((sum, { failures }) => sum + failures, 0);
  }

  /** A call has succeeded: it ends the row of those that were started before it. */
  succeeded(sequence: number): void {
    if (sequence > this.#lastGood) this.#lastGood = sequence;
    if (this.#stretches.length > 0) this.#stretches = this.#stretches.filter(({ from }) => from > this.#lastGood);
  }

  /** A call has failed; returns the length of the row that it belongs to. */
  failed(sequence: number): number {
    return this.#add(sequence, 1);
  }

  /** A call has ended in a way that tells nothing: it neither adds to a row nor breaks it. */
  passed(sequence: number): void {
    if (this.#stretches.length > 0) this.#add(sequence, 0);
  }

  clear(): void {
    this.#stretches = [];
  }

  #add(sequence: number, failures: number): number {
    if (sequence < this.#lastGood) return 0;
    const after = this.#stretches.findIndex(({ from }) => from > sequence);
    const at = after === -1 ? this.#stretches.length : after;
    this.#stretches.splice(at, 0, { from: sequence, to: sequence, failures });
    this.#join(at);
    const length = this.#stretches[this.#join(at - 1) ? at - 1 : at]?.failures ?? 0;
    if (this.#stretches.length > MOST_STRETCHES) this.#stretches.shift();
    return length;
  }

  /** Makes one of a stretch and the next if no call lies between them. */
  #join(at: number): boolean {
    const [one, next] = [this.#stretches[at], this.#stretches[at + 1]];
    if (one === undefined || next === undefined || one.to + 1 !== next.from) return false;
    this.#stretches.splice(at, 2, { from: one.from, to: next.to, failures: one.failures + next.failures });
    return true;
  }
}
