/**
 * The messages of a run under way, to all who watch it: at most four a second, encoded once for all of them, none while
 * nobody is there. A client that does not keep up skips messages and gets a snapshot next: what waits for it is bounded.
 */

import type { FeedSocket } from '../../core/live/feed-socket.js';
import {
  LIVE_VERSION,
  type LiveEnd,
  type LiveMessage,
  type LiveSnapshot,
  type LiveState,
} from '../../core/live/messages.js';
import { RunView } from '../../core/live/run-view.js';
import type { Clock, RunWatcher, Timer } from '../../core/ports.js';
import type { RunEnd } from '../../core/results/run-end.js';
import type { Threshold } from '../../core/run/stop-rules.js';
import { endOf, verdictOf } from '../../report/view.js';

export const FRAME_MS = 250;
/** A client that has taken nothing for so long is ended. */
export const STUCK_MS = 30_000;

/** The WebSocket close codes: after the end, and where there is none. */
const NORMAL = 1000;
const GOING_AWAY = 1001;

export interface LiveFeedOptions {
  readonly clock: Clock;
  /** How many cases may go without enrichment while the verdict is still ok. Default none. */
  readonly allowed?: Threshold;
}

interface Client {
  readonly socket: FeedSocket;
  /** It has every message until now, so that the next one may say what has changed. */
  isInStep: boolean;
  /** Since when it has not taken what was sent; null when it has. */
  stuckSinceMs: number | null;
}

/** To be made before the run. Its `watcher` is told by the run, `join` takes clients before, during and after it. */
export class LiveFeed implements Disposable {
  readonly watcher: RunWatcher;
  readonly #clock: Clock;
  readonly #view: RunView;
  readonly #clients = new Set<Client>();
  #seq = 0;
  #timer: Timer | undefined;
  #end: LiveEnd | null = null;

  constructor({ clock, allowed = { count: 0 } }: LiveFeedOptions) {
    const view = new RunView(clock, allowed);
    this.#clock = clock;
    this.#view = view;
    this.watcher = {
      started: (run, state) => {
        view.started(run, state);
        this.#frame();
        this.#scheduleFrame();
      },
      attempted: (attempt) => view.attempted(attempt),
      paused: (pause) => view.paused(pause),
      outage: (outage) => view.outage(outage),
      delivered: (results) => view.delivered(results),
      stopped: (reason) => view.stopped(reason),
      drained: () => this.#drained(),
      ended: (end) => this.#ended(end),
      lost: (end) => this.#ended(end),
    };
  }

  get hasEnded(): boolean {
    return this.#end !== null;
  }

  /** Takes a client; it gets a snapshot, at once if the run has begun. After the end it gets that too, and is closed. */
  join(socket: FeedSocket): void {
    const client: Client = { socket, isInStep: false, stuckSinceMs: null };
    this.#clients.add(client);
    socket.onClose(() => this.#clients.delete(client));
    if (this.#end !== null) this.#sayGoodbye(client, this.#end);
    else this.#send([client], this.#firstSnapshot());
  }

  /** The state now, or the last one; null before the run has begun. */
  state(): LiveState | null {
    return this.#view.observe();
  }

  /** What somebody is told who asks once: a snapshot, or the end; null before the run has begun. */
  message(): LiveSnapshot | LiveEnd | null {
    return this.#end ?? this.#snapshot();
  }

  /** Stops its timer. Who is still there has not heard of an end: there was none to tell, and asking again finds out. */
  [Symbol.dispose](): void {
    this.#stopTimer();
    for (const { socket } of this.#clients) socket.close(GOING_AWAY);
    this.#clients.clear();
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #scheduleFrame(): void {
    this.#timer = this.#clock.setTimer(FRAME_MS, () => {
      this.#frame();
      this.#scheduleFrame();
    });
  }

  /** Without clients it is only looked at how the run stands, for the series. */
  #frame(): void {
    this.#view.observe();
    const ready = [...this.#clients].filter((client) => this.#isReady(client));
    if (ready.length === 0) return;
    const change = this.#view.takeChange();
    if (change === null) return;
    this.#seq++;
    const inStep = ready.filter((client) => client.isInStep && !change.isWhole);
    const others = ready.filter((client) => !inStep.includes(client));
    if (inStep.length > 0) this.#send(inStep, { v: LIVE_VERSION, type: 'update', seq: this.#seq, ...change.update });
    if (others.length > 0) this.#send(others, this.#snapshot());
  }

  /** False for one that has not taken the message before: it misses this one. */
  #isReady(client: Client): boolean {
    const { socket } = client;
    if (socket.bufferedBytes === 0) {
      client.stuckSinceMs = null;
      return true;
    }
    const now = this.#clock.now();
    client.isInStep = false;
    client.stuckSinceMs ??= now;
    if (now - client.stuckSinceMs >= STUCK_MS) this.#drop(client);
    return false;
  }

  /** For one that joins between two frames: the next one says what has changed since the last. */
  #firstSnapshot(): LiveSnapshot | null {
    const isFirst = ![...this.#clients].some(({ isInStep }) => isInStep);
    if (isFirst) this.#view.takeChange();
    return this.#snapshot(!isFirst);
  }

  #snapshot(isMidway = false): LiveSnapshot | null {
    const parts = this.#view.snapshot(isMidway);
    return parts === null ? null : { v: LIVE_VERSION, type: 'snapshot', seq: this.#seq, ...parts };
  }

  #drained(): void {
    this.#stopTimer();
    this.#view.drained();
    this.#frame();
  }

  #ended(end: RunEnd): void {
    const { ok, text } = verdictOf(end);
    const parts = this.#view.end(end, { ok, text, ended: endOf(end) });
    this.#seq++;
    this.#end = { v: LIVE_VERSION, type: 'end', seq: this.#seq, ...parts };
    for (const client of this.#clients) this.#sayGoodbye(client, this.#end);
  }

  /** Also to one that has not taken the message before: it may still, and this is the last. */
  #sayGoodbye(client: Client, end: LiveEnd): void {
    if (!client.isInStep && client.socket.bufferedBytes === 0) {
      const snapshot = this.#snapshot();
      this.#send([client], snapshot === null ? null : { ...snapshot, seq: end.seq - 1 });
    }
    this.#send([client], end);
    this.#clients.delete(client);
    client.socket.close(NORMAL);
  }

  /** Encoded once, whatever the number of clients. */
  #send(clients: readonly Client[], message: LiveMessage | null): void {
    if (message === null) return;
    const text = JSON.stringify(message);
    for (const client of clients) {
      try {
        client.socket.send(text);
        client.isInStep = true;
      } catch {
        // It has gone, which is no concern of the run.
        this.#drop(client);
      }
    }
  }

  #drop(client: Client): void {
    this.#clients.delete(client);
    client.socket.terminate();
  }
}
