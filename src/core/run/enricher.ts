/**
 * Takes cases through their attempts: throttle, slot, call, decide, wait. An attempt has a slot; waits between attempts,
 * the endpoint's pause and the rate have none. Every case that is added ends in exactly one result.
 */

import type { WaitReason } from '../case.js';
import type { AttemptContext, AttemptOutcome, Clock, EnrichmentClient, Random, RunWatcher } from '../ports.js';
import { CaseQueue } from './case-queue.js';
import type { CaseRun, Ending, Step } from './case-run.js';
import { ClientCaller } from './client-call.js';
import { ENDS_CALLED_AS_FAILED, type StopReason } from '../results/stop-reason.js';
import { RetryBudget } from '../flow/retry-budget.js';
import { RunCounters } from './run-counters.js';
import { SharedAnswers } from './shared-answers.js';
import type { Slot, Slots } from './slots.js';
import { StartGate, type Waited } from './start-gate.js';
import type { RunFigures } from '../results/tally.js';
import { Throttle, type ThrottleOptions } from '../flow/throttle.js';

export interface EnricherOptions {
  readonly throttle: ThrottleOptions;
  /** Names the attempts: `x-request-id` is this, a hyphen and a number. */
  readonly runId: string;
  /** Make equal requests once and give every such case the answer. */
  readonly shareRequests?: boolean;
}

/** Callbacks from the enricher to the pipeline. */
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

/** What a run shares with the enricher: time, randomness, and its slots. */
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
  readonly #gate: StartGate;
  readonly #queue: CaseQueue;
  readonly #budget = new RetryBudget();
  readonly #shared: SharedAnswers | null;
  readonly #slots: Slots;
  #isWakeScheduled = false;
  readonly #hardStop = new AbortController();
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
    this.#gate = new StartGate(this.#throttle, world.clock, () => this.#events.free());
    this.#queue = new CaseQueue(world.clock);
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
    return this.#stopping === null && this.#queue.isEmpty && this.#slots.hasFree;
  }

  /** Takes a case in; `startReady` starts it. */
  add(run: CaseRun): void {
    const decision = run.shareKey === undefined ? undefined : this.#shared?.ask(run.shareKey, run);
    if (decision === undefined || decision.do === 'call') this.#queue.push(run);
    else if (decision.do === 'answer') this.#events.finished(run, { status: 'enriched', answer: decision.text }, true);
  }

  /** Starts every case whose turn it is, as far as slots and throttle allow; comes back by itself when they allow more. */
  startReady(): void {
    while (!this.#queue.isEmpty && this.#slots.hasFree && this.#gate.ask()) {
      const run = this.#queue.shift();
      if (run) this.#start(run);
    }
  }

  /** Soft stop: no further attempt; waits end now, attempts under way may end. */
  stop(reason: StopReason): void {
    if (this.#stopping !== null) return;
    this.#stopping = reason;
    this.#gate.close();
    const runs = this.#queue.drain();
    this.#slots.close();
    for (const run of runs) this.#finish(run, this.#cutShort(run));
  }

  /** Hard stop: attempts under way are aborted too. */
  cancel(reason: StopReason): void {
    this.stop(reason);
    this.#hardStop.abort();
  }

  #start(run: CaseRun): void {
    const { hold } = this.#gate;
    if (run.leftMs(hold) <= 0) return this.#finish(run, run.expired());
    if (run.attempts === 0) this.#budget.firstAttempt();
    const held = this.#gate.pass();
    const { timeoutMs, deadline, waited } = run.begin(hold, held?.for);
    this.#noteWait(waited ?? held);
    const inFlight = this.#slots.take();
    this.counters.started(inFlight, run.isChargedRetry);
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
    return this.#isPaced ? { ...context, nextExchange: () => this.#gate.passExchange(signal) } : context;
  }

  #noteWait(waited: Waited | null): void {
    if (waited !== null) this.counters.waited(waited.ms, waited.for);
  }

  #ended({ run, context }: Attempt, outcome: AttemptOutcome): void {
    const now = this.#clock.now();
    const durationMs = now - run.startedAt;
    this.counters.ended(outcome, durationMs);
    const { requestId, attempt } = context;
    this.#watcher.attempted?.({ caseId: run.case.id, requestId, attempt, durationMs, outcome });
    this.#learn(outcome, run.startedAt, now);
    const step = run.settle(outcome, this.#random);
    if (outcome.ok && run.isChargedRetry) this.#budget.refund();
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
    else if (step.do === 'again') this.#callAgain([run], step.waitFor);
    else if (step.do === 'pause') {
      run.beginWait(this.#throttle.pausedUntil, step.waitFor);
      this.#queue.push(run);
    } else this.#retry(run, step.waitMs, step.waitFor);
  }

  #retry(run: CaseRun, waitMs: number, reason: WaitReason): void {
    if (!this.#budget.spend()) {
      this.counters.retriesDenied++;
      return this.#finish(run, run.failed('budget'));
    }
    run.chargeRetry();
    run.beginWait(this.#clock.now() + waitMs, reason);
    this.#queue.pushAfter(waitMs, run, () => this.#events.free());
  }

  /** Makes calls again, before all others, at no cost: what they failed with was about the endpoint and not about them. */
  #callAgain(runs: readonly CaseRun[], reason: WaitReason): void {
    for (const run of runs) {
      if (run.isChargedRetry) {
        this.counters.retries--;
        this.#budget.refund();
      }
      run.callAgain(reason);
    }
    this.#queue.pushFront(runs);
  }

  /** Ends a call, and with it the cases that waited for the same answer. */
  #finish(run: CaseRun, ending: Ending): void {
    this.#events.finished(run, ending, false);
    if (this.#shared === null || run.shareKey === undefined) return;
    const answer = ending.status === 'enriched' ? ending.answer : null;
    for (const follower of this.#shared.ended(run.shareKey, answer)) this.#events.finished(follower, ending, true);
  }

  /** The end of a case whose next attempt will not be made because the run stops. */
  #cutShort(run: CaseRun): Ending {
    const reason = this.#stopping ?? 'signal';
    if (ENDS_CALLED_AS_FAILED.has(reason) && run.attempts > 0) return worthAnotherRun(run.failed());
    return run.cancelled(`the run was stopped (${reason})`);
  }
}

function worthAnotherRun(ending: Ending): Ending {
  return 'error' in ending ? { ...ending, error: { ...ending.error, retryable: true } } : ending;
}
