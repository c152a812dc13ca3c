/**
 * A run under way as others see it: told by the events of the run, it has the parts of the messages. Its memory does not
 * grow with the run, and an attempt costs it a few numbers.
 */

import type { EnrichmentResult } from '../case.js';
import type { AttemptEvent, Clock, OutageEvent, PauseEvent } from '../ports.js';
import { FailureGroups } from '../results/failure-groups.js';
import { tenth } from '../results/latency.js';
import type { RunEnd, StartedRun } from '../results/run-end.js';
import { type RunState, timeLeftMs } from '../results/run-state.js';
import type { StopReason } from '../results/run-info.js';
import { isWithin, type Threshold, unenriched } from '../run/stop-rules.js';
import {
  type LiveEnd,
  type LiveEndVerdict,
  type LiveFailure,
  type LiveGroup,
  type LiveOutage,
  type LivePause,
  type LiveSnapshot,
  type LiveState,
  type LiveUpdate,
  SERIES_COLUMNS,
} from './messages.js';
import { Series } from './series.js';
import { liveFailure, liveGroup, outcomeText } from './shown.js';

/** A message without what the sender adds to each. */
type Parts<Message> = Omit<Message, 'v' | 'type' | 'seq'>;

/** What has changed; `isWhole` when that can't be said but by a snapshot. */
export interface ViewChange {
  readonly isWhole: boolean;
  readonly update: Parts<LiveUpdate>;
}

const MOST_GROUPS = 20;
const MOST_FAILURES = 20;
/** A pause that somebody else has brought about: another worker on the same queue. */
const OTHERS = 'another worker';

/** A run that has begun. */
interface Begun {
  readonly run: StartedRun;
  readonly state: () => RunState;
  readonly series: Series;
}

export class RunView {
  readonly #clock: Clock;
  readonly #allowed: Threshold;
  readonly #groups = new FailureGroups();
  #begun: Begun | null = null;
  #state: LiveState | null = null;
  #isDrained = false;
  #stoppedBy: StopReason | null = null;
  #pause: (Omit<LivePause, 'leftMs'> & { readonly untilMs: number }) | null = null;
  #outageFor = '';
  /** How many cases each group had when its change was taken last, by its number. */
  readonly #taken = new Map<number, number>();
  #areGroupsNew = false;
  #failures: LiveFailure[] = [];
  #newFailures = 0;

  /** @param allowed how many cases may go without enrichment (`--allow-failures`). */
  constructor(clock: Clock, allowed: Threshold) {
    this.#clock = clock;
    this.#allowed = allowed;
  }

  started(run: StartedRun, state: () => RunState): void {
    this.#begun = { run, state, series: new Series(this.#clock.now()) };
    this.observe();
  }

  attempted({ outcome, durationMs }: AttemptEvent): void {
    this.#begun?.series.attempted(this.#clock.now(), outcome.ok, durationMs);
  }

  paused({ ms, asked, outcome }: PauseEvent): void {
    const now = this.#clock.now();
    this.#pause = { for: outcomeText(outcome), asked, untilMs: now + ms };
    this.#begun?.series.paused(now, now + ms);
  }

  outage({ change, outcome }: OutageEvent): void {
    this.#outageFor = outcomeText(outcome);
    this.#begun?.series.outage(this.#clock.now(), change === 'began' || change === 'tried');
  }

  delivered(results: readonly EnrichmentResult[]): void {
    let last = 0;
    let failures: EnrichmentResult[] | undefined;
    for (const result of results) {
      if (result.status === 'enriched') continue;
      if (result.status !== 'invalid' && result.attempts > 0) last++;
      if (result.status !== 'cancelled') (failures ??= []).push(result);
    }
    if (last > 0) this.#begun?.series.gaveUp(this.#clock.now(), last);
    if (failures !== undefined) this.#noteFailures(failures);
  }

  stopped(reason: StopReason): void {
    this.#stoppedBy = reason;
  }

  /** The state is looked at for the last time. */
  drained(): void {
    this.observe();
    this.#isDrained = true;
  }

