/**
 * The link to Redis: commands that outlive a lost connection. While Redis is away, calls wait, and the link connects
 * again and again; after the queue's timeout they are rejected, and so is every later one.
 */

import type { Clock, Timer } from '../../core/ports.js';
import { CaseTrackerError, InputError } from '../../errors.js';
import { formatDuration } from '../../text/format.js';
import type { Connection, Reply } from './connection.js';
import { asLost, LinkLost } from './refusals.js';

export interface LinkOptions {
  /** Opens a connection that works, or rejects. */
  readonly connect: (lost: (why: string) => void) => Promise<Connection>;
  readonly clock: Clock;
  /** How long Redis may be away, in milliseconds. */
  readonly timeoutMs: number;
  /** The queue as it is shown. */
  readonly where: string;
}

/** Told when Redis goes away and when it is back; each at most once per absence. */
export interface LinkWatcher {
  away(why: string): void;
  back(afterMs: number): void;
}

/** Redis did not come back in time. */
export class QueueAway extends InputError {}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

export class RedisLink {
  readonly #options: LinkOptions;
  readonly #clock: Clock;
  #connection: Connection | null = null;
  #watcher: LinkWatcher | undefined;
  #awaySince: number | null = null;
  #giveUpAt = Number.POSITIVE_INFINITY;
  #reason = '';
  #failed: Error | null = null;
  #waiters: { readonly resolve: (connection: Connection) => void; readonly reject: (error: Error) => void }[] = [];
  readonly #channels = new Map<string, (message: string) => void>();
  #timer: Timer | undefined;
  #giveUp: Timer | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  /** The first connection; here nothing is waited for. */
  async open(): Promise<void> {
    const { connect, where } = this.#options;
    try {
      this.#connection = await connect((why) => this.#lost(why));
    } catch (error) {
      if (error instanceof CaseTrackerError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      if (/^LOADING\b/.test(why)) return this.#lost(why);
      throw new InputError(`${where}: no Redis answers (${why})`, {
        hint: 'is it running, and are host and port right?',
        cause: error,
      });
    }
  }

  watch(watcher: LinkWatcher): void {
    this.#watcher = watcher;
  }

  /** True while Redis is away. */
  get isAway(): boolean {
    return this.#awaySince !== null;
  }

  /** From now on Redis may stay away for no longer than this, in milliseconds. */
  hurry(ms: number): void {
    this.#giveUpAt = Math.min(this.#giveUpAt, this.#clock.now() + ms);
    if (this.isAway) this.#setGiveUp();
  }

  /** A command that may be made again when its answer was lost. */
  async call(args: readonly string[]): Promise<Reply> {
    for (;;) {
      try {
        return await this.callOnce(args);
      } catch (error) {
        if (!(error instanceof LinkLost)) throw error;
      }
    }
  }

  /** A command that must not be made twice: rejects with LinkLost when it is not known whether it was carried out. */
  async callOnce(args: readonly string[]): Promise<Reply> {
    const connection = this.#connection ?? (await this.#returned());
    try {
      return await connection.send(args);
    } catch (error) {
      const failure = asLost(error);
      if (failure instanceof LinkLost && this.#connection === connection) {
        connection.destroy();
        this.#lost(failure.message);
      }
      throw failure;
    }
  }

  /** Listens to a channel, on each new connection again. Where it is not allowed to, nothing is heard. */
  async subscribe(channel: string, heard: (message: string) => void): Promise<void> {
    this.#channels.set(channel, heard);
    await this.#listen();
  }

  /** Ends the link: whatever waits is rejected. */
  close(): void {
    this.#end(new LinkClosed());
    this.#connection?.destroy();
    this.#connection = null;
  }

  async #listen(): Promise<void> {
    for (const [channel, heard] of this.#channels) await this.#connection?.subscribe(channel, heard).catch(() => {});
  }

  #returned(): Promise<Connection> {
    if (this.#failed !== null) return Promise.reject(this.#failed);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  #lost(why: string): void {
    if (this.#failed !== null || this.#awaySince !== null) return;
    this.#connection = null;
    this.#reason = why;
    this.#awaySince = this.#clock.now();
    this.#watcher?.away(why);
    this.#setGiveUp();
    this.#connectIn(FIRST_WAIT_MS);
  }

  #setGiveUp(): void {
    this.#giveUp?.cancel();
    const ends = Math.min(this.#giveUpAt, (this.#awaySince ?? 0) + this.#options.timeoutMs);
    this.#giveUp = this.#clock.setTimer(Math.max(0, ends - this.#clock.now()), () => this.#end(this.#awayError()));
  }

  #connectIn(waitMs: number): void {
    this.#timer = this.#clock.setTimer(waitMs, () => void this.#reconnect(waitMs));
  }

  async #reconnect(waitMs: number): Promise<void> {
    let early = false;
    try {
      const connection = await this.#options.connect((why) => {
        early = true;
        this.#lost(why);
      });
      if (this.#failed !== null || early) return connection.destroy();
      this.#back(connection);
    } catch (error) {
      if (this.#failed !== null) return;
      this.#reason = error instanceof Error ? error.message : String(error);
      this.#connectIn(Math.min(waitMs * 2, LONGEST_WAIT_MS));
    }
  }

  #back(connection: Connection): void {
    const afterMs = this.#clock.now() - (this.#awaySince ?? 0);
    this.#connection = connection;
    this.#awaySince = null;
    this.#giveUp?.cancel();
    this.#watcher?.back(afterMs);
    void this.#listen();
    for (const { resolve } of this.#waiters.splice(0)) resolve(connection);
  }

  #awayError(): Error {
    const { where } = this.#options;
    const ms = this.#clock.now() - (this.#awaySince ?? 0);
    return new QueueAway(`${where}: Redis was away for ${formatDuration(ms)} (${this.#reason})`, {
      hint: 'start the worker again once it is back; --queue-timeout says how long it is waited for',
    });
  }

  #end(error: Error): void {
    this.#failed ??= error;
    this.#timer?.cancel();
    this.#giveUp?.cancel();
    for (const { reject } of this.#waiters.splice(0)) reject(this.#failed);
  }
}

/** The link was closed while something waited for it. */
export class LinkClosed extends Error {}
