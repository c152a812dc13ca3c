/**
 * The one HTTP and WebSocket server, of the live page and of the API. Every request passes the guard first, then goes to
 * the routes. Nothing that a client does is felt by anybody else: no error leaves here but a warning of a bug, memory is
 * bounded, and the end waits for no client.
 */

import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FeedSocket } from '../../core/live/feed-socket.js';
import type { Clock } from '../../core/ports.js';
import { addressOf, listenProblem, urlHost, urlOf } from './address.js';
import { sendAnswer } from './answer.js';
import { Connections } from './connections.js';
import { factsOf, isWebSocket, targetOf } from './facts.js';
import { type Check, guard } from './guard.js';
import { type Refusal, refusalResponse, Refused } from './refusal.js';
import { bodyOf } from './request-body.js';
import { CLOSING_MS, MOST_SOCKETS, WebSockets } from './web-sockets.js';

export interface WebServerOptions {
  /** A name or address of this machine. Besides it only the names of loopback are served. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly token: string;
  /**
   * Answers a request that the guard has let through: the `fetch` of `webRoutes()`. It may throw a `Refused`; anything else
   * is a bug: the client gets a 500, `onBug` the error.
   */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Who takes the WebSockets of this path; undefined where there are none. */
  readonly socketRoute: (path: string) => ((socket: FeedSocket) => void) | undefined;
  readonly clock: Clock;
  /** Paths that can be read without a token, as they have no data: `/` of the live page. None when absent. */
  readonly openPaths?: readonly string[];
  /** Told of a bug in a route. */
  readonly onBug?: (error: unknown) => void;
  /** In place of the guard; for tests of what happens without one. */
  readonly check?: Check;
}

export interface WebServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
}

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  // From the second request of a connection on; `Connections` sees to the first.
  headersTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  // A body may take long; it may not fall silent (`request-body.ts`).
  requestTimeout: 0,
  keepAliveTimeout: 5_000,
  // The guard answers that.
  requireHostHeader: false,
} as const;

/** Listens. Rejects with a UsageError when the port is taken, or the host is none of this machine. */
export async function openWebServer(options: WebServerOptions): Promise<WebServer> {
  const address = await addressOf(options.host);
  const server = createServer(LIMITS);
  const service = new WebService(server, options);
  const port = await listen(server, address, options);
  return { url: urlOf(options.host, port), [Symbol.asyncDispose]: () => service.close() };
}