  /** Takes note of the state of the run; to be called at least once a second, for the course of calls in flight. */
  observe(): LiveState | null {
    if (this.#begun === null || this.#isDrained) return this.#state;
    const state = this.#begun.state();
    const now = this.#clock.now();
    const pauseLeftMs = state.pauseLeftMs ?? 0;
    if (pauseLeftMs > 0) this.#begun.series.paused(now, now + pauseLeftMs);
    this.#begun.series.level(now, state.inFlight, state.limit);
    return (this.#state = this.#stateOf(state, now));
  }

  /**
   * Everything, as it is now; null before the beginning.
   * @param isMidway without the failures that the next change will bring.
   */
  snapshot(isMidway = false): Parts<LiveSnapshot> | null {
    const state = this.observe();
    if (this.#begun === null || state === null) return null;
    const { run, series } = this.#begun;
    return {
      run,
      state,
      series: { stepMs: series.stepMs, columns: SERIES_COLUMNS, rows: series.rows() },
      groups: this.#topGroups(),
      failures: isMidway ? this.#failures.slice(0, this.#failures.length - this.#newFailures) : this.#failures,
    };
  }

  /** What has changed since the last call of this; null before the beginning. */
  takeChange(): ViewChange | null {
    const state = this.observe();
    if (this.#begun === null || state === null) return null;
    const { isRescaled, firstRow, rows } = this.#begun.series.takeChange();
    const failures = this.#newFailures === 0 ? [] : this.#failures.slice(-this.#newFailures);
    this.#newFailures = 0;
    return { isWhole: isRescaled, update: { state, firstRow, rows, groups: this.#takeGroups(), failures } };
  }

  /** @param verdict the sentence that reports have about it. */
  end(end: RunEnd, verdict: LiveEndVerdict): Parts<LiveEnd> {
    const { run, summary, exitCode, groups, thresholds = [], next = [], hint } = end;
    return {
      run,
      summary,
      exitCode,
      verdict,
      groups: groups.slice(0, MOST_GROUPS).map((group) => liveGroup(group, hint?.(group))),
      thresholds,
      next,
    };
  }

  #noteFailures(results: readonly EnrichmentResult[]): void {
    for (const result of results) this.#groups.add(result);
    this.#areGroupsNew = true;
    const atMs = this.#clock.wallNow();
    const latest = results.slice(-MOST_FAILURES).map((result) => liveFailure(result, atMs));
    this.#failures = [...this.#failures, ...latest].slice(-MOST_FAILURES);
    this.#newFailures = Math.min(MOST_FAILURES, this.#newFailures + latest.length);
  }

  #topGroups(): LiveGroup[] {
    return this.#groups
      .groups()
      .slice(0, MOST_GROUPS)
      .map((group) => liveGroup(group));
  }

  #takeGroups(): LiveGroup[] {
    if (!this.#areGroupsNew) return [];
    this.#areGroupsNew = false;
    const changed = this.#topGroups().filter(({ number, count }) => this.#taken.get(number) !== count);
    for (const { number, count } of changed) this.#taken.set(number, count);
    return changed;
  }

  #stateOf(state: RunState, now: number): LiveState {
    const { elapsedMs, recentRate, p50Ms, p99Ms, isTokenAwaited = false, outage, pauseLeftMs } = state;
    return {
      verdict: this.#isFailing(state) ? 'failing' : 'ok',
      phase: state.phase,
      elapsedMs: Math.round(elapsedMs),
      ...countsOf(state),
      recentRate: tenth(recentRate),
      leftMs: rounded(timeLeftMs(state)),
      p50Ms: p50Ms === null ? null : tenth(p50Ms),
      p99Ms: p99Ms === null ? null : tenth(p99Ms),
      pause: this.#pauseOf(pauseLeftMs, now),
      outage: outage === undefined ? null : this.#outageOf(outage),
      isTokenAwaited,
    };
  }

  /** Were this the end, the exit code would not be 0: every early stop has one of its own. */
  #isFailing(state: RunState): boolean {
    const total = state.enriched + state.failed + state.invalid + state.cancelled;
    return this.#stoppedBy !== null || !isWithin(this.#allowed, unenriched(state), total);
  }

  #pauseOf(leftMs = 0, now: number): LivePause | null {
    if (leftMs <= 0) return null;
    const known = this.#pause !== null && this.#pause.untilMs > now ? this.#pause : { for: OTHERS, asked: false };
    return { for: known.for, asked: known.asked, leftMs: Math.round(leftMs) };
  }

  #outageOf({ sinceMs, nextTryMs, tries }: NonNullable<RunState['outage']>): LiveOutage {
    return { sinceMs: Math.round(sinceMs), nextTryMs: rounded(nextTryMs), tries, for: this.#outageFor };
  }
}

function countsOf(
  state: RunState,
): Omit<LiveState, 'verdict' | 'phase' | `${string}Ms` | 'recentRate' | 'pause' | 'outage' | 'isTokenAwaited'> {
  const { done, total, enriched, failed, invalid, cancelled, resumed } = state;
  const { inFlight, pending = 0, limit, adaptive, retries } = state;
  return { done, total, enriched, failed, invalid, cancelled, resumed, inFlight, pending, limit, adaptive, retries };
}

function rounded(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms);
}
