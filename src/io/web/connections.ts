/** The TCP connections of the server: each has a time to say something, and an end that does not wait for its client. */

import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../core/ports.js';
import { rawRefusal, type Refusal } from './refusal.js';

/** From the connection to the end of the first request's headers. */
export const FIRST_REQUEST_MS = 10_000;

/** Connections at once. A flood leaves the run its file descriptors. */
export const MOST_CONNECTIONS = 128;

/** How long a client that was refused has for hearing it. */
const HEARING_MS = 1_000;

export class Connections {
  readonly #clock: Clock;
  readonly #open = new Map<Socket, Timer>();
  /** The answer that is due on a connection. */
  readonly #due = new Map<Socket, ServerResponse>();
  readonly #refused = new WeakSet<Socket>();
  /** Those on which somebody had the token. */
  readonly #trusted = new WeakSet<Socket>();
  readonly #emptied: (() => void)[] = [];

  constructor(server: Server, clock: Clock) {
    this.#clock = clock;
    server.on('connection', (socket) => this.#add(socket));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#faulty(error, socket as Socket));
  }

  /** A request has arrived on it. */
  heard(socket: Socket, response?: ServerResponse): void {
    this.#open.get(socket)?.cancel();
    if (response === undefined) return;
    this.#due.set(socket, response);
    response.once('close', () => void (this.#due.get(socket) === response && this.#due.delete(socket)));
  }

  /** Whoever is at the other end has shown the token. */
  trust(socket: Socket): void {
    this.#trusted.add(socket);
  }

  /** Answers on the bare connection, once, and ends it. */
  refuse(socket: Socket, refusal: Refusal): void {
    if (this.#refused.has(socket)) return;
    this.#refused.add(socket);
    this.#open.get(socket)?.cancel();
    if (!socket.writable) return void socket.destroy();
    // What still comes is read and dropped: closed at once, the client would get a reset in place of the answer.
    socket.end(rawRefusal(refusal));
    socket.resume();
    this.#open.set(
      socket,
      this.#clock.setTimer(HEARING_MS, () => socket.destroy()),
    );
  }

  /** Resolves when all have ended; those that have not after `graceMs` are destroyed. */
  async close(graceMs: number): Promise<void> {
    if (this.#open.size === 0) return;
    const ended = new Promise<void>((resolve) => void this.#emptied.push(resolve));
    const timer = this.#clock.setTimer(graceMs, () => this.#destroyAll());
    await ended;
    timer.cancel();
  }

  #destroyAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #add(socket: Socket): void {
    if (this.#open.size >= MOST_CONNECTIONS && !this.#makeRoom()) return void socket.on('error', () => {}).destroy();
    this.#open.set(
      socket,
      this.#clock.setTimer(FIRST_REQUEST_MS, () => this.#silent(socket)),
    );
    // Whatever is wrong with a connection, its client notices; nobody else is to.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#open.get(socket)?.cancel();
      this.#open.delete(socket);
      if (this.#open.size === 0) for (const resolve of this.#emptied.splice(0)) resolve();
    });
  }

  /** The oldest goes that has shown no token: who floods the server with connections can't keep others out of it. */
  #makeRoom(): boolean {
    for (const [socket, timer] of this.#open) {
      if (this.#trusted.has(socket)) continue;
      timer.cancel();
      this.#open.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  /** Browsers open connections that they may need later: who has said nothing at all is told nothing. */
  #silent(socket: Socket): void {
    if (socket.bytesRead === 0) socket.destroy();
    else this.refuse(socket, TOO_SLOW);
  }

  #faulty(error: NodeJS.ErrnoException, socket: Socket): void {
    const due = this.#due.get(socket);
    if (error.code === 'ECONNRESET' || due?.headersSent === true) return void socket.destroy();
    this.refuse(socket, FAULTS.get(error.code ?? '') ?? NOT_HTTP);
  }
}

const TOO_SLOW: Refusal = { status: 408, error: 'request_timeout', message: 'the request took too long to arrive' };
const NOT_HTTP: Refusal = { status: 400, error: 'bad_request', message: 'this is no HTTP/1.1 request' };
const TOO_MANY_BYTES: Refusal = { status: 431, error: 'headers_too_large', message: 'the headers have over 16 KiB' };

const FAULTS: ReadonlyMap<string, Refusal> = new Map([
  ['HPE_HEADER_OVERFLOW', TOO_MANY_BYTES],
  ['ERR_HTTP_REQUEST_TIMEOUT', TOO_SLOW],
]);
