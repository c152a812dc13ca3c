/**
 * The built-in endpoint on loopback: `demo`, `demo:flaky` and `serve` run it, tests and benchmarks too.
 *
 * `GET /cases/ID` answers the enrichment of a case (the last path segment counts, percent-decoded), or 404. POST, PUT
 * and PATCH do the same for the id in the path, else for the body's `id`; an array of cases as the body is answered by
 * an array of the same length. `/jobs/ID` answers 202 first, and the enrichment later, at its Location. `GET /` says what
 * this is. With a token life all of these need a bearer token, which `POST /token` gives.
 */

import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

import { Pacing } from '../../core/flow/pacing.js';
import type { Clock } from '../../core/ports.js';
import { UsageError, systemCode } from '../../errors.js';
import { type Answer, DemoDesk, type DemoRequest, type Reply, hasBody, throttled, tooLarge } from './answers.js';
import { type DemoData, loadDemoData } from './data.js';
import { FaultPlan } from './faults.js';
import { isTokenRoute, TokenDesk } from './tokens.js';

export { type DemoData, demoDataPath, loadDemoData } from './data.js';

export interface DemoOptions {
  readonly clock: Clock;
  /** Enrichments by case id; the package's sample when absent. */
  readonly data?: DemoData;
  /** A free port when absent. */
  readonly port?: number;
  /** Delay added to each answer, in milliseconds. */
  readonly delayMs?: number;
  /** Makes some ids fail, the same ones in every run. */
  readonly faults?: boolean;
  /** Seed of the hash that chooses which ids fail. */
  readonly seed?: number;
  /** Requests above this rate get a 429 with Retry-After; the allowed burst is one second's worth. */
  readonly ratePerSecond?: number;
  /** Requests need a bearer token, and each token ends after this time on the clock that was passed in. */
  readonly tokenLifeMs?: number;
  /** Called for each request once its body is complete, before it is answered. */
  readonly onRequest?: (request: DemoArrival) => void;
}

export interface DemoArrival extends DemoRequest {
  readonly headers: IncomingHttpHeaders;
  /** When it arrived, in milliseconds of the clock that was passed in. */
  readonly atMs: number;
}

/** Counts that change as the endpoint works. */
export interface DemoStats {
  readonly requests: number;
  /** Requests received that are neither answered nor aborted. */
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** Connections accepted so far. */
  readonly connections: number;
}

export interface DemoEndpoint extends AsyncDisposable {
  /** The URL template: `http://127.0.0.1:PORT/cases/{id}`. */
  readonly url: string;
  /** The same without the id, for batches: `http://127.0.0.1:PORT/cases`. */
  readonly batchUrl: string;
  /** Where tokens are given out: `http://127.0.0.1:PORT/token`; undefined when none is needed. */
  readonly tokenUrl: string | undefined;
  readonly port: number;
  /** Number of enrichments it serves. */
  readonly size: number;
  readonly stats: DemoStats;
  /** Ends every connection, answered or not, and stops listening. */
  close(): Promise<void>;
}

// Longer than clients keep an idle connection, so that they never send on one that is just being closed.
const KEEP_ALIVE_MS = 75_000;
const BACKLOG = 4096;
const MAX_BODY_BYTES = 64 * 2 ** 20;

/** Starts the endpoint on 127.0.0.1. Rejects with a UsageError when the port is taken. */
export async function startDemoEndpoint(options: DemoOptions): Promise<DemoEndpoint> {
  const data = options.data ?? (await loadDemoData());
  const service = new DemoService(data, options);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) =>
    service.take(request, response),
  );
  server.on('connection', () => void service.stats.connections++);
  const port = await listen(server, options.port ?? 0);
  const batchUrl = `http://127.0.0.1:${port}/cases`;
  return {
    url: `${batchUrl}/{id}`,
    batchUrl,
    tokenUrl: options.tokenLifeMs === undefined ? undefined : `http://127.0.0.1:${port}/token`,
    port,
    size: Object.keys(data).length,
    stats: service.stats,
    close: () => close(server),
    [Symbol.asyncDispose]: () => close(server),
  };
}

class DemoService {
  readonly stats = { requests: 0, inFlight: 0, maxInFlight: 0, connections: 0 };
  readonly #options: DemoOptions;
  readonly #desk: DemoDesk;
  readonly #pacing: Pacing;
  readonly #tokens: TokenDesk | undefined;

  constructor(data: DemoData, options: DemoOptions) {
    this.#options = options;
    this.#desk = new DemoDesk(data, options.faults ? new FaultPlan(options.seed) : undefined);
    const { ratePerSecond, tokenLifeMs } = options;
    this.#tokens = tokenLifeMs === undefined ? undefined : new TokenDesk(tokenLifeMs);
    // The burst is one second's worth of requests.
    this.#pacing = ratePerSecond === undefined ? new Pacing(0) : new Pacing(1000 / ratePerSecond, ratePerSecond);
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    this.#count(response);
    if (!hasBody(request.method ?? '')) return this.#answer(request, response, '');
    readBody(request, (body) => {
      if (body === undefined) send(response, tooLarge(MAX_BODY_BYTES));
      else this.#answer(request, response, body);
    });
  }

  #count(response: ServerResponse): void {
    const { stats } = this;
    stats.requests++;
    stats.maxInFlight = Math.max(stats.maxInFlight, ++stats.inFlight);
    response.once('close', () => stats.inFlight--);
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const { method = 'GET', url = '/', headers } = request;
    const { clock, delayMs = 0, onRequest } = this.#options;
    const arrival = { method, url, headers, body, atMs: clock.now() };
    onRequest?.(arrival);
    const reply = this.#decide(arrival);
    if (reply === 'stall') return;
    if (delayMs === 0) return send(response, reply);
    const timer = clock.setTimer(delayMs, () => send(response, reply));
    response.once('close', () => timer.cancel());
  }

  /** The rate is that of the cases: tokens are given out at any rate. */
  #decide(request: DemoArrival): Reply {
    const { url, atMs } = request;
    const tokens = this.#tokens;
    if (tokens !== undefined && isTokenRoute(url)) return tokens.grant(request, atMs);
    const waitMs = this.#pacing.waitMs(atMs);
    if (waitMs > 0) return throttled(waitMs);
    this.#pacing.started(atMs);
    return tokens?.refuse(request, atMs) ?? this.#desk.reply(request);
  }
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers).end(answer.body);
}

/** Calls back with the body as text, or with undefined when it is too large; never when the client goes away. */
function readBody(request: IncomingMessage, done: (body: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    const before = size;
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else if (before <= MAX_BODY_BYTES) done(undefined);
  });
  request.on('end', () => {
    if (size <= MAX_BODY_BYTES) done(Buffer.concat(chunks).toString());
  });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, port)));
    server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, () => {
      // From here an error is a connection that could not be accepted: its client notices.
      server.removeAllListeners('error').on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenError(cause: Error, port: number): UsageError {
  const code = systemCode(cause);
  const hint = 'another --port, or none for a free one';
  if (code === 'EADDRINUSE') return new UsageError(`port ${port} is in use`, { hint, cause });
  if (code === 'EACCES') return new UsageError(`port ${port} needs more permissions`, { hint, cause });
  return new UsageError(`cannot listen on 127.0.0.1:${port}: ${cause.message}`, { hint, cause });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