function listen(server: Server, address: string, { host, port }: WebServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenProblem(error, host, port)));
    server.listen({ host: address, port }, () => {
      // From here an error is a connection that could not be accepted: its client notices.
      server.removeAllListeners('error').on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}

class WebService {
  readonly #server: Server;
  readonly #options: WebServerOptions;
  readonly #check: Check;
  readonly #connections: Connections;
  readonly #webSockets: WebSockets;
  #closing: Promise<void> | undefined;

  constructor(server: Server, options: WebServerOptions) {
    const { host, token, clock, openPaths = [], check } = options;
    this.#server = server;
    this.#options = options;
    this.#check = check ?? guard({ hostName: urlHost(host), token, openPaths });
    const connections = (this.#connections = new Connections(server, clock));
    this.#webSockets = new WebSockets({
      clock,
      onFault: (socket, refusal) => connections.refuse(socket as Socket, refusal),
      onBug: (error) => this.#report(error),
    });
    this.#listenTo(server);
  }

  /** Ends everything: goodbye to the WebSockets, and after a short time the end of every connection. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#server.close();
    this.#webSockets.close();
    await this.#connections.close(CLOSING_MS);
  }

  #listenTo(server: Server): void {
    const serve = (request: IncomingMessage, response: ServerResponse): void => void this.#take(request, response);
    server.on('request', serve);
    // `Expect: 100-continue`: the client waits with its body until a route wants it.
    server.on('checkContinue', serve);
    server.on('checkExpectation', serve);
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    server.on('connect', (_, socket: Duplex) => this.#connections.refuse(socket as Socket, NO_METHOD));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#connections.heard(request.socket, response);
    const gone = new AbortController();
    request.on('error', () => {});
    response.on('error', () => {});
    response.once('close', () => gone.abort());
    try {
      const answer = await this.#answer(request, response, gone.signal);
      await sendAnswer(answer, request, response, this.#options.clock);
    } catch (error) {
      // The head is out, or nobody is there: the client notices that the rest is missing.
      if (!gone.signal.aborted) this.#report(error);
      response.destroy();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<Response> {
    const target = targetOf(request);
    const refusal = this.#refusalOf(request, target);
    if (target === undefined || refusal !== null) return refusalResponse(refusal ?? NO_PATH);
    try {
      return await this.#options.fetch(this.#webRequest(request, response, target, signal));
    } catch (error) {
      if (error instanceof Refused) return refusalResponse(error.refusal, error.headers);
      if (!signal.aborted) this.#report(error);
      return refusalResponse(BUG);
    }
  }

  #refusalOf(request: IncomingMessage, target: URL | undefined): Refusal | null {
    const path = target?.pathname ?? '';
    const refusal = this.#check(factsOf(request, path));
    if (refusal !== null) return refusal;
    if (this.#options.openPaths?.includes(path) !== true) this.#connections.trust(request.socket);
    if (target === undefined) return NO_PATH;
    if (NO_WEB_METHODS.has(request.method ?? '')) return NO_METHOD;
    const { expect = '100-continue' } = request.headers;
    return expect.toLowerCase() === '100-continue' ? null : NO_EXPECTATION;
  }

  #webRequest(request: IncomingMessage, response: ServerResponse, target: URL, signal: AbortSignal): Request {
    const { method = 'GET', rawHeaders, headers } = request;
    const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? '']] : []));
    const url = `http://${headers.host ?? 'localhost'}${target.pathname}${target.search}`;
    const init = { method, headers: pairs as [string, string][], signal };
    if (method === 'GET' || method === 'HEAD') return new Request(url, init);
    const goOn = (): void => {
      if (headers.expect !== undefined && !response.headersSent) response.writeContinue();
    };
    return new Request(url, { ...init, body: bodyOf(request, this.#options.clock, goOn), duplex: 'half' });
  }

  /** Everything is checked before the upgrade: afterwards there is no status to answer with. */
  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (!isWebSocket(request)) return this.#stayWithHttp(request, socket);
    this.#connections.heard(socket);
    const target = targetOf(request);
    const refusal = this.#refusalOf(request, target);
    if (refusal !== null) return this.#connections.refuse(socket, refusal);
    const join = this.#options.socketRoute(target?.pathname ?? '');
    if (join === undefined) return this.#connections.refuse(socket, NO_WEB_SOCKET);
    if (this.#webSockets.isFull) return this.#connections.refuse(socket, TOO_MANY);
    this.#webSockets.accept(request, socket, head, join);
  }

  /** Another protocol is offered (`curl --http2`): that need not be taken. */
  #stayWithHttp(request: IncomingMessage, socket: Socket): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') return this.#connections.refuse(socket, NO_UPGRADE);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once('finish', () => socket.destroySoon());
    void this.#take(request, response);
  }

  #report(error: unknown): void {
    this.#options.onBug?.(error);
  }
}

const NO_WEB_METHODS = new Set(['TRACE', 'TRACK', 'CONNECT']);

const BUG: Refusal = {
  status: 500,
  error: 'internal',
  message: 'this is a bug in case-tracker; the run is not harmed, and its messages say more',
};
const NO_PATH: Refusal = { status: 400, error: 'bad_request', message: 'the target of the request is no path' };
const NO_METHOD: Refusal = { status: 405, error: 'method_not_allowed', message: 'no such method here' };
const NO_EXPECTATION: Refusal = {
  status: 417,
  error: 'expectation_failed',
  message: 'nothing but Expect: 100-continue is understood',
};
const NO_WEB_SOCKET: Refusal = { status: 404, error: 'not_found', message: 'no WebSocket here' };
const NO_UPGRADE: Refusal = { status: 400, error: 'bad_request', message: 'no upgrade but to a WebSocket' };
const TOO_MANY: Refusal = {
  status: 503,
  error: 'too_many_sockets',
  message: `there are ${MOST_SOCKETS} WebSockets already: close one`,
};
