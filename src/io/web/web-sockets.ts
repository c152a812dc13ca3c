/** The WebSockets of the server: downlink only, few, and asked every now and then whether somebody is still there. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { FeedSocket } from '../../core/live/feed-socket.js';
import { LIVE_PROTOCOL } from '../../core/live/messages.js';
import type { Clock, Timer } from '../../core/ports.js';
import type { Refusal } from './refusal.js';

export const MOST_SOCKETS = 16;
export const PING_EVERY_MS = 15_000;
/** A client that was told goodbye has so long for its own. */
export const CLOSING_MS = 250;

/** Clients send nothing but control frames; a short text is passed over. */
const MOST_BYTES_RECEIVED = 1024;

/** The WebSocket close codes that are used here. */
const NORMAL = 1000;
const ABNORMAL = 1011;

export interface WebSocketsOptions {
  readonly clock: Clock;
  /** An upgrade that is none. */
  readonly onFault: (socket: Duplex, refusal: Refusal) => void;
  /** A listener has thrown: that is a bug. */
  readonly onBug: (error: unknown) => void;
}

export class WebSockets {
  readonly #options: WebSocketsOptions;
  readonly #server: WebSocketServer;
  /** Those that have answered the last ping. */
  readonly #alive = new WeakSet<WebSocket>();
  #ping: Timer | undefined;

  constructor(options: WebSocketsOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: MOST_BYTES_RECEIVED,
      perMessageDeflate: false,
      // Pongs for one that never reads would pile up: it gets none while something waits for it.
      autoPong: false,
      // Never the one with the token: it would be in the answer.
      handleProtocols: (offered) => offered.has(LIVE_PROTOCOL) && LIVE_PROTOCOL,
    });
    this.#server.on('wsClientError', (error, socket) => options.onFault(socket, badHandshake(error)));
  }

  get isFull(): boolean {
    return this.#server.clients.size >= MOST_SOCKETS;
  }

  /** Makes a WebSocket of the connection and hands it over. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, join: (socket: FeedSocket) => void): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#watch(webSocket);
      try {
        join(new Watcher(webSocket, this.#options.clock));
      } catch (error) {
        webSocket.close(ABNORMAL);
        this.#options.onBug(error);
      }
    });
  }

  /** Says goodbye to all; those that do not answer are terminated with their connections. */
  close(): void {
    this.#ping?.cancel();
    for (const webSocket of this.#server.clients) webSocket.close(NORMAL);
    this.#server.close();
  }

  #watch(webSocket: WebSocket): void {
    this.#alive.add(webSocket);
    webSocket.on('ping', (data) => webSocket.bufferedAmount === 0 && webSocket.pong(data, false, () => {}));
    webSocket.on('pong', () => this.#alive.add(webSocket));
    // A broken frame, or one that is too large: its close code says so to the client.
    webSocket.on('error', () => {});
    webSocket.on('close', () => this.#stopIfEmpty());
    this.#ping ??= this.#options.clock.setTimer(PING_EVERY_MS, () => this.#pingAll());
  }

  #pingAll(): void {
    for (const webSocket of this.#server.clients) {
      if (this.#alive.delete(webSocket)) webSocket.ping(undefined, undefined, () => {});
      else webSocket.terminate();
    }
    this.#ping = this.#options.clock.setTimer(PING_EVERY_MS, () => this.#pingAll());
  }

  #stopIfEmpty(): void {
    if (this.#server.clients.size > 0) return;
    this.#ping?.cancel();
    this.#ping = undefined;
  }
}

/** A WebSocket as the feed sees it. */
class Watcher implements FeedSocket {
  readonly #webSocket: WebSocket;
  readonly #clock: Clock;

  constructor(webSocket: WebSocket, clock: Clock) {
    this.#webSocket = webSocket;
    this.#clock = clock;
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  send(message: string): void {
    if (this.#webSocket.readyState === WebSocket.OPEN) this.#webSocket.send(message, () => {});
  }

  close(code: number): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    this.#webSocket.close(code);
    const timer = this.#clock.setTimer(CLOSING_MS, () => this.#webSocket.terminate());
    this.#webSocket.once('close', () => timer.cancel());
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  onClose(listener: () => void): void {
    if (this.#webSocket.readyState === WebSocket.CLOSED) listener();
    else this.#webSocket.once('close', () => listener());
  }
}

function badHandshake(error: Error): Refusal {
  return { status: 400, error: 'bad_handshake', message: `this is no WebSocket handshake: ${error.message}` };
}
