/**
 * Takes cases through their attempts: throttle, slot, call, decide, wait. An attempt has a slot; waits between attempts,
 * the endpoint's pause and the rate have none. Every case that is added ends in exactly one result.
 */

import type { WaitReason } from '../case.js';
import type { AttemptContext, AttemptOutcome, Clock, EnrichmentClient, Random, RunWatcher, Timer } from '../ports.js';
import type { CaseRun, Ending, Step } from './case-run.js';
import { ClientCaller } from './client-call.js';
import type { StopReason } from '../results/run-info.js';
import { RetryBudget } from '../flow/retry-budget.js';
import { RunCounters } from './run-counters.js';
import { SharedAnswers } from './shared-answers.js';
import type { Slot, Slots } from './slots.js';
import type { RunFigures } from '../results/tally.js';
import { Throttle, type ThrottleOptions, type ThrottleWait } from '../flow/throttle.js';

export interface EnricherOptions {
  readonly throttle: ThrottleOptions;
  /** Names the attempts: `x-request-id` is this, a hyphen and a number. */
  readonly runId: string;
  /** Make equal requests once and give every such case the answer. */
  readonly shareRequests?: boolean;
}

/** Where the enricher reports to. */
export interface EnricherEvents {
  readonly finished: (run: CaseRun, ending: Ending, shared: boolean) => void;
  /** Something may start now that could not before. */
  readonly free: () => void;
  /** The endpoint asks for a longer pause than the run is ready to make. */
  readonly rateLimited: () => void;
  readonly failed: (error: unknown) => void;
}

/** An attempt that is about to be made. */
interface Attempt {
  readonly run: CaseRun;
  readonly context: AttemptContext;
}

/** What a run shares with the enricher: time, chance, and its slots. */
export interface EnricherWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly slots: Slots;
}

export class Enricher {
  readonly counters = new RunCounters();
  readonly #caller: ClientCaller;
  readonly #options: EnricherOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #events: EnricherEvents;
  readonly #watcher: RunWatcher;
  readonly #isPaced: boolean;
  readonly #throttle: Throttle;
  readonly #budget = new RetryBudget();
  readonly #shared: SharedAnswers | null;
  readonly #slots: Slots;
  #isWakeScheduled = false;
  readonly #hardStop = new AbortController();
  /** Cases whose turn it is, oldest first. */
  readonly #ready: CaseRun[] = [];
  readonly #waiting = new Map<CaseRun, Timer>();
  #turn: Timer | null = null;
  #blocked: { readonly since: number; readonly for: WaitReason } | null = null;
  #stopping: StopReason | null = null;

  constructor(
    client: EnrichmentClient,
    options: EnricherOptions,
    world: EnricherWorld,
    events: EnricherEvents,
    watcher: RunWatcher = {},
  ) {
    this.#caller = new ClientCaller(client, world.clock, this.#hardStop.signal);
    this.#options = options;
    this.#clock = world.clock;
    this.#random = world.random;
    this.#events = events;
    this.#watcher = watcher;
    this.#isPaced = (options.throttle.intervalMs ?? 0) > 0;
    this.#throttle = new Throttle(options.throttle, world.random, world.clock.now());
    this.#slots = world.slots;
    this.#slots.setLimit(this.#throttle.limit);
    this.#shared = options.shareRequests ? new SharedAnswers() : null;
  }

  /** The concurrency limit in force. */
  get limit(): number {
    return this.#throttle.limit;
  }

  /** When the endpoint's pause ends, on the run's clock. */
  get pausedUntil(): number {
    return this.#throttle.pausedUntil;
  }

  get figures(): RunFigures {
    const { attempts, retries, retriesDenied, latency, maxInFlight, waitedMs, retryAt } = this.counters;
    const limit = { configured: this.#options.throttle.limit, ...this.#throttle.course };
    const { pauses } = this.#throttle;
    return { attempts, retries, retriesDenied, latency, maxInFlight, waitedMs, retryAt, limit, pauses };
  }

  /** True when a new case would start at once, as far as slots and waiting cases are concerned. */
  get hasRoom(): boolean {
    return this.#stopping === null && this.#ready.length === 0 && this.#slots.hasFree;
  }

  /** Takes a case in; `startReady` starts it. */
  add(run: CaseRun): void {
    const decision = run.shareKey === undefined ? undefined : this.#shared?.ask(run.shareKey, run);
    if (decision === undefined || decision.do === 'call') this.#ready.push(run);
    else if (decision.do === 'answer') this.#events.finished(run, { status: 'enriched', answer: decision.text }, true);
  }

  /** Starts every case whose turn it is, as far as slots and throttle allow; comes back by itself when they allow more. */
  startReady(): void {
    while (this.#ready.length > 0 && this.#slots.hasFree && this.#mayStart()) {
      const run = this.#ready.shift();
      if (run) this.#start(run);
    }
  }

  /** Soft stop: no further attempt; waits end now, attempts under way may end. */
  stop(reason: StopReason): void {
    if (this.#stopping !== null) return;
    this.#stopping = reason;
    this.#turn?.cancel();
    for (const timer of this.#waiting.values()) timer.cancel();
    const runs = [...this.#waiting.keys(), ...this.#ready.splice(0)];
    this.#waiting.clear();
    this.#slots.close();
    for (const run of runs) this.#finish(run, this.#cutShort(run));
  }

  /** Hard stop: attempts under way are aborted too. */
  cancel(reason: StopReason): void {
    this.stop(reason);
    this.#hardStop.abort();
  }

  /** Asks the throttle; when it is not time yet, comes back when it is. */
  #mayStart(): boolean {
    const now = this.#clock.now();
    const wait = this.#throttle.wait(now);
    this.#turn?.cancel();
    this.#turn = null;
    if (wait === null) return true;
    this.#blocked ??= { since: now, for: wait.for };
    this.#turn = this.#setTurn(wait, () => this.#events.free());
    return false;
  }

  #setTurn(wait: ThrottleWait, fire: () => void): Timer {
    if (wait.for !== 'rate' || this.#clock.setExactTimer === undefined) return this.#clock.setTimer(wait.ms, fire);
    return this.#clock.setExactTimer(wait.ms, fire);
  }

  #start(run: CaseRun): void {
    const { pausedUntil } = this.#throttle;
    if (run.leftMs(pausedUntil) <= 0) return this.#finish(run, run.expired());
    if (run.attempts === 0) this.#budget.firstAttempt();
    const { timeoutMs, deadline, waited } = run.begin(pausedUntil, this.#blocked?.for);
    this.#noteWait(waited);
    const inFlight = this.#slots.take();
    this.counters.started(inFlight, run.isPaidRetry);
    this.#throttle.started(run.startedAt, inFlight);
    const attempt = { run, context: this.#context(run, timeoutMs, deadline) };
    this.#slots.begin((slot) => this.#make(attempt, slot));
  }

  #make(attempt: Attempt, slot: Slot): void {
    this.#caller.call(attempt.run.case, attempt.context, (outcome) => {
      try {
        this.#slots.end(slot);
        this.#ended(attempt, outcome);
        this.#scheduleWake();
      } catch (error) {
        this.#events.failed(error);
      }
    });
  }

  /** Attempts that end in one moment are all learnt from before the next ones start. */
  #scheduleWake(): void {
    if (this.#isWakeScheduled) return;
    this.#isWakeScheduled = true;
    queueMicrotask(() => {
      this.#isWakeScheduled = false;
      this.#events.free();
    });
  }

  #context(run: CaseRun, timeoutMs: number, deadline: boolean): AttemptContext {
    const requestId = `${this.#options.runId}-${this.counters.attempts}`;
    const { signal } = this.#hardStop;
    const context = { attempt: run.attempts, requestId, timeoutMs, deadline, signal, request: run.request };
    return this.#isPaced ? { ...context, nextExchange: () => this.#nextExchange() } : context;
  }

