/** The connections of one client: at most so many, kept alive, one request at a time on each. */

import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import { systemCode } from '../../errors.js';
import { passOverContinue } from './continue.js';
import type { Connector } from './connector.js';

/** Whoever needs a connection. */
export interface Borrower {
  /** Called with the connection, at once or when one is free. */
  proceed(connection: Connection): void;
}

// One for all: where the stack was makes an error expensive, and nobody looks at it.
const DROPPED = new Error('the connection was dropped');

// The most connections that are dropped in one turn of the event loop.
const DROPS_A_TURN = 4;

/**
 * Whether connections carry more than one request. Not any more once an answer came out of turn: a little later it would
 * have been taken for the answer to the next request, and nothing can tell which of the earlier ones were.
 */
export class KeepAlive {
  #trusted = true;
  readonly #onLost: () => void;

  /** `onLost` is called once. */
  constructor(onLost: () => void) {
    this.#onLost = onLost;
  }

  get trusted(): boolean {
    return this.#trusted;
  }

  /** An answer came while no request was under way, or that belongs to another one. */
  lose(): void {
    if (!this.#trusted) return;
    this.#trusted = false;
    this.#onLost();
  }
}

/** One undici client, made when it is first needed and again after it was dropped. */
export class Connection {
  readonly #origin: string;
  readonly #connector: Connector;
  readonly keepAlive: KeepAlive;
  #client: Client | undefined;
  #cancelConnect: (() => void) | undefined;

  constructor(origin: string, connector: Connector, keepAlive: KeepAlive) {
    this.#origin = origin;
    this.#connector = connector;
    this.keepAlive = keepAlive;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    if (!this.keepAlive.trusted) void this.drop();
    this.#client ??= this.#makeClient();
    this.#client.dispatch(options, handler);
  }

  /**
   * Closes the connection whatever is going on, connecting included. undici's own abort would connect again for nothing,
   * and has no effect at all before a connection is there.
   */
  drop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#cancelConnect?.();
    return client === undefined ? Promise.resolve() : client.destroy(DROPPED);
  }

  #makeClient(): Client {
    const client = new Client(this.#origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
      connect: (options, callback) => {
        this.#cancelConnect = this.#connector.open(options, callback);
      },
    });
    client.on('connect', () => passOverContinue(client));
    // undici itself closes a connection on which something comes while no request is under way.
    client.on('disconnect', (_origin, _targets, error) => {
      if (isOutOfTurn(error)) this.keepAlive.lose();
    });
    return client;
  }
}

function isOutOfTurn(error: Error): boolean {
  return systemCode(error) === 'UND_ERR_SOCKET' && error.message === 'bad response';
}

/** Lends connections, the one that was used last first; who comes when none is free waits in line. */
export class ConnectionPool {
  readonly #make: () => Connection;
  readonly #limit: number;
  readonly #all: Connection[] = [];
  readonly #free: Connection[] = [];
  readonly #waiting = new Set<Borrower>();
  readonly #discarded: Connection[] = [];

  constructor(limit: number, make: () => Connection) {
    this.#limit = limit;
    this.#make = make;
  }

  borrow(borrower: Borrower): void {
    const connection = this.#free.pop() ?? this.#another();
    if (connection === undefined) this.#waiting.add(borrower);
    else borrower.proceed(connection);
  }

  /** Takes a waiting borrower out of the line. */
  forget(borrower: Borrower): void {
    this.#waiting.delete(borrower);
  }

  giveBack(connection: Connection): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free.push(connection);
      return;
    }
    this.#waiting.delete(next);
    // Not at once: undici may be in the middle of reporting an error, where a new dispatch crashes it.
    setImmediate(() => next.proceed(connection));
  }

  /**
   * Takes a connection back on which something is still going on: it is dropped before it is lent again. A few at a
   * time, because when a thousand attempts time out in one moment none should be late because of the others.
   */
  discard(connection: Connection): void {
    if (this.#discarded.push(connection) === 1) setImmediate(() => this.#dropSome());
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((connection) => connection.drop()));
  }

  #dropSome(): void {
    for (const connection of this.#discarded.splice(0, DROPS_A_TURN)) {
      void connection.drop();
      this.giveBack(connection);
    }
    if (this.#discarded.length > 0) setImmediate(() => this.#dropSome());
  }

  #another(): Connection | undefined {
    if (this.#all.length >= this.#limit) return undefined;
    const connection = this.#make();
    this.#all.push(connection);
    return connection;
  }
}
