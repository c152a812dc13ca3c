/** Charges retries to their case and to the budget of the run, and gives them back. */

import { RetryBudget } from '../flow/retry-budget.js';
import type { CaseRun } from './case-run.js';
import type { RunCounters } from './run-counters.js';

export class RetryAccount {
  readonly #budget = new RetryBudget();
  readonly #counters: RunCounters;

  constructor(counters: RunCounters) {
    this.#counters = counters;
  }

  /** The first attempt of a case starts. */
  firstAttempt(): void {
    this.#budget.firstAttempt();
  }

  /** Charges the retry that comes next; false when the budget has none left. */
  charge(run: CaseRun): boolean {
    if (this.#budget.spend()) run.chargeRetry();
    else {
      this.#counters.retriesDenied++;
      return false;
    }
    return true;
  }

  /** An attempt has succeeded: if it was a retry, it was no waste. */
  succeeded(run: CaseRun): void {
    if (run.isChargedRetry) this.#budget.refund();
  }

  /** The attempt that has ended was not the fault of its case: if it was a retry, it does not count. */
  giveBack(run: CaseRun): void {
    if (!run.isChargedRetry) return;
    this.#counters.retries--;
    this.#budget.refund();
  }
}
