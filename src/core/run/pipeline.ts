/**
 * Entries → results: pull-driven and bounded. An entry is pulled only when a slot is free; an invalid record is a result
 * at once. Soft stop: no new call, calls in flight may end. Hard stop: they are aborted. However it ends, every entry
 * that was pulled has exactly one result, and the source is closed.
 */

import type { CaseEntry, EnrichmentResult, KnownStatus, PendingPlace } from '../case.js';
import type { CaseSource, Clock, EnrichmentClient, OutageEvent, Random, Timer } from '../ports.js';
import { callMakerOf } from './batching.js';
import type { CallMaker } from './call-maker.js';
import type { CaseRun } from './case-run.js';
import type { Ending } from './ending.js';
import { Enricher } from './enricher.js';
import { EntryFeed } from './entry-feed.js';
import { Intake, memberOf } from './intake.js';
import { mayBeginMore, type PipelineOptions } from './run-options.js';
import type { StopReason } from '../results/run-info.js';
import type { OutageNow } from '../results/run-state.js';
import { outageNow } from './outage-event.js';
import { ResultStream } from './result-stream.js';
import { Slots } from './slots.js';
import { type Refusal, StopRules } from './stop-rules.js';
import type { RunFigures } from '../results/tally.js';

export type { PipelineOptions } from './run-options.js';

export class Pipeline implements AsyncIterable<readonly EnrichmentResult[]> {
  readonly #options: PipelineOptions;
  readonly #clock: Clock;
  readonly #stopRules: StopRules;
  readonly #feed: EntryFeed;
  readonly #intake: Intake;
  readonly #calls: CallMaker;
  readonly #enricher: Enricher;
  readonly #slots: Slots;
  readonly #results: ResultStream;
  /** Cases begun and not delivered, at most. */
  readonly #mostUndelivered: number;
  /** Where to ask for answers that come later: to be stored with the batch of results that was taken last. */
  places: readonly PendingPlace[] = [];
  #begun = 0;
  #finished = 0;
  #maxTime: Timer | null = null;
  #stoppedBy: StopReason | null = null;
  #firstFailure: EnrichmentResult | null = null;
  #refusal: Refusal | null = null;

