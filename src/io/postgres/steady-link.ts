/** A connection that comes back: statements that are harmless to repeat are repeated on a new one until the wait is over. */

import type { Clock, Random } from '../../core/ports.js';
import { Connection } from './connection.js';
import type { Driver, RawResult } from './driver.js';
import type { Login } from './login.js';
import { isAway, problemOf } from './problems.js';

export interface LinkOptions {
  readonly login: Login;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly random: Random;
  /** How long the database may be away, in milliseconds. */
  readonly waitMs: number;
  /** The longest wait for an answer. */
  readonly silenceMs?: number;
}

/** Told when the database goes away and comes back. */
export interface LinkWatcher {
  away(problem: string): void;
  back(): void;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;
const SILENCE_MS = 10_000;

export class SteadyLink {
  readonly #options: LinkOptions;
  readonly #silenceMs: number;
  #connection: Connection | undefined;
  #watcher: LinkWatcher | undefined;
  /** When the wait is over, while the database is away. */
  #giveUpAt = Number.POSITIVE_INFINITY;
  #most: number;
  #awake = (): void => {};
  #isClosed = false;

  constructor(options: LinkOptions, connection?: Connection) {
    this.#options = options;
    this.#silenceMs = Math.max(1, Math.min(options.silenceMs ?? SILENCE_MS, options.waitMs || SILENCE_MS));
    this.#most = options.waitMs;
    this.#connection = connection;
  }

  /** Connections that are open. */
  get held(): number {
    return this.#connection === undefined || this.#connection.isLost ? 0 : 1;
  }

  watch(watcher: LinkWatcher): void {
    this.#watcher = watcher;
  }

  /** From now on the database may be away for so long at most. */
  hurry(ms: number): void {
    this.#most = Math.min(this.#most, ms);
    this.#giveUpAt = Math.min(this.#giveUpAt, this.#options.clock.now() + ms);
    this.#awake();
  }

  /**
   * Sends a statement, again where its answer did not come. Rejects with what the server refuses for good, or with the last
   * error when the wait is over.
   */
  async query(text: string, values?: readonly unknown[]): Promise<RawResult> {
    let isTold = false;
    for (let tries = 0; ; tries++) {
      try {
        const answer = await (await this.#connected()).query(text, values, this.#silenceMs);
        this.#giveUpAt = Number.POSITIVE_INFINITY;
        if (isTold) this.#watcher?.back();
        return answer;
      } catch (error) {
        if (!isAway(error) || this.#isClosed) throw error;
        await this.#drop();
        this.#giveUpAt = Math.min(this.#giveUpAt, this.#options.clock.now() + this.#most);
        if (!isTold) this.#watcher?.away(problemOf(error, this.#options.login).message);
        isTold = true;
        if (!(await this.#pause(tries))) throw error;
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#awake();
    await this.#connection?.close();
  }

  async #connected(): Promise<Connection> {
    if (this.#connection === undefined || this.#connection.isLost) {
      const { login, driver, clock } = this.#options;
      this.#connection = await Connection.open(login, driver, clock);
    }
    return this.#connection;
  }

  /** A statement that waits for a lock would go on without us. */
  async #drop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection?.isLost === false) await connection.cancel();
  }

  /** Waits before the next try; false when there is none any more. */
  async #pause(tries: number): Promise<boolean> {
    const { clock, random } = this.#options;
    const left = this.#giveUpAt - clock.now();
    if (left <= 0) return false;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS) * (0.5 + random() / 2);
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(Math.min(wait, left), resolve);
      this.#awake = () => {
        timer.cancel();
        resolve();
      };
    });
    return !this.#isClosed && clock.now() < this.#giveUpAt;
  }
}
