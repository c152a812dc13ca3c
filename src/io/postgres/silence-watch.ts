/** Tells a query that takes long from a connection on which nothing will ever come. */

import type { Clock, Timer } from '../../core/ports.js';
import { Connection } from './connection.js';
import type { Driver } from './driver.js';
import type { Login } from './login.js';

export interface SilenceOptions {
  readonly login: Login;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly silenceMs: number;
}

/**
 * Whenever nothing was heard for a while, asks the server on another connection whether it is at work. Where it can't be
 * asked, knows nothing of the query, or waits for us to take rows, the silent connection is broken off.
 */
export class SilenceWatch implements Disposable {
  readonly #connection: Connection;
  readonly #login: Login;
  readonly #driver: Driver;
  readonly #clock: Clock;
  readonly #silenceMs: number;
  readonly #backend: string;
  #heardAt: number;
  #timer: Timer;
  #isOver = false;

  /** @param backend the process of the server that runs the query, which a pooler hides. */
  constructor(connection: Connection, backend: string, { login, driver, clock, silenceMs }: SilenceOptions) {
    this.#connection = connection;
    this.#backend = backend;
    this.#login = login;
    this.#driver = driver;
    this.#clock = clock;
    this.#silenceMs = silenceMs;
    this.#heardAt = clock.now();
    this.#timer = this.#later();
  }

  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer.cancel();
  }

  #later(): Timer {
    const wait = Math.max(1, this.#heardAt + this.#silenceMs - this.#clock.now());
    return this.#clock.setTimer(wait, () => void this.#look());
  }

  async #look(): Promise<void> {
    const isSilent = this.#clock.now() - this.#heardAt >= this.#silenceMs;
    const isAtWork = !isSilent || (await this.#asks().catch(() => false));
    if (this.#isOver) return;
    if (!isAtWork) return this.#connection.destroy();
    if (isSilent) this.heard();
    this.#timer = this.#later();
  }

  /** Whether the server has a query of this user that reads rows and does not wait for its client. */
  async #asks(): Promise<boolean> {
    const other = await Connection.open(this.#login, this.#driver, this.#clock);
    try {
      const { rows } = await other.query(AT_WORK, [this.#backend], this.#silenceMs);
      return rows.length > 0;
    } finally {
      await other.close();
    }
  }
}

const AT_WORK = `select 1 from pg_catalog.pg_stat_activity
  where pid = $1 and state = 'active' and wait_event is distinct from 'ClientWrite'`;
