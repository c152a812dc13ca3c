/** Tells webhooks how a run ends, and when it stalls. Nothing of it can change or hold up the run. */

import { setMaxListeners } from 'node:events';
import type { Hook, NotifyEvent } from '../../../core/notify-hooks.js';
import type { AttemptOutcome, Clock, OutageEvent, PauseEvent, RunWatcher } from '../../../core/ports.js';
import type { RunEnd, StartedRun } from '../../../core/results/run-end.js';
import type { RunState } from '../../../core/results/run-state.js';
import { formatCounted } from '../../../text/format.js';
import type { Proxy } from '../../http/proxy.js';
import * as message from './message.js';
import { send, type Sent } from './sending.js';
import { type Stall, Stalls } from './stalls.js';

export interface NotifierOptions {
  readonly hooks: readonly Hook[];
  readonly clock: Clock;
  readonly userAgent: string;
  /** The proxy to the hooks of this origin, if any. */
  readonly proxyOf: (origin: string) => Proxy | undefined;
  /** Removes secrets from a text. */
  readonly redact: (text: string) => string;
}

/** What one hook has not taken. */
interface Missed {
  count: number;
  readonly last: Exclude<Sent, { readonly ok: true }>;
}

export class Notifier implements RunWatcher {
  readonly #options: NotifierOptions;
  readonly #stalls: Stalls;
  readonly #missed = new Map<Hook, Missed>();
  readonly #whileRunning = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #run: StartedRun | undefined;
  #state: (() => RunState) | undefined;
  #end: RunEnd | undefined;
  /** How many cases have no result at the end, where that is known. */
  #left = 0;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#stalls = new Stalls({
      clock: options.clock,
      enriched: () => this.#state?.().enriched ?? 0,
      pauseLeftMs: () => this.#state?.().pauseLeftMs ?? 0,
      tell: (stall) => this.#tellStall(stall),
    });
  }

  started(run: StartedRun, state: () => RunState): void {
    this.#run = run;
    this.#state = state;
  }

  paused({ ms, asked, outcome }: PauseEvent): void {
    this.#stalls.paused({ ms, asked, httpStatus: statusOf(outcome) });
  }

  outage({ change, ms, outcome }: OutageEvent): void {
    if (change === 'began') this.#stalls.outageBegan(ms, statusOf(outcome));
    else if (change !== 'tried') this.#stalls.outageEnded();
  }

  stopped(): void {
    this.#stalls.close();
  }

  /** What is still under way about a stall is out of date now. */
  drained(): void {
    this.#stalls.close();
    this.#whileRunning.abort();
    if (this.#state !== undefined) this.#left = leftOf(this.#state());
    this.#state = undefined;
  }

  ended(end: RunEnd): void {
    this.#end = end;
  }

  /**
   * The run has ended with this exit code, and all that it had open is closed. Resolves when every hook has taken the
   * message or will not, or when `cut` is aborted; with the warnings, one a hook at most.
   */
  async finish(exitCode: number, cut: AbortSignal): Promise<readonly string[]> {
    await this.#endStalls();
    const event = message.eventOf(exitCode);
    if (event !== undefined) await Promise.all(this.#send(this.#last(exitCode, event), cut));
    return [...this.#missed].map(([hook, missed]) => this.#warning(hook, missed));
  }

  /** The run was ended by a bug or a wrong setting: nobody is told. */
  async drop(): Promise<void> {
    await this.#endStalls();
  }

  async #endStalls(): Promise<void> {
    this.drained();
    await Promise.all(this.#underWay);
  }

  #last(exitCode: number, event: NotifyEvent): message.Notification {
    if (this.#end === undefined) return message.lostNotification(this.#run, exitCode, event);
    return message.endNotification({ ...this.#end, exitCode }, event, this.#options.redact, this.#left);
  }

  #tellStall(stall: Stall): void {
    if (this.#run === undefined || this.#state === undefined) return;
    const notification = message.stallNotification(this.#run, stall, this.#state());
    for (const sending of this.#send(notification, this.#whileRunning.signal)) {
      this.#underWay.add(sending);
      void sending.then(() => this.#underWay.delete(sending));
    }
  }

  /** To all hooks that want it, at once. */
  #send(notification: message.Notification, signal: AbortSignal): Promise<void>[] {
    const body = message.notificationBody(notification);
    // Each hook listens to it: otherwise Node.js warns of a leak on stderr.
    setMaxListeners(0, signal);
    const hooks = this.#options.hooks.filter(({ on }) => on.includes(notification.event));
    return hooks.map((hook) => this.#sendTo(hook, body, signal));
  }

  async #sendTo(hook: Hook, body: string, signal: AbortSignal): Promise<void> {
    const { clock, userAgent, proxyOf } = this.#options;
    const sent = await send({ hook, body, clock, userAgent, proxy: proxyOf(hook.origin), signal });
    // One about a stall that is over is cut off by us.
    if (sent.ok || (sent.isCut && signal === this.#whileRunning.signal)) return;
    this.#missed.set(hook, { count: (this.#missed.get(hook)?.count ?? 0) + 1, last: sent });
  }

  /** `no notification to https://hooks.slack.com: it answered 404`. */
  #warning(hook: Hook, { count, last }: Missed): string {
    const which = count === 1 ? 'a notification' : formatCounted(count, 'notification');
    const tries = last.tries === 1 ? '' : ` (${last.tries} tries)`;
    return `${hook.origin} did not take ${which}: ${this.#options.redact(last.problem)}${tries}`;
  }
}

function leftOf({ done, total }: RunState): number {
  return Math.max(0, (total ?? done) - done);
}

function statusOf(outcome: AttemptOutcome): number | null {
  return outcome.ok ? null : (outcome.failure.httpStatus ?? null);
}
