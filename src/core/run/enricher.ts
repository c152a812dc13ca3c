/**
 * Takes cases through their attempts: throttle, slot, call, decide, wait. An attempt has a slot; waits between attempts,
 * the endpoint's pause and the rate have none. Every case that is added ends in exactly one result.
 */

import type { WaitReason } from '../case.js';
import type { AttemptContext, AttemptOutcome, Clock, EnrichmentClient, Random, RunWatcher } from '../ports.js';
import type { OutageStep } from '../flow/outage.js';
import { AttemptContexts } from './attempt-contexts.js';
import { CaseQueue } from './case-queue.js';
import type { CaseRun, Step } from './case-run.js';
import type { Ending } from './ending.js';
import { ClientCaller } from './client-call.js';
import { ENDS_CALLED_AS_FAILED, type StopReason } from '../results/stop-reason.js';
import { PendingCases } from './pending-cases.js';
import { RetryAccount } from './retry-account.js';
import { RunCounters } from './run-counters.js';
import { type HeldFailure, HeldFailures } from './held-failures.js';
import { EndpointNews } from './endpoint-news.js';
import { RampTimer } from './ramp-timer.js';
import { SharedAnswers } from './shared-answers.js';
import type { Slot, Slots } from './slots.js';
import { StartGate } from './start-gate.js';
import { openTokens, type TokenKeeper, type TokenVerdict } from './token-keeper.js';
import type { RunFigures } from '../results/tally.js';
import { Throttle } from '../flow/throttle.js';
import type { EnricherEvents, EnricherOptions, EnricherWorld } from './enricher-world.js';

/** An attempt that is about to be made. */
interface Attempt {
  readonly run: CaseRun;
  /** Counts the attempts of the run in the order of their starts. */
  readonly sequence: number;
  readonly context: AttemptContext;
}

