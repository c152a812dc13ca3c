/** One connection to Redis, by the optional package @redis/client, with timeouts of its own. */

import type { QueueAddress } from '../../core/queue-address.js';
import { shownAddress } from '../../core/queue-address.js';
import type { Clock, Timer } from '../../core/ports.js';
import { LinkLost, packageMissing, refusalOf } from './refusals.js';

/** What Redis answers: texts, numbers and lists of them. */
export type Reply = string | number | null | readonly Reply[];

export interface Connection {
  send(args: readonly string[]): Promise<Reply>;
  /** Calls back for each message on a channel. Rejects where that is not allowed. */
  subscribe(channel: string, heard: (message: string) => void): Promise<void>;
  /** Closes at once; what is under way is rejected. */
  destroy(): void;
}

export interface ConnectOptions {
  readonly address: QueueAddress;
  readonly clock: Clock;
  /** Further trusted authorities, PEM. */
  readonly ca?: string | undefined;
  /** Called once when the connection is lost. */
  readonly lost: (why: string) => void;
}

export type Connect = (options: ConnectOptions) => Promise<Connection>;

const CONNECT_MS = 5_000;
/** A Redis that has answered nothing for this long hangs: a stopped process keeps its connections. */
const SILENCE_MS = 10_000;

type Package = typeof import('@redis/client');

async function loadPackage(): Promise<Package> {
  try {
    return await import('@redis/client');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw /MODULE_NOT_FOUND/.test(code) ? packageMissing(error) : error;
  }
}

/** Connects and logs in. Rejects with LinkLost, or with the error that the user is to see. */
export const connectRedis: Connect = async ({ address, clock, ca, lost }) => {
  const { createClient } = await loadPackage();
  const { host, port, database, user, password, tls } = address;
  const trust = tls ? ({ tls: true, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) } as const) : {};
  const client = createClient({
    socket: { host, port, connectTimeout: CONNECT_MS, reconnectStrategy: false, ...trust },
    database,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    RESP: 3,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
  const connection = new ClientConnection(client as unknown as Client, shownAddress(address), clock, lost);
  await connection.connect();
  return connection;
};

/** What is used of the package's client. */
interface Client {
  connect(): Promise<unknown>;
  sendCommand(args: readonly string[]): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  destroy(): void;
  on(event: 'error' | 'end', listener: (error?: unknown) => void): unknown;
}

class ClientConnection implements Connection {
  readonly #client: Client;
  readonly #where: string;
  readonly #clock: Clock;
  readonly #lost: (why: string) => void;
  #isOver = false;
  #isConnected = false;
  #waiting = 0;
  #heardAt = 0;
  #timer: Timer | undefined;
  #silent: ((why: LinkLost) => void)[] = [];

  constructor(client: Client, where: string, clock: Clock, lost: (why: string) => void) {
    this.#client = client;
    this.#where = where;
    this.#clock = clock;
    this.#lost = lost;
    // Before it is connected, `connect` itself says what is wrong.
    client.on('error', (error) => this.#isConnected && this.#end(wordsOf(error)));
    client.on('end', () => this.#isConnected && this.#end('the connection was closed'));
  }

  async connect(): Promise<void> {
    try {
      await this.#answered(this.#client.connect(), 'the log-in');
      this.#isConnected = true;
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  send(args: readonly string[]): Promise<Reply> {
    return this.#answered(this.#client.sendCommand(args), args[0] ?? '') as Promise<Reply>;
  }

  async subscribe(channel: string, heard: (message: string) => void): Promise<void> {
    await this.#answered(this.#client.subscribe(channel, heard), 'SUBSCRIBE');
  }

  destroy(why = 'the connection was closed'): void {
    this.#isOver = true;
    this.#timer?.cancel();
    for (const reject of this.#silent.splice(0)) reject(new LinkLost(why));
    try {
      this.#client.destroy();
    } catch {
      // It was never open, or is closed already.
    }
  }

  async #answered<T>(answer: Promise<T>, command: string): Promise<T> {
    if (this.#waiting++ === 0) this.#heardAt = this.#clock.now();
    const silence = new Promise<never>((_, reject) => this.#silent.push(reject));
    this.#watch();
    try {
      return await Promise.race([answer, silence]);
    } catch (error) {
      throw this.#failure(error, command);
    } finally {
      this.#waiting--;
      this.#heardAt = this.#clock.now();
      if (this.#waiting === 0) {
        this.#timer?.cancel();
        this.#timer = undefined;
        this.#silent = [];
      }
    }
  }

  #failure(error: unknown, command: string): Error {
    if (error instanceof LinkLost) return error;
    const name = error instanceof Error ? error.constructor.name : '';
    if (!/(SimpleError|BlobError|ErrorReply)$/.test(name)) return new LinkLost(wordsOf(error), { cause: error });
    return refusalOf((error as Error).message, this.#where, command);
  }

  /** Slow is not silent: as long as an answer comes now and then, the others are waited for. */
  #watch(): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(1, this.#heardAt + SILENCE_MS - this.#clock.now());
    this.#timer = this.#clock.setTimer(wait, () => {
      this.#timer = undefined;
      if (this.#waiting === 0) return;
      if (this.#clock.now() - this.#heardAt < SILENCE_MS) return this.#watch();
      this.#end(`no answer for ${SILENCE_MS / 1000} s`);
    });
  }

  #end(why: string): void {
    if (this.#isOver) return;
    this.destroy(why);
    this.#lost(why);
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return wordsOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'there is no host of this name';
  return error.message === '' ? (code ?? error.name) : error.message;
}
