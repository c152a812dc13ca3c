/** Tells the watchers of pauses and outages, and ends the run where one of them lasts too long. */

import type { PauseDecision } from '../flow/endpoint-pause.js';
import type { OutageState } from '../flow/outage.js';
import type { AttemptOutcome, Clock, OutageEvent, RunWatcher } from '../ports.js';
import type { EnricherEvents } from './enricher-world.js';
import { outageEvent } from './outage-event.js';
import type { RunCounters } from './run-counters.js';

/** What an attempt has changed about the outage: the state before and after it. */
export interface OutageNews {
  readonly change: OutageEvent['change'];
  readonly before: OutageState | null;
  readonly after: OutageState | null;
}

export class EndpointNews {
  /** The outage that ended the run, or null. */
  lastingOutage: OutageEvent | null = null;
  readonly #clock: Clock;
  readonly #counters: RunCounters;
  readonly #events: Pick<EnricherEvents, 'stop'>;
  readonly #watcher: RunWatcher;
  #isClosed = false;

  constructor(clock: Clock, counters: RunCounters, events: Pick<EnricherEvents, 'stop'>, watcher: RunWatcher) {
    this.#clock = clock;
    this.#counters = counters;
    this.#events = events;
    this.#watcher = watcher;
  }

  /** The run stops: what the endpoint asks for from now on changes nothing. */
  close(): void {
    this.#isClosed = true;
  }

  outage(news: OutageNews, outcome: AttemptOutcome): void {
    if (this.#isClosed) return;
    const event = outageEvent(news, outcome, this.#clock);
    this.#watcher.outage?.(event);
    if (news.change !== 'given-up') return;
    this.lastingOutage = event;
    this.#events.stop('outage');
  }

  pause(pause: PauseDecision, outcome: AttemptOutcome, now: number): void {
    if (this.#isClosed) return;
    if (pause.do === 'stop') {
      const { retryAtMs } = pause;
      this.#counters.retryAt = retryAtMs === null ? null : this.#clock.wallNow() + (retryAtMs - now);
      this.#events.stop('rate-limited');
    } else if (pause.isNew) {
      const asked = !outcome.ok && outcome.askedWaitMs !== undefined;
      this.#watcher.paused?.({ ms: pause.untilMs - now, asked, outcome });
    }
  }
}