  #noteWait(waited: { readonly ms: number; readonly for: WaitReason } | null): void {
    if (waited !== null) this.counters.waited(waited.ms, waited.for);
    else if (this.#blocked !== null) this.counters.waited(this.#clock.now() - this.#blocked.since, this.#blocked.for);
    this.#blocked = null;
  }

  #ended({ run, context }: Attempt, outcome: AttemptOutcome): void {
    const now = this.#clock.now();
    const durationMs = now - run.startedAt;
    this.counters.ended(outcome, durationMs);
    const { requestId, attempt } = context;
    this.#watcher.attempted?.({ caseId: run.case.id, requestId, attempt, durationMs, outcome });
    this.#learn(outcome, run.startedAt, now);
    const step = run.settle(outcome, this.#random);
    if (outcome.ok && run.isPaidRetry) this.#budget.refund();
    this.#follow(run, step);
  }

  #learn(outcome: AttemptOutcome, startedAt: number, now: number): void {
    const pause = this.#throttle.ended({ outcome, startedAt, now });
    this.#slots.setLimit(this.#throttle.limit);
    if (pause === null || this.#stopping !== null) return;
    if (pause.do === 'stop') {
      const { retryAtMs } = pause;
      this.counters.retryAt = retryAtMs === null ? null : this.#clock.wallNow() + (retryAtMs - now);
      this.#events.rateLimited();
    } else if (pause.isNew) {
      const asked = !outcome.ok && outcome.askedWaitMs !== undefined;
      this.#watcher.paused?.({ ms: pause.untilMs - now, asked, outcome });
    }
  }

  #follow(run: CaseRun, step: Step): void {
    if (step.do === 'finish') this.#finish(run, step.ending);
    else if (this.#stopping !== null) this.#finish(run, this.#cutShort(run));
    else if (step.do === 'pause') {
      run.beginWait(this.#throttle.pausedUntil, step.waitFor, false);
      this.#ready.push(run);
    } else this.#retry(run, step.waitMs, step.waitFor);
  }

  #retry(run: CaseRun, waitMs: number, reason: WaitReason): void {
    if (!this.#budget.spend()) {
      this.counters.retriesDenied++;
      return this.#finish(run, run.failed('budget'));
    }
    run.payRetry();
    run.beginWait(this.#clock.now() + waitMs, reason, true);
    const timer = this.#clock.setTimer(waitMs, () => {
      this.#waiting.delete(run);
      this.#ready.push(run);
      this.#events.free();
    });
    this.#waiting.set(run, timer);
  }

  /** A call has come to its end; so have those that waited for the same answer. */
  #finish(run: CaseRun, ending: Ending): void {
    this.#events.finished(run, ending, false);
    if (this.#shared === null || run.shareKey === undefined) return;
    const answer = ending.status === 'enriched' ? ending.answer : null;
    for (const follower of this.#shared.ended(run.shareKey, answer)) this.#events.finished(follower, ending, true);
  }

  /** The end of a case whose next attempt will not be made because the run stops. */
  #cutShort(run: CaseRun): Ending {
    const reason = this.#stopping ?? 'signal';
    if (reason === 'rate-limited' && run.attempts > 0) return run.failed();
    return run.cancelled(`the run was stopped (${reason})`);
  }

  async #nextExchange(): Promise<void> {
    for (;;) {
      const now = this.#clock.now();
      const wait = this.#throttle.wait(now);
      if (wait === null || this.#hardStop.signal.aborted) return this.#throttle.paced(now);
      await new Promise<void>((resolve) => this.#setTurn(wait, resolve));
    }
  }
}
