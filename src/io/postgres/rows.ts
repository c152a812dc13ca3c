/**
 * The rows of a query as lines of JSON. They go into a spool file as fast as the server sends them and are read from there,
 * so that the transaction is over in seconds however slow the run is. Runs in the reading thread.
 */

import { once } from 'node:events';
import type { Clock } from '../../core/ports.js';
import { InputError } from '../../errors.js';
import { realClock } from '../../host.js';
import { Connection } from './connection.js';
import { type CopyStream, type Driver, loadDriver } from './driver.js';
import type { Login } from './login.js';
import { ConnectionLost, problemOf, sqlState } from './problems.js';
import { copyRows, describeRows, placeOfError, READ_SETTINGS } from './query-text.js';
import { SilenceWatch } from './silence-watch.js';
import { Spool } from './spool.js';

/** What is read: plain data for the reading thread. */
export interface TableInput {
  readonly login: Login;
  readonly query: string;
  /** The column that every row needs. */
  readonly idField: string;
}

export interface RowsOptions {
  /** Ends the reading, and the query on the server. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  /** After so many milliseconds without a row it is looked whether the server is still at it. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 30_000;

/**
 * The rows in pieces of any size, a row a line in the text format of COPY. A piece is valid until the next one is asked
 * for. Throws an InputError after the last row that came, also when the server says that it has sent more of them.
 */
export async function* readRows(
  input: TableInput,
  { signal, clock = realClock, silenceMs = SILENCE_MS }: RowsOptions = {},
): AsyncGenerator<Buffer, void> {
  const driver = await loadDriver();
  using spool = new Spool();
  const copying = new Copying(input, driver, spool, clock, silenceMs);
  const stop = (): void => void copying.stop();
  signal?.addEventListener('abort', stop);
  try {
    if (signal?.aborted) stop();
    copying.start();
    yield* copying.pieces();
  } catch (error) {
    throw inWords(error, input);
  } finally {
    signal?.removeEventListener('abort', stop);
    await copying.stop();
  }
}

class Copying {
  readonly #input: TableInput;
  readonly #driver: Driver;
  readonly #spool: Spool;
  readonly #clock: Clock;
  readonly #silenceMs: number;
  #connection: Connection | undefined;
  #isOver = false;
  #isStopped = false;
  #error: unknown;
  #rows = 0;
  #wake = (): void => {};

  constructor(input: TableInput, driver: Driver, spool: Spool, clock: Clock, silenceMs: number) {
    this.#input = input;
    this.#driver = driver;
    this.#spool = spool;
    this.#clock = clock;
    this.#silenceMs = silenceMs;
  }

  /** Begins to copy into the spool; how it ends is told by `pieces`. */
  start(): void {
    this.#copy().then(
      () => this.#end(undefined),
      (error: unknown) => this.#end(error),
    );
  }

  /** What is in the spool, until the copying has ended; then throws what it has ended with. */
  async *pieces(): AsyncGenerator<Buffer, void> {
    for (;;) {
      const isLast = this.#isOver;
      for (let piece = this.#spool.read(); piece.length > 0; piece = this.#spool.read()) yield piece;
      if (isLast) break;
      if (!this.#isOver && this.#spool.isRead) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#error !== undefined) throw this.#error;
  }

  /** Ends the query where it still runs. Idempotent. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    if (this.#isOver) this.#connection?.destroy();
    else await this.#connection?.cancel();
    this.#end(new ConnectionLost('stopped'));
  }

  #end(error: unknown): void {
    if (!this.#isOver) this.#error = error;
    this.#isOver = true;
    this.#wake();
  }

  async #copy(): Promise<void> {
    const { login, query } = this.#input;
    const connection = await Connection.open(login, this.#driver, this.#clock);
    this.#connection = connection;
    if (this.#isStopped) return connection.destroy();
    await connection.query(`begin isolation level repeatable read read only; ${READ_SETTINGS}`);
    await this.#checkColumns(connection);
    const { rows } = await connection.query('select pg_backend_pid() as pid');
    const stream = connection.copy(copyRows(query));
    await this.#spoolAll(stream, connection, rows[0]?.['pid'] ?? '');
    // The server's count comes after the last row, and before the answer to this.
    await connection.query('commit');
    if (stream.rowCount !== this.#rows) throw this.#otherCount(stream.rowCount);
    await connection.close();
  }

  async #checkColumns(connection: Connection): Promise<void> {
    const { query, idField, login } = this.#input;
    const { fields } = await connection.query(describeRows(query));
    const names = fields.map(({ name }) => name);
    if (names.includes(idField)) return;
    const shown = names.slice(0, 20).join(', ');
    throw new InputError(`${login.shown} has no column ${idField} for the id of a case`, {
      details: [`its columns are ${shown === '' ? 'none' : shown}${names.length > 20 ? ', …' : ''}`],
      hint: '--id-field NAME, or --query with "… as id"',
    });
  }

  async #spoolAll(stream: CopyStream, connection: Connection, backend: string): Promise<void> {
    const watching = { login: this.#input.login, driver: this.#driver, clock: this.#clock, silenceMs: this.#silenceMs };
    using silence = new SilenceWatch(connection, backend, watching);
    stream.on('data', (bytes: Buffer) => {
      silence.heard();
      try {
        this.#spool.append(bytes);
        this.#rows += countLines(bytes);
      } catch (error) {
        stream.destroy(error as Error);
      }
      this.#wake();
    });
    await once(stream, 'end');
  }

  #otherCount(sent: number): InputError {
    return new InputError(`${this.#input.login.shown}: ${this.#rows} rows came, and the server has sent ${sent}`, {
      hint: 'run it again; something between here and the server loses data',
    });
  }
}

const LINE_FEED = 10;

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

function inWords(error: unknown, { login, query }: TableInput): unknown {
  if (error instanceof InputError) return error;
  const { message, hint } = problemOf(error, login);
  const place = sqlState(error) === undefined ? undefined : placeOfError(error, query);
  return new InputError(`cannot read ${login.shown}: ${message}`, {
    ...(place === undefined ? {} : { details: [place] }),
    hint,
    cause: error,
  });
}
