/** Saved results → summary. What only a run itself can know is taken from the closing lines. */

import { LatencyHistogram } from '../results/latency.js';
import type { FinishedRun } from './merge-index.js';
import { areDisjoint, newestRuns } from './merged-run.js';
import type { LimitSummary, SavedResult, SavedTry, Summary } from '../results/run-info.js';
import { MOST_MS } from '../results/bounds.js';
import { Tally } from '../results/tally.js';
import { WordSums } from '../results/word-sums.js';

/** Counts merged results one by one, each case once. */
export class SavedTally {
  readonly #runs: readonly FinishedRun[];
  readonly #tally = new Tally();
  readonly #latency = new LatencyHistogram();
  readonly #waitedMs = new WordSums();
  #attempts = 0;
  #retries = 0;
  #retriesDenied = 0;
  #polls = 0;

  /** Failures that are left out of the files are counted at once, if no other file can have them. */
  constructor(runs: readonly FinishedRun[]) {
    this.#runs = runs;
    if (areDisjoint(runs)) for (const { leftOut = {} } of runs) this.#tally.addFailures(leftOut);
  }

  add(result: SavedResult): void {
    this.#tally.add(result);
    this.#attempts += result.attempts;
    if (result.error?.notRetried === 'budget') this.#retriesDenied++;
    this.#addTries(result.tries ?? []);
    if (result.status === 'enriched' && result.attempts > 0) this.#latency.record(lastCallMs(result));
  }

  /** Counts cases without a result that were submitted. */
  addPlaces(count: number): void {
    this.#tally.addPlaces(count);
  }

  /** The summary of runs that took `durationMs`; that of the only run with calls, if all results are its own, as it stands. */
  summary(durationMs: number): Summary {
    const summary = this.#tally.summary(this.#figures(), durationMs);
    const [own, ...others] = runsWithCalls(this.#runs);
    return own !== undefined && others.length === 0 && isSummaryOf(own.summary, summary) ? own.summary : summary;
  }

  #addTries(tries: readonly SavedTry[]): void {
    for (const [at, { waitMs, waitFor }] of tries.entries()) {
      if (at === 0) continue;
      if (wasRetry(tries[at - 1]?.outcome, waitFor)) this.#retries++;
      if (waitFor === 'poll') this.#polls++;
      if (waitFor !== undefined) this.#waitedMs.add(waitFor, waitMs);
    }
  }

  #figures(): Parameters<Tally['summary']>[0] {
    const newest = newestRuns(this.#runs).map((each) => each.summary);
    const returns = newest.flatMap(({ retryAt }) => (retryAt === undefined ? [] : [Date.parse(retryAt)]));
    return {
      attempts: this.#attempts,
      retries: this.#retries,
      retriesDenied: this.#retriesDenied,
      polls: this.#polls,
      latency: this.#latency,
      maxInFlight: highest(this.#runs.map(({ summary }) => summary.maxInFlight)),
      limit: limitOf(newest),
      waitedMs: roundedValues(this.#waitedMs.record),
      pauses: sumOf(this.#runs.map(({ summary }) => summary.pauses)),
      outages: sumOf(this.#runs.map(({ summary }) => summary.outages ?? NONE)),
      retryAt: returns.length === 0 ? null : highest(returns),
    };
  }
}

interface CountedTime {
  readonly count: number;
  readonly ms: number;
}

const NONE: CountedTime = { count: 0, ms: 0 };

function sumOf(all: readonly CountedTime[]): CountedTime {
  return {
    count: Math.min(Number.MAX_SAFE_INTEGER, sum(all.map(({ count }) => count))),
    ms: Math.min(MOST_MS, sum(all.map(({ ms }) => ms))),
  };
}

/**
 * The failures that a run has counted and not written (`--on-failure skip`), by kind. `written` counts what is in its
 * file, nothing of it by another run.
 */
export function leftOutBy(summary: Summary, written: Tally): Summary['failuresByKind'] {
  const kinds = Object.entries(summary.failuresByKind).filter(([kind]) => kind !== 'case' && kind !== 'cancelled');
  const inFile = written.failuresByKind;
  return Object.fromEntries(
    kinds.flatMap(([kind, count]) => {
      const missing = count - (Object.hasOwn(inFile, kind) ? (inFile[kind] ?? 0) : 0);
      return missing > 0 ? [[kind, missing]] : [];
    }),
  );
}

const WAITS_OF_RETRIES: ReadonlySet<string> = new Set(['backoff', 'retry-after', 'rate', 'pause']);

/**
 * True when an attempt cost a retry, by what the one before it came to and what was waited for. After an answer that is
 * about the endpoint (429, or 403 and 503 with Retry-After) it costs none; a retry can be held up by someone else's pause.
 */
function wasRetry(before: string | undefined, waitFor: string | undefined): boolean {
  if (waitFor === undefined || !WAITS_OF_RETRIES.has(waitFor) || before === 'http 429') return false;
  return !(waitFor === 'retry-after' && (before === 'http 403' || before === 'http 503'));
}

/** Later runs that found everything done change nothing; without any call it is the only run that counts. */
function runsWithCalls(runs: readonly FinishedRun[]): readonly FinishedRun[] {
  return runs.length === 1 ? runs : runs.filter(({ summary }) => summary.attempts > 0);
}

/** The time of the attempt that succeeded. */
function lastCallMs({ tries, durationMs }: SavedResult): number {
  return tries?.at(-1)?.durationMs ?? durationMs;
}

/** True when nothing else was merged: no earlier run, no other file, no line added or lost. */
function isSummaryOf(own: Summary, counted: Summary): boolean {
  const counts = ['total', 'enriched', 'failed', 'invalid', 'cancelled'] as const;
  const marks = ['skipped', 'stale', 'pending'] as const;
  const isSame = counts.every((name) => own[name] === counted[name]);
  return own.resumed === 0 && isSame && marks.every((name) => (own[name] ?? 0) === (counted[name] ?? 0));
}

function limitOf(newest: readonly Summary[]): LimitSummary {
  const [only, ...others] = newest.map(({ limit }) => limit);
  if (only === undefined) return { configured: 1, settled: 1 };
  if (others.length === 0) return only;
  // The courses of several runs can't be drawn as one.
  const limits = [only, ...others];
  return {
    configured: highest(limits.map(({ configured }) => configured)),
    settled: highest(limits.map(({ settled }) => settled)),
  };
}

/** Caps a sum, so that the summary can be read back. */
function roundedValues(values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Math.min(MOST_MS, Math.round(value))]),
  );
}

/** Any number of values; 0 without one. */
function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
