/** Failures after which a run stops by itself, because continuing is pointless. */

import type { EnrichmentResult, Failure } from '../case.js';
import { failureLabel } from '../results/failure-label.js';
import type { StopReason, Summary } from '../results/run-info.js';

/** A number of cases, or a share of them in percent. */
export type Threshold = { readonly count: number } | { readonly percent: number };

export interface StopRuleOptions {
  readonly failFast?: boolean;
  /** Given at all, it replaces the `all-failing` rules; `none` never stops. */
  readonly maxFailures?: Threshold | 'none' | null;
}

/** Stop when the first cases are all refused alike, this many: the credentials are wrong. */
export const ALL_REFUSED_AFTER = 10;
/** Stop when the first cases all fail alike, this many: the endpoint or the settings are wrong. */
export const ALL_FAILING_AFTER = 50;
/** A percentage means nothing before this many cases are finished. */
export const PERCENT_FROM = 20;

/** Stop when so many calls in a row are refused, at any time: credentials that were right have expired or were withdrawn. */
export const REFUSED_IN_A_ROW = 10;
const NO_CREDENTIALS: ReadonlySet<number> = new Set([401, 407]);

/** Calls that were refused one after another. */
export interface Refusal {
  /** Of the last one. */
  readonly httpStatus: number;
  /** When the first of them was refused, ISO 8601. */
  readonly since: string;
  readonly calls: number;
  /** Good calls before them. */
  readonly goodCalls: number;
}

/** What is known of a result besides itself. */
export interface Observed {
  /**
   * An earlier run has seen the case fail in the same way. That says nothing about the endpoint; otherwise a journal whose
   * first cases fail for good could never be finished.
   */
  readonly isKnown?: boolean;
  /** A result of the same call was observed before: a batch that is refused is one call, and so is a shared one. */
  readonly isSameCall?: boolean;
}

const REFUSALS: ReadonlySet<number> = new Set([401, 403, 407]);

export class StopRules {
  readonly #options: StopRuleOptions;
  #finished = 0;
  #failed = 0;
  /** Finished cases that tell something about the endpoint: not those that are known to fail. */
  #informative = 0;
  #isRefused = false;
  #refusal: Refusal | null = null;
  #goodCalls = 0;
  /** The one cause of every failure so far, while there was no success and no second cause. */
  #onlyCause: string | null = null;
  #isMixed = false;

  constructor(options: StopRuleOptions) {
    this.#options = options;
  }

  /** The calls that were refused last, one after another; null when the last call was not refused. */
  get refusal(): Refusal | null {
    return this.#refusal;
  }

  /** Takes note of a result; returns why the run should stop now, or null. Invalid and cancelled cases don't count. */
  observe(result: EnrichmentResult, { isKnown = false, isSameCall = false }: Observed = {}): StopReason | null {
    if (result.status !== 'enriched' && result.status !== 'failed') return null;
    this.#finished++;
    if (result.status === 'failed') this.#failed++;
    if (!isKnown) this.#learn(result);
    if (!isKnown && !isSameCall) this.#noteRefusal(result);
    if (result.status === 'failed' && this.#options.failFast) return 'fail-fast';
    return this.#tooManyFailures() ? 'max-failures' : this.#allFailing() ? 'all-failing' : null;
  }

  #learn({ error }: EnrichmentResult): void {
    this.#informative++;
    if (error === null) this.#isMixed = true;
    else this.#learnCause(error);
  }

  #noteRefusal({ error, at }: EnrichmentResult): void {
    const httpStatus = error?.httpStatus ?? 0;
    if (error === null) this.#goodCalls++;
    if (!NO_CREDENTIALS.has(httpStatus)) this.#refusal = null;
    else {
      const { since = at, calls = 0 } = this.#refusal ?? {};
      this.#refusal = { httpStatus, since, calls: calls + 1, goodCalls: this.#goodCalls };
    }
  }

  #learnCause(failure: Failure): void {
    this.#isRefused = REFUSALS.has(failure.httpStatus ?? 0);
    const cause = failureLabel(failure);
    this.#onlyCause ??= cause;
    if (this.#onlyCause !== cause) this.#isMixed = true;
  }

  #tooManyFailures(): boolean {
    return isTooMany(this.#options.maxFailures ?? 'none', this.#failed, this.#finished);
  }

  #allFailing(): boolean {
    const given = this.#options.maxFailures !== undefined && this.#options.maxFailures !== null;
    if (given) return false;
    if ((this.#refusal?.calls ?? 0) >= REFUSED_IN_A_ROW) return true;
    if (this.#isMixed) return false;
    return this.#informative >= (this.#isRefused ? ALL_REFUSED_AFTER : ALL_FAILING_AFTER);
  }
}

/** True when so many of the finished cases have failed that the run should stop. */
export function isTooMany(max: Threshold | 'none', failed: number, finished: number): boolean {
  if (max === 'none' || failed === 0) return false;
  if ('count' in max) return failed >= max.count;
  return finished >= PERCENT_FROM && (failed / finished) * 100 >= max.percent;
}

/** True when the number of cases without enrichment (failed or invalid) is within the allowance. */
export function isWithin(allowed: Threshold, unenriched: number, total: number): boolean {
  if ('count' in allowed) return unenriched <= allowed.count;
  return unenriched * 100 <= allowed.percent * total;
}

/** Cases that count against the allowance: failed, invalid, and cancelled ones, and those whose last refresh failed. */
export function unenriched(
  counts: Pick<Summary, 'failed' | 'invalid' | 'cancelled'> & Partial<Pick<Summary, 'stale'>>,
): number {
  return counts.failed + counts.invalid + counts.cancelled + (counts.stale ?? 0);
}
