/** The connections of one client: a pool of limited size, kept alive, one request at a time on each. */

import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import { systemCode } from '../../errors.js';
import { passOverContinue } from './continue.js';
import { type Connector, isUnconfirmed } from './connector.js';

/** A caller that needs a connection. */
export interface Borrower {
  /** Called with the connection, at once or when one is free. */
  proceed(connection: Connection): void;
}

// One shared error: capturing a stack trace for each is expensive, and nobody reads it.
const DROPPED = new Error('the connection was dropped');

// The most connections dropped in one turn of the event loop.
const DROPS_A_TURN = 4;

/**
 * Whether connections are reused for more than one request. Turned off once an unexpected answer arrives: a little later
 * it would have been taken for the answer to the next request, and earlier answers may have been mixed up unnoticed.
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

  /** Call when an answer came while no request was under way, or one that belongs to another request. */
  lose(): void {
    if (!this.#trusted) return;
    this.#trusted = false;
    this.#onLost();
  }
}

/** One undici client, created on first use and again after it was dropped. */
export class Connection {
  readonly #origin: string;
  readonly #connector: Connector;
  readonly keepAlive: KeepAlive;
  #client: Client | undefined;
  #cancelConnect: (() => void) | undefined;
  #socket: Socket | undefined;
  /** Requests sent on this socket. */
  #sent = 0;

  constructor(origin: string, connector: Connector, keepAlive: KeepAlive) {
    this.#origin = origin;
    this.#connector = connector;
    this.keepAlive = keepAlive;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    if (!this.keepAlive.trusted) void this.drop();
    this.#sent++;
    this.#client ??= this.#makeClient();
    this.#client.dispatch(options, handler);
  }

  /** True while the first request is under way and the server may still refuse the TLS handshake. */
  get isInHandshake(): boolean {
    return this.#sent === 1 && this.#socket !== undefined && isUnconfirmed(this.#socket);
  }

  /**
   * Closes the connection in any state, also while connecting. undici's own abort would reconnect needlessly, and has no
   * effect before a connection is established.
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
        this.#cancelConnect = this.#connector.open(options, (...result) => {
          // The request that is waiting for this socket is the first one on it.
          this.#sent = 1;
          this.#socket = result[1] ?? undefined;
          callback(...result);
        });
      },
    });
    client.on('connect', () => passOverContinue(client));
    // undici itself closes a connection that receives data while no request is under way.
    client.on('disconnect', (_origin, _targets, error) => {
      if (isOutOfTurn(error)) this.keepAlive.lose();
    });
    return client;
  }
}

function isOutOfTurn(error: Error): boolean {
  return systemCode(error) === 'UND_ERR_SOCKET' && error.message === 'bad response';
}

/** Lends connections, the most recently used first; callers wait in a FIFO queue when none is free. */
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

  /** Removes a waiting borrower from the queue. */
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
   * Takes back a connection with an exchange still under way: it is dropped before it is lent again. Only a few are
   * dropped per turn, so that a thousand simultaneous timeouts don't delay one another.
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