export class Enricher {
  readonly counters = new RunCounters();
  /** Cases whose answer comes later. */
  readonly pending: PendingCases;
  readonly news: EndpointNews;
  readonly throttle: Throttle;
  /** Null for a client without credentials. */
  readonly tokens: TokenKeeper | null;
  readonly #caller: ClientCaller;
  readonly #options: EnricherOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #events: EnricherEvents;
  readonly #watcher: RunWatcher;
  readonly #contexts: AttemptContexts;
  readonly #gate: StartGate;
  readonly #rampTimer: RampTimer;
  readonly #queue: CaseQueue;
  readonly #held: HeldFailures;
  readonly #retries = new RetryAccount(this.counters);
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
    this.news = new EndpointNews(world.clock, this.counters, events, watcher);
    this.throttle = new Throttle(options.throttle, world.random, world.clock.now());
    this.tokens = openTokens(client.credentials, options.throttle, world.clock, {
      ...events,
      told: (event) => watcher.token?.(event),
    });
    const holders = this.tokens === null ? [] : [this.tokens];
    this.#gate = new StartGate(this.throttle, world.clock, () => this.#events.free(), holders);
    const { signal } = this.#hardStop;
    const isPaced = (options.throttle.intervalMs ?? 0) > 0;
    const nextExchange = isPaced ? () => this.#gate.passExchange(signal) : undefined;
    this.#contexts = new AttemptContexts(options.runId, signal, nextExchange);
    this.#rampTimer = new RampTimer(this.throttle, world, this.counters, () => this.#events.free());
    this.#queue = new CaseQueue(world.clock);
    this.pending = new PendingCases(world.clock, this.#queue, events, options.keepsPlaces ?? false);
    this.#held = new HeldFailures(world.clock, () => this.#events.free());
    this.#slots = world.slots;
    this.#slots.setLimit(this.throttle.limit);
    this.#shared = options.shareRequests ? new SharedAnswers() : null;
    options.throttle.shared?.connect({ pause: (ms) => this.#pauseFor(ms), look: () => this.#events.free() });
  }

  get figures(): RunFigures {
    const { attempts, retries, retriesDenied, polls, latency, maxInFlight, waitedMs, retryAt } = this.counters;
    const counts = { attempts, retries, retriesDenied, polls, latency, maxInFlight, waitedMs, retryAt };
    const limit = { configured: this.#options.throttle.limit, ...this.throttle.course };
    return { ...counts, limit, pauses: this.throttle.pauses, outages: this.throttle.outages(this.#clock.now()) };
  }

  /** True when a new case would start at once, as far as slots and waiting cases are concerned. */
  get hasRoom(): boolean {
    return this.#stopping === null && this.#queue.isEmpty && this.#slots.hasFree;
  }

  /** Takes a case in; `startReady` starts it. */
  add(run: CaseRun): void {
    if (run.pollUrl !== undefined) this.pending.entered();
    const decision = run.shareKey === undefined ? undefined : this.#shared?.ask(run.shareKey, run);
    if (decision === undefined || decision.do === 'call') this.#queue.push(run);
    else if (decision.do === 'answer') this.#events.finished(run, decision.answer, true);
  }

  /** Starts every case whose turn it is, as far as slots and throttle allow; comes back by itself when they allow more. */
  startReady(): void {
    while (!this.#queue.isEmpty && this.#slots.hasFree && this.#gate.ask()) {
      const run = this.throttle.outage === null ? this.#queue.shift() : this.#queue.shiftProbe();
      if (run) this.#start(run);
    }
  }

  /** Call when all has started that can: failures that no further call will decide about stand. */
  settleHeld(moreMayCome: boolean): void {
    const isIdle = this.#slots.inFlight === 0 && this.#queue.isEmpty;
    if (this.#held.isTimeToStand(isIdle, moreMayCome)) this.#letStand(this.#held.take());
  }

  /** Soft stop: no further attempt; waits end now, attempts under way may end. */
  stop(reason: StopReason): void {
    if (this.#stopping !== null) return;
    this.#stopping = reason;
    this.news.close();
    this.#gate.close();
    this.#rampTimer.close();
    this.tokens?.close();
    const runs = [...this.#held.takeRuns(), ...this.#queue.drain(), ...this.pending.drain()];
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
    if (run.attempts === 0) this.#retries.firstAttempt();
    const held = this.#gate.pass();
    const begun = run.begin(hold, held?.for);
    this.counters.waited(begun.waited ?? held);
    const inFlight = this.#slots.take();
    this.counters.started(inFlight, run.isChargedRetry, run.pollUrl !== undefined);
    const sequence = this.counters.attempts;
    this.throttle.started(run.startedAt, inFlight, sequence);
    this.#rampTimer.watch();
    const attempt = { run, sequence, context: this.#contexts.of(run, sequence, begun, this.tokens?.take()) };
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

  #pauseFor(ms: number): void {
    const now = this.#clock.now();
    this.throttle.pauseUntil(now + ms, now);
    this.#slots.setLimit(this.throttle.limit);
    this.#scheduleWake();
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

  #ended({ run, sequence, context }: Attempt, outcome: AttemptOutcome): void {
    const now = this.#clock.now();
    const durationMs = now - run.startedAt;
    this.counters.ended(outcome, durationMs);
    const { requestId, attempt } = context;
    this.#watcher.attempted?.({ caseId: run.case.id, requestId, attempt, durationMs, outcome });
    run.note(outcome);
    const before = this.throttle.outage;
    const { startedAt } = run;
    const news = this.throttle.ended({ outcome, sequence, startedAt, now, isRepeatable: run.canRepeat(outcome) });
    this.#slots.setLimit(this.throttle.limit);
    this.#rampTimer.watch();
    if (news.pause !== null) this.news.pause(news.pause, outcome, now);
    if (outcome.ok) this.#retries.succeeded(run);
    if (outcome.ok) this.#letStand(this.#held.takeEndedBy(startedAt));
    else if (news.outage.change === 'began') this.#callAgain(this.#held.takeRuns(), 'outage');
    const verdict = this.tokens?.ended({ token: context.token, run, now }, outcome) ?? 'stands';
    if (verdict === 'stands') this.#followOne(run, outcome, news.outage);
    else this.#followRefusal(run, verdict);
    if (news.outage.change === undefined) return;
    this.news.outage({ change: news.outage.change, before, after: this.throttle.outage }, outcome);
  }

  #followOne(run: CaseRun, outcome: AttemptOutcome, { call, change }: OutageStep): void {
    if (this.#stopping !== null && call === 'again') return this.#finish(run, this.#cutShort(run));
    if (call === 'again') return this.#callAgain([run], 'outage', change === 'tried');
    if (call === 'held' && this.#stopping === null && !outcome.ok) return this.#held.add(run, outcome);
    this.#decide(run, outcome);
  }

  #decide(run: CaseRun, outcome: AttemptOutcome): void {
    const wasPending = run.pollUrl !== undefined;
    const step = run.decide(outcome, this.#random);
    if (!wasPending && run.pollUrl !== undefined) this.pending.entered();
    this.#follow(run, step);
  }

  #followRefusal(run: CaseRun, verdict: Exclude<TokenVerdict, 'stands'>): void {
    if (verdict === 'doubtful') this.#finish(run, run.givenUp());
    else if (this.#stopping !== null) this.#finish(run, this.#cutShort(run));
    else this.#callAgain([run], 'token');
  }

  #letStand(held: readonly HeldFailure[]): void {
    for (const { run, outcome } of held) this.#decide(run, outcome);
  }

  #follow(run: CaseRun, step: Step): void {
    if (step.do === 'finish') this.#finish(run, step.ending);
    else if (this.#stopping !== null) this.#finish(run, this.#cutShort(run));
    else if (step.do === 'again') this.#callAgain([run], step.waitFor);
    else if (step.do === 'pend') this.pending.pend(run, step);
    else if (step.do === 'pause') {
      run.beginWait(this.throttle.pausedUntil, step.waitFor);
      this.#queue.push(run);
    } else this.#retry(run, step.waitMs, step.waitFor);
  }

  #retry(run: CaseRun, waitMs: number, reason: WaitReason): void {
    if (!this.#retries.charge(run)) return this.#finish(run, run.failed('budget'));
    run.beginWait(this.#clock.now() + waitMs, reason);
    this.#queue.pushAfter(waitMs, run, () => this.#events.free());
  }

  /** Makes calls again at no cost, before all others or behind them: they failed for what the endpoint is to blame for. */
  #callAgain(runs: readonly CaseRun[], reason: WaitReason, behind = false): void {
    for (const run of runs) {
      this.#retries.giveBack(run);
      run.callAgain(reason);
    }
    if (behind) runs.forEach((run) => this.#queue.push(run));
    else this.#queue.pushFront(runs);
  }

  /** Ends a call, and with it the cases that waited for the same answer. */
  #finish(run: CaseRun, ending: Ending): void {
    if (run.pollUrl !== undefined) this.pending.left();
    this.#events.finished(run, ending, false);
    if (this.#shared === null || run.shareKey === undefined) return;
    const answer = ending.status === 'enriched' ? ending : null;
    for (const follower of this.#shared.ended(run.shareKey, answer)) this.#events.finished(follower, ending, true);
  }

  /** The end of a case whose next attempt will not be made because the run stops. */
  #cutShort(run: CaseRun): Ending {
    const reason = this.#stopping ?? 'signal';
    if (ENDS_CALLED_AS_FAILED.has(reason) && run.hasFailed) return run.givenUp();
    return run.cancelled(`the run was stopped (${reason})`);
  }
}
