/** One connection to PostgreSQL, with timeouts of its own, that can be broken off at any time. */

import { connect as connectSocket } from 'node:net';
import { checkServerIdentity as checkIdentity, type PeerCertificate } from 'node:tls';
import type { Clock } from '../../core/ports.js';
import type { CopyStream, Driver, RawClient, RawResult } from './driver.js';
import type { Login } from './login.js';
import { ConnectionLost, NoPassword } from './problems.js';

// A server that does not take a farewell this long is left alone.
const END_MS = 1_000;
const CANCEL_CODE = 80_877_102;

export class Connection {
  readonly #client: RawClient;
  readonly #login: Login;
  readonly #driver: Driver;
  readonly #clock: Clock;
  #lost: ConnectionLost | undefined;
  readonly #onLost: ((why: ConnectionLost) => void)[] = [];

  private constructor(client: RawClient, login: Login, driver: Driver, clock: Clock) {
    this.#client = client;
    this.#login = login;
    this.#driver = driver;
    this.#clock = clock;
    client.on('error', (error) => this.#lose(error));
    client.on('end', () => this.#lose());
  }

  /** Connects and logs in. Rejects with what the server or the system says. */
  static async open(login: Login, driver: Driver, clock: Clock): Promise<Connection> {
    const client = driver.client(configOf(login));
    const connection = new Connection(client, login, driver, clock);
    try {
      await connection.#inTime(client.connect(), login.connectTimeoutMs + END_MS);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Sends one statement, unnamed; values go beside it. `silenceMs` is the longest wait for its answer. */
  query(text: string, values?: readonly unknown[], silenceMs?: number): Promise<RawResult> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return this.#inTime(this.#client.query(values === undefined ? text : { text, values }), silenceMs);
  }

  /** Starts a COPY TO STDOUT. A connection that is lost is an error of the stream. */
  copy(sql: string): CopyStream {
    const stream = this.#client.query(this.#driver.copyTo(sql));
    // A server that ends a connection is told twice: by its error, and by the closed socket when nobody listens any more.
    stream.on('error', () => {});
    this.whenLost((why) => stream.destroy(why));
    return stream;
  }

  whenLost(listener: (why: ConnectionLost) => void): void {
    if (this.#lost === undefined) this.#onLost.push(listener);
    else listener(this.#lost);
  }

  /** Ends a query on the server, by the request that the protocol has for it, and breaks the connection off. */
  async cancel(): Promise<void> {
    const { processID, secretKey } = this.#client;
    this.destroy();
    if (processID === null || secretKey === null) return;
    await sendCancel(this.#login, processID, secretKey, this.#clock);
  }

  /** Says goodbye and closes. */
  async close(): Promise<void> {
    if (this.#lost !== undefined) return;
    await this.#inTime(this.#client.end(), END_MS).catch(() => {});
    this.destroy();
  }

  /** Closes at once; what is under way is rejected. */
  destroy(): void {
    this.#lose();
    this.#client.connection.stream.destroy();
  }

  #lose(error?: unknown): void {
    if (this.#lost !== undefined) return;
    const why = error instanceof Error ? error.message : 'the connection was lost';
    this.#lost = new ConnectionLost(why, { cause: error });
    for (const listener of this.#onLost) listener(this.#lost);
  }

  async #inTime<T>(answer: Promise<T>, ms: number | undefined): Promise<T> {
    if (ms === undefined) return answer;
    let giveUp = (): void => {};
    const silence = new Promise<never>((_, reject) => {
      giveUp = () => {
        reject(new ConnectionLost(`no answer for ${Math.round(ms / 100) / 10} s`));
        this.destroy();
      };
    });
    const timer = this.#clock.setTimer(ms, () => giveUp());
    try {
      return await Promise.race([answer, silence]);
    } finally {
      timer.cancel();
    }
  }
}

function configOf(login: Login): Readonly<Record<string, unknown>> {
  const { host, port, database, user, password, tls, ca, applicationName, connectTimeoutMs } = login;
  return {
    host,
    port,
    database,
    user,
    // A function, so that the driver looks for no .pgpass and reads no environment by itself.
    password: () => {
      if (password === undefined) throw new NoPassword('the server asks for a password');
      return password;
    },
    ssl: tls && tlsOptions(host, ca),
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // Everything as the text that the server sends.
    types: { getTypeParser: () => (value: string) => value },
  };
}

/** The name is checked here: for an address, Node would compare the certificate with `localhost`. */
function tlsOptions(host: string, ca: string | undefined): object {
  const checkServerIdentity = (_: string, certificate: PeerCertificate): Error | undefined =>
    checkIdentity(host, certificate);
  return { rejectUnauthorized: true, host, checkServerIdentity, ...(ca === undefined ? {} : { ca }) };
}

/** Plain, as libpq did it for twenty-five years: a cancel request has no log-in. Failures are nobody's. */
function sendCancel({ host, port }: Login, processId: number, secretKey: number, clock: Clock): Promise<void> {
  const request = Buffer.alloc(16);
  [16, CANCEL_CODE, processId, secretKey].forEach((word, at) => request.writeInt32BE(word | 0, at * 4));
  return new Promise((resolve) => {
    const socket = connectSocket(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
    const timer = clock.setTimer(END_MS, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('connect', () => socket.end(request));
    // The server closes once it has passed the request on.
    socket.resume().on('close', () => {
      timer.cancel();
      resolve();
    });
  });
}
