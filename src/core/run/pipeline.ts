/**
 * Entries → results: pull-driven and bounded. An entry is pulled only when a slot is free; an invalid record is a result
 * at once. Soft stop: no new call, calls in flight may end. Hard stop: they are aborted. However it ends, every entry
 * that was pulled has exactly one result, and the source is closed.
 */

import type { CaseEntry, EnrichmentResult, InvalidEntry, KnownStatus } from '../case.js';
import type { CaseSource, Clock, EnrichmentClient, Random, RunWatcher, Timer } from '../ports.js';
import { Batcher, type BatcherEvents } from './batching.js';
import { type Asked, CaseRun, type CaseRules, type Ending, type Member } from './case-run.js';
import { Enricher } from './enricher.js';
import { EntryFeed } from './entry-feed.js';
import { isoTimeText } from '../cases/iso-time.js';
import type { StopReason } from '../results/run-info.js';
import { ResultQueue, type ResultOrder } from './result-queue.js';
import { Slots } from './slots.js';
import { StopRules, type StopRuleOptions } from './stop-rules.js';
import type { RunFigures } from '../results/tally.js';
import type { ThrottleOptions } from '../flow/throttle.js';

export interface PipelineOptions {
  readonly rules: Omit<CaseRules, 'safeToRepeat'>;
  readonly throttle: ThrottleOptions;
  readonly stop?: StopRuleOptions & { readonly strict?: boolean };
  /** Default `completion`. */
  readonly order?: ResultOrder;
  /** The most time the whole run may take, in milliseconds. */
  readonly maxTimeMs?: number | null;
  /** A status when the case needs no call because an earlier run has dealt with it or it is left out, else null. */
  readonly settled?: (entry: CaseEntry, key: string | undefined) => KnownStatus | null;
  /** True when an earlier run has seen the case fail in the same way: then it tells nothing about the endpoint. */
  readonly isKnownFailure?: (result: EnrichmentResult) => boolean;
  readonly watcher?: RunWatcher;
  /** Awaited before results are handed over, so that those of one moment leave together. */
  readonly gather?: () => Promise<void>;
  /**
   * A call that has ended keeps its slot until its result was taken and the next ones are asked for: whoever writes them
   * before that loses at most `limit` answered calls, whenever it dies. For `completion` order.
   */
  readonly holdSlots?: boolean;
  /** Names the attempts: `x-request-id` is this, a hyphen and a number. */
  readonly runId: string;
  /** Make equal requests once and give every such case the answer. */
  readonly shareRequests?: boolean;
}

export class Pipeline implements AsyncIterable<readonly EnrichmentResult[]> {
  readonly #client: EnrichmentClient;
  readonly #options: PipelineOptions;
  readonly #rules: CaseRules;
  readonly #clock: Clock;
  readonly #stopRules: StopRules;
  readonly #feed: EntryFeed;
  readonly #queue: ResultQueue;
  readonly #slots: Slots;
  readonly #enricher: Enricher;
  readonly #batcher: Batcher | null;
  /** Cases begun and not delivered, at most. */
  readonly #room: number;
  #begun = 0;
  #finished = 0;
  #maxTime: Timer | null = null;
  #stoppedBy: StopReason | null = null;
  #firstFailure: EnrichmentResult | null = null;
  #bug: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;
  #gathered: (() => void) | null = null;

