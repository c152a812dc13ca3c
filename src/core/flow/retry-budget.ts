/**
 * How many retries a run may spend: a token bucket, as in gRPC's retry throttling (proposal A6), with a refund. Every
 * first attempt adds a fraction of a token, a retry takes one, and a retry that succeeds gives it back, so only wasted
 * retries cost. A dead endpoint sees at most 1.2 calls a case, and the reserve; cases that recover still recover.
 */
export class RetryBudget {
  static readonly RESERVE = 10;
  static readonly CAP = 100;
  static readonly EARNED_PER_CASE = 0.2;

  #tokens = RetryBudget.RESERVE;

  /** Call for each first attempt of a case. */
  firstAttempt(): void {
    this.#add(RetryBudget.EARNED_PER_CASE);
  }

  /** Takes the token of one retry; false when there is none left. */
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Refunds the token of a retry that succeeded. */
  refund(): void {
    this.#add(1);
  }

  #add(tokens: number): void {
    this.#tokens = Math.min(RetryBudget.CAP, this.#tokens + tokens);
  }
}
