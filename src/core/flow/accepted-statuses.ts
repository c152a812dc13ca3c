/** Which statuses of an answer are an enrichment: `--accept-status`. */

/** Statuses from `from` to `to`, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** Every 2xx, in which 202 is not named. */
export const DEFAULT_STATUSES: readonly StatusRange[] = [{ from: 200, to: 299 }];

/** "Accepted": the answer comes later. No enrichment by itself. */
export const COMES_LATER = 202;

const PAST_LAST = 600;

/** The statuses in some ranges. One that only passes over 202 leaves it out: 202 has to be named, as an end of a range. */
export class AcceptedStatuses {
  readonly #isAccepted = new Uint8Array(PAST_LAST);
  /** True when 202 is an answer like any other. */
  readonly hasLater: boolean;

  constructor(ranges: readonly StatusRange[] = DEFAULT_STATUSES) {
    for (const { from, to } of ranges) this.#isAccepted.fill(1, from, to + 1);
    this.hasLater = namesLater(ranges);
    if (!this.hasLater) this.#isAccepted[COMES_LATER] = 0;
  }

  has(httpStatus: number): boolean {
    return this.#isAccepted[httpStatus] === 1;
  }
}

/** True when one of the ranges begins or ends with 202. */
export function namesLater(ranges: readonly StatusRange[]): boolean {
  return ranges.some(({ from, to }) => from === COMES_LATER || to === COMES_LATER);
}

/** The status of an answer that was accepted, where results tell it: outside of 2xx. Undefined for all others. */
export function toldStatus(httpStatus: number | undefined): number | undefined {
  if (httpStatus === undefined || (httpStatus >= 200 && httpStatus < 300)) return undefined;
  return Number.isInteger(httpStatus) && httpStatus >= 100 && httpStatus <= 999 ? httpStatus : undefined;
}