  constructor(
    source: CaseSource,
    client: EnrichmentClient,
    options: PipelineOptions,
    world: { readonly clock: Clock; readonly random: Random },
  ) {
    this.#client = client;
    this.#options = options;
    this.#clock = world.clock;
    this.#rules = { ...options.rules, safeToRepeat: client.safeToRepeat ?? true };
    this.#stopRules = new StopRules(options.stop ?? {});
    this.#queue = new ResultQueue(options.order ?? 'completion');
    this.#feed = new EntryFeed(source, () => this.#pump());
    const events = {
      finished: (run: CaseRun, ending: Ending, shared: boolean) => this.#finishRun(run, ending, shared),
      free: () => this.#pump(),
      rateLimited: () => this.stop('rate-limited'),
      failed: (error: unknown) => this.#giveUp(error),
    };
    const throttle = { ...options.throttle, maxTimeMs: options.maxTimeMs ?? null };
    this.#slots = new Slots(throttle.limit, events.failed);
    const shared = { ...world, slots: this.#slots };
    this.#enricher = new Enricher(client, { ...options, throttle }, shared, events, options.watcher);
    this.#batcher = client.batch ? new Batcher(client.batch, this.#rules, world.clock, this.#batcherEvents()) : null;
    this.#room = (2 * options.throttle.limit + 100) * (client.batch?.size ?? 1);
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
    return Math.max(0, this.#enricher.pausedUntil - this.#clock.now());
  }

  /** Attempts under way. */
  get inFlight(): number {
    return this.#slots.inFlight;
  }

  /** The concurrency limit in force. */
  get limit(): number {
    return this.#enricher.limit;
  }

  get figures(): RunFigures {
    return this.#enricher.figures;
  }

  /** Soft stop: no new call, waits end as `cancelled`, calls in flight may end. The first reason counts. */
  stop(reason: StopReason): void {
    this.#endInput(reason);
    this.#enricher.stop(reason);
    for (const member of this.#batcher?.take() ?? []) this.#cancelMember(member, reason);
    this.#wakeUp();
  }

  /** Hard stop: calls in flight are aborted too and end as `cancelled`. */
  cancel(reason: StopReason): void {
    this.stop(reason);
    this.#enricher.cancel(reason);
  }

  /** Ends the run because of a bug: whoever iterates it gets the error, and calls in flight are aborted. */
  fail(error: unknown): void {
    this.#giveUp(error);
  }

  /** Runs; to be iterated once. Each batch has every result that was finished when it was taken. */
  async *[Symbol.asyncIterator](): AsyncGenerator<readonly EnrichmentResult[], void, void> {
    const { maxTimeMs } = this.#options;
    if (maxTimeMs) this.#maxTime = this.#clock.setTimer(maxTimeMs, () => this.cancel('max-time'));
    try {
      for (this.#pump(); !this.#isOver(); this.#pump()) {
        if (this.#queue.readyCount === 0 && this.#bug === null) await new Promise<void>((wake) => (this.#wake = wake));
        await this.#gather();
        if (this.#bug) throw this.#bug.error;
        const { held } = this.#slots;
        if (this.#queue.readyCount > 0) yield this.#queue.take();
        this.#slots.release(held);
      }
    } finally {
      this.#maxTime?.cancel();
      this.#batcher?.take();
      this.#enricher.cancel(this.#stoppedBy ?? 'output');
      await this.#feed.close();
    }
  }

  /** Ended early when half of the slots are held: the endpoint would be idle. */
  async #gather(): Promise<void> {
    const { gather } = this.#options;
    if (gather) await Promise.race([gather(), new Promise<void>((resolve) => (this.#gathered = resolve))]);
  }

  #endInput(reason: StopReason): void {
    const isFirst = this.#stoppedBy === null;
    this.#stoppedBy ??= reason;
    this.#feed.stop();
    if (isFirst) this.#tellStopped(reason);
  }

  /** Whoever stops the run, a signal or a timer, is not to hear of a watcher's bug. */
  #tellStopped(reason: StopReason): void {
    try {
      this.#options.watcher?.stopped?.(reason);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #cancelMember(member: Member, reason: StopReason): void {
    const call = { case: member.entry.case, request: member.asked.request };
    const run = new CaseRun([member], call, this.#rules, this.#clock);
    this.#finish(member.sequence, run.result(member, run.cancelled(`the run was stopped (${reason})`)));
  }

  #isOver(): boolean {
    if (this.#bug !== null) return false;
    return this.#feed.state !== 'open' && this.#begun === this.#finished && this.#queue.readyCount === 0;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /** Does whatever can be done now; called whenever something has changed. */
  #pump(): void {
    try {
      // Cases that were read before the input failed are still brought to their end.
      if (this.#feed.error !== null && this.#stoppedBy === null) this.#endInput('input');
      this.#enricher.startReady();
      while (this.#enricher.hasRoom && this.#pullNext()) this.#enricher.startReady();
      if (this.#feed.state !== 'open') this.#batcher?.flush();
      this.#enricher.startReady();
    } catch (error) {
      this.#giveUp(error);
    }
    if (this.#queue.readyCount > 0 || this.#isOver()) this.#wakeUp();
  }

  /** Pulls an entry when there is room for one more; false when there is none, or no entry in hand. */
  #pullNext(): boolean {
    if (this.#begun - this.#finished + this.#queue.readyCount >= this.#room || !this.#queue.hasRoom) return false;
    const entry = this.#feed.next();
    if (entry === undefined) return false;
    const sequence = this.#begun++;
    if (entry.kind === 'invalid') this.#finish(sequence, invalidResult(entry, this.#clock));
    else this.#admit(sequence, entry);
    return true;
  }

  #admit(sequence: number, entry: CaseEntry): void {
    const asked = this.#client.prepare?.(entry.case) ?? NOTHING_PREPARED;
    if ('problem' in asked) {
      const invalid = { ...entry, kind: 'invalid' as const, caseId: entry.case.id, message: asked.problem };
      return this.#finish(sequence, { ...invalidResult(invalid, this.#clock), case: entry.case });
    }
    const status = this.#options.settled?.(entry, asked.key) ?? null;
    if (status === null) return this.#begin({ sequence, entry, asked });
    this.#options.watcher?.settled?.(entry, status);
    this.#finished++;
    this.#queue.add(sequence, null);
  }

  #begin(member: Member): void {
    if (this.#batcher) return this.#batcher.add(member);
    const call = { case: member.entry.case, request: member.asked.request };
    this.#enricher.add(new CaseRun([member], call, this.#rules, this.#clock));
  }

  #batcherEvents(): BatcherEvents {
    const due = (): void => {
      this.#batcher?.flush();
      this.#pump();
    };
    return { ready: (run) => this.#enricher.add(run), due };
  }

  #finishRun(run: CaseRun, ending: Ending, shared: boolean): void {
    const halves = this.#stoppedBy === null ? this.#batcher?.halves(run, ending) : null;
    if (halves) return halves.forEach((half) => this.#enricher.add(half));
    if (this.#options.holdSlots && run.attempts > 0 && !shared) this.#holdSlot();
    const results = this.#batcher?.results(run, ending);
    let at = 0;
    for (const member of run.members)
      this.#finish(member.sequence, results?.[at++] ?? run.result(member, ending, shared));
  }

  #holdSlot(): void {
    this.#slots.hold();
    if (this.#slots.isHalfHeld) this.#gathered?.();
  }

  #finish(sequence: number, result: EnrichmentResult): void {
    this.#finished++;
    if (result.status === 'failed') this.#firstFailure ??= result;
    const isKnown = result.status === 'failed' && (this.#options.isKnownFailure?.(result) ?? false);
    const reason = this.#stopRules.observe(result, isKnown);
    // The failure that ends the run comes before the siblings that it cancels.
    if (reason === 'fail-fast' && this.#stoppedBy === null) this.#queue.addFirst(sequence, result);
    else this.#queue.add(sequence, result);
    if (reason === 'fail-fast') this.cancel(reason);
    else if (reason !== null) this.stop(reason);
    else if (result.status === 'invalid' && this.#options.stop?.strict) this.stop('strict');
    this.#wakeUp();
  }

  #giveUp(error: unknown): void {
    this.#bug ??= { error };
    this.#wakeUp();
  }
}

const NOTHING_PREPARED: Asked = {};

function invalidResult(entry: InvalidEntry, clock: Clock): EnrichmentResult {
  const { caseId, index, source, message, delivery } = entry;
  const error = { kind: 'case', message, retryable: false } as const;
  const at = isoTimeText(clock.wallNow());
  const told = delivery === undefined ? {} : { delivery };
  return {
    caseId,
    status: 'invalid',
    index,
    enrichedCase: null,
    error,
    attempts: 0,
    durationMs: 0,
    at,
    source,
    ...told,
  };
}
