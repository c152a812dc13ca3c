/**
 * One request for equal requests: the first case that asks is called, those that come while it is under way get its
 * outcome, those that come later get its answer from memory as long as it is remembered. Failures are not remembered.
 */

import type { CaseRun } from './case-run.js';
import type { Answered } from './ending.js';

/** Limits of the LRU cache of answers: number of answers, and UTF-16 units (64 MiB). */
export const MOST_ANSWERS = 10_000;
export const MOST_ANSWER_UNITS = 32 * 2 ** 20;

export type ShareDecision =
  /** A new request: make the call, and report how it ended. */
  | { readonly do: 'call' }
  /** The call is under way; `ended` will hand this case back. */
  | { readonly do: 'wait' }
  | { readonly do: 'answer'; readonly answer: Answered };

export class SharedAnswers {
  /** Nearly all of them are texts alone: thousands more objects that live for long are copied by the collector again and again. */
  readonly #answers = new Map<string, string | Answered>();
  readonly #waiting = new Map<string, CaseRun[]>();
  #units = 0;

  /** What to do with a case whose request is known by `key`. */
  ask(key: string, run: CaseRun): ShareDecision {
    const kept = this.#answers.get(key);
    if (kept !== undefined) {
      this.#answers.delete(key);
      this.#answers.set(key, kept);
      return { do: 'answer', answer: typeof kept === 'string' ? { status: 'enriched', answer: kept } : kept };
    }
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      this.#waiting.set(key, []);
      return { do: 'call' };
    }
    waiting.push(run);
    return { do: 'wait' };
  }

  /** The call has ended, with an answer or (null) without; hands back the cases that waited for it. */
  ended(key: string, answer: Answered | null): readonly CaseRun[] {
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    if (answer !== null) this.#remember(key, answer);
    return waiting;
  }

  #remember(key: string, ending: Answered): void {
    const units = ending.answer.length;
    if (units > MOST_ANSWER_UNITS / 4) return;
    this.#answers.set(key, ending.httpStatus === undefined ? ending.answer : ending);
    this.#units += units;
    for (const [oldest, old] of this.#answers) {
      if (this.#answers.size <= MOST_ANSWERS && this.#units <= MOST_ANSWER_UNITS) return;
      this.#answers.delete(oldest);
      this.#units -= (typeof old === 'string' ? old : old.answer).length;
    }
  }
}