  constructor(
    source: CaseSource,
    client: EnrichmentClient,
    options: PipelineOptions,
    world: { readonly clock: Clock; readonly random: Random },
  ) {
    this.#options = options;
    this.#clock = world.clock;
    this.#stopRules = new StopRules(options.stop ?? {});
    this.#feed = new EntryFeed(source, () => this.#pump());
    this.#intake = new Intake(client, options, world.clock);
    this.#calls = callMakerOf(client, { ...options.rules, safeToRepeat: client.safeToRepeat ?? true }, world.clock, {
      ready: (run) => this.#enricher.add(run),
      due: () => this.#sendGathered(),
    });
    const events = {
      finished: (run: CaseRun, ending: Ending, shared: boolean) => this.#finishRun(run, ending, shared),
      free: () => this.#pump(),
      stop: (reason: StopReason) => this.stop(reason),
      placeToKeep: () => this.#placeToKeep(),
      failed: (error: unknown) => this.fail(error),
    };
    const throttle = { ...options.throttle, maxTimeMs: options.maxTimeMs ?? null };
    this.#slots = new Slots(throttle.limit, events.failed, options.spareSlots);
    this.#results = new ResultStream(options, this.#slots);
    const shared = { ...world, slots: this.#slots };
    this.#enricher = new Enricher(client, { ...options, throttle }, shared, events, options.watcher);
    this.#mostUndelivered = (2 * options.throttle.limit + 100) * (client.batch?.size ?? 1);
  }

  /** Why the run ended early, or null. */
  get stoppedBy(): StopReason | null {
    return this.#stoppedBy;
  }

  /** The first result with status `failed`: the cause of a `fail-fast` stop. */
  get firstFailure(): EnrichmentResult | null {
    return this.#firstFailure;
  }

  /** True when the input was read to its end. */
  get complete(): boolean {
    return this.#feed.state === 'ended';
  }

  /** What the source failed with, or undefined; results of everything before it are still delivered. */
  get inputError(): unknown {
    return this.#feed.error?.error;
  }

  /** Entries that were taken from the source; each has one result once the run has ended. */
  get pulled(): number {
    return this.#begun;
  }

  /** What is left of the endpoint's pause, in milliseconds. */
  get pauseLeftMs(): number {
    return Math.max(0, this.#enricher.throttle.pausedUntil - this.#clock.now());
  }

  /** The outage under way; null when the endpoint is up. */
  get outage(): OutageNow | null {
    const { outage } = this.#enricher.throttle;
    return outage === null ? null : outageNow(outage, this.#clock);
  }

  /** The outage that ended the run, or null. */
  get lastingOutage(): OutageEvent | null {
    return this.#enricher.news.lastingOutage;
  }

  /** Whether calls wait for a token, and why there is none; null for a client without credentials. */
  get tokens(): { readonly isAwaited: boolean; readonly problem: string | null } | null {
    return this.#enricher.tokens;
  }

  /** The calls that were refused one after another until the run stopped for that; else null. */
  get refusal(): Refusal | null {
    return this.#refusal;
  }

  /** Attempts under way. */
  get inFlight(): number {
    return this.#slots.inFlight;
  }

  /** Cases whose answer comes later. */
  get pending(): number {
    return this.#enricher.pending.count;
  }

  /** The concurrency limit in force. */
  get limit(): number {
    return this.#enricher.throttle.limit;
  }

  get figures(): RunFigures {
    return this.#enricher.figures;
  }

  /** Soft stop: no new call, waits end as `cancelled`, calls in flight may end. The first reason counts. */
  stop(reason: StopReason): void {
    this.#endInput(reason);
    this.#enricher.stop(reason);
    for (const run of this.#calls.giveUp()) {
      this.#finishRun(run, run.cancelled(`the run was stopped (${reason})`), false);
    }
    this.#results.wake();
  }

  /** Hard stop: calls in flight are aborted too and end as `cancelled`. */
  cancel(reason: StopReason): void {
    this.stop(reason);
    this.#enricher.cancel(reason);
  }

  /** Something outside the run has changed that lets it go on. */
  lookAgain(): void {
    this.#pump();
  }

  /** While paused no call begins, first or retry; calls in flight go on. */
  pauseCalls(isPaused: boolean): void {
    this.#slots.isPaused = isPaused;
    if (!isPaused) this.#pump();
  }

  /** Ends the run because of a bug: its iterator throws the error, and calls in flight are aborted. */
  fail(error: unknown): void {
    this.#results.fail(error);
  }

  /** Runs; to be iterated once. Each batch has every result that was finished when it was taken. */
  async *[Symbol.asyncIterator](): AsyncGenerator<readonly EnrichmentResult[], void, void> {
    const { maxTimeMs } = this.#options;
    if (maxTimeMs) this.#maxTime = this.#clock.setTimer(maxTimeMs, () => this.cancel('max-time'));
    try {
      for (this.#pump(); !this.#isOver(); this.#pump()) {
        const results = await this.#results.next();
        this.places = this.#enricher.pending.handOver();
        if (results.length > 0 || this.places.length > 0) yield results;
        this.#enricher.pending.stored();
        this.#results.taken();
      }
    } finally {
      this.#maxTime?.cancel();
      this.#calls.giveUp();
      this.#enricher.cancel(this.#stoppedBy ?? 'output');
      await this.#feed.close();
    }
  }

  #sendGathered(): void {
    this.#calls.flush();
    this.#pump();
  }

  #endInput(reason: StopReason): void {
    const isFirst = this.#stoppedBy === null;
    this.#stoppedBy ??= reason;
    this.#feed.stop();
    if (isFirst) this.#tellStopped(reason);
  }

  /** Catches a watcher's bug, so that it does not throw into the signal handler or timer that stops the run. */
  #tellStopped(reason: StopReason): void {
    try {
      this.#options.watcher?.stopped?.(reason);
    } catch (error) {
      this.fail(error);
    }
  }

  #isOver(): boolean {
    if (this.#results.hasFailed) return false;
    return this.#feed.state !== 'open' && this.#begun === this.#finished && this.#results.readyCount === 0;
  }

  /** Makes all progress possible now; called after every change of state. */
  #pump(): void {
    try {
      // Cases that were read before the input failed are still brought to their end.
      if (this.#feed.error !== null && this.#stoppedBy === null) this.#endInput('input');
      this.#enricher.startReady();
      while (this.#enricher.hasRoom && this.#pullNext()) this.#enricher.startReady();
      if (this.#feed.state !== 'open') this.#calls.flush();
      this.#enricher.startReady();
      this.#enricher.settleHeld(this.#feed.state === 'open');
    } catch (error) {
      this.fail(error);
    }
    if (this.#results.readyCount > 0 || this.#isOver()) this.#results.wake();
  }

  /** Pulls an entry when there is room for one more; false when there is none, or no entry in hand. */
  #pullNext(): boolean {
    if (!this.#hasRoom || this.#options.mayBegin?.() === false) return false;
    const entry = this.#feed.next();
    if (entry === undefined) return false;
    const sequence = this.#begun++;
    const admission = this.#intake.admit(entry);
    if (admission.do === 'finish') this.#finish(sequence, admission.result);
    else if (admission.do === 'skip') this.#skip(sequence, admission.entry, admission.status);
    else this.#calls.add(memberOf(sequence, admission));
    return true;
  }

  get #hasRoom(): boolean {
    const counts = { begun: this.#begun - this.#finished, pending: this.pending, ready: this.#results.readyCount };
    return mayBeginMore(counts, this.#options.pollLimit, this.#mostUndelivered) && this.#results.hasRoom;
  }

  #skip(sequence: number, entry: CaseEntry, status: KnownStatus): void {
    this.#options.watcher?.settled?.(entry, status);
    this.#finished++;
    this.#results.add(sequence, null);
  }

  /** Its slot is held until the place is stored, as for a result: nothing else says that the case was submitted. */
  #placeToKeep(): void {
    this.#results.holdSlot();
    this.#results.nudge();
  }

  #finishRun(run: CaseRun, ending: Ending, shared: boolean): void {
    const halves = this.#stoppedBy === null ? this.#calls.halves(run, ending) : null;
    if (halves) return halves.forEach((half) => this.#enricher.add(half));
    if (run.attempts > 0 && !shared) this.#results.holdSlot();
    const results = this.#calls.results(run, ending, shared);
    for (const [at, result] of results.entries()) {
      this.#finish(run.members[at]?.sequence ?? 0, result, shared || at > 0);
    }
  }

  /** @param isSameCall the result of the same call was finished before. */
  #finish(sequence: number, result: EnrichmentResult, isSameCall = false): void {
    this.#finished++;
    if (result.status === 'failed') this.#firstFailure ??= result;
    const isKnown = result.status === 'failed' && (this.#options.isKnownFailure?.(result) ?? false);
    // A case that was not called says nothing about the endpoint.
    const reason = result.skipped ? null : this.#stopRules.observe(result, { isKnown, isSameCall });
    if (reason === 'all-failing' && this.#stoppedBy === null) this.#refusal = this.#stopRules.refusal;
    // The failure that ends the run comes before the siblings that it cancels.
    if (reason === 'fail-fast' && this.#stoppedBy === null) this.#results.addFirst(sequence, result);
    else this.#results.add(sequence, result);
    if (reason === 'fail-fast') this.cancel(reason);
    else if (reason !== null) this.stop(reason);
    else if (result.status === 'invalid' && this.#options.stop?.strict) this.stop('strict');
    this.#results.wake();
  }
}
