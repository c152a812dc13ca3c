/** One POST of a notification: through the proxy of the environment, without the endpoint's identity, to its status alone. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { askedWaitMs } from '../../core/flow/asked-wait.js';
import type { Clock, Timer } from '../../core/ports.js';
import { Connection, KeepAlive } from './connections.js';
import { Connector, refusal } from './connector.js';
import { causeOf, type Phase, timeoutMessage } from './failure.js';
import type { Proxy } from './proxy.js';

/** What came of it: a status, or (0) none, and why. */
export interface HookAnswer {
  readonly status: number;
  /** The wait that is asked for, in milliseconds. */
  readonly askedWaitMs?: number | undefined;
  readonly problem?: string;
}

export interface HookPostOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly proxy?: Proxy | undefined;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/** What is read of an answer, and for how long: only that the other side need not see a broken connection. */
const MOST_BYTES = 64 * 1024;
const READING_MS = 250;

/** Resolves with what came of it, and never rejects; the connection is closed then. */
export function postHook(options: HookPostOptions): Promise<HookAnswer> {
  return new Promise((resolve) => void new HookPost(options, resolve));
}

class HookPost implements Dispatcher.DispatchHandler {
  readonly #options: HookPostOptions;
  readonly #resolve: (answer: HookAnswer) => void;
  readonly #connection: Connection;
  /** The proxy that an http:// request is sent to; to an https:// URL a tunnel is made. */
  readonly #forward: Proxy | undefined;
  readonly #stop = (): void => this.#end({ status: 0, problem: 'it was cut off' });
  #timer: Timer;
  #phase: Phase = 'connect';
  #answer: HookAnswer | undefined;
  #received = 0;
  #isOver = false;

  constructor(options: HookPostOptions, resolve: (answer: HookAnswer) => void) {
    const { url, headers, body, clock, timeoutMs, proxy, signal } = options;
    this.#options = options;
    this.#resolve = resolve;
    this.#forward = url.protocol === 'http:' ? proxy : undefined;
    const connector = new Connector(proxy, this.#forward === undefined);
    this.#connection = new Connection(this.#forward?.url.origin ?? url.origin, connector, new KeepAlive(() => {}));
    this.#timer = clock.setTimer(timeoutMs, () => this.#timeOut());
    signal.addEventListener('abort', this.#stop);
    if (signal.aborted) this.#stop();
    else this.#post(url, headers, body);
  }

  onRequestStart(): void {
    this.#phase = 'response';
  }

  /** The status is all that counts. */
  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200 || this.#isOver) return;
    const { clock } = this.#options;
    const { date, 'retry-after': retryAfter } = headers;
    const refused = status === 407 ? this.#forward : undefined;
    this.#answer = {
      status,
      askedWaitMs: askedWaitMs(status, { retryAfter, date }, clock.wallNow()),
      ...(refused && { problem: refusal(refused, status).message }),
    };
    this.#timer.cancel();
    this.#timer = clock.setTimer(READING_MS, () => this.#timeOut());
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#received > MOST_BYTES) this.#timeOut();
  }

  onResponseEnd(): void {
    this.#timeOut();
  }

  onResponseError(_controller: unknown, error: Error): void {
    const phase = this.#phase === 'response' && this.#connection.isInHandshake ? 'handshake' : this.#phase;
    const problem = causeOf(error, phase, this.#options.url.origin, 0).message;
    this.#end(this.#answer ?? { status: 0, problem });
  }

  #post(url: URL, headers: HookPostOptions['headers'], body: string): void {
    const path = (this.#forward === undefined ? '' : url.origin) + url.pathname + url.search;
    const own = { ...headers, ...proxyHeaders(url, this.#forward) };
    this.#connection.dispatch({ path, method: 'POST', headers: own, body }, this);
  }

  #timeOut(): void {
    const problem = timeoutMessage(this.#phase, this.#options.timeoutMs, false, 0);
    this.#end(this.#answer ?? { status: 0, problem });
  }

  #end(answer: HookAnswer): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.cancel();
    this.#options.signal.removeEventListener('abort', this.#stop);
    // Not within undici's own callback: it is still processing the answer.
    setImmediate(() => {
      void this.#connection.drop();
      this.#resolve(answer);
    });
  }
}

/** What a proxy needs that requests are sent to. Not that of the client: the chunk of `enrich` would be divided for it. */
function proxyHeaders(url: URL, forward: Proxy | undefined): Record<string, string> {
  if (forward === undefined) return {};
  const { authorization } = forward;
  return { host: url.host, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) };
}
