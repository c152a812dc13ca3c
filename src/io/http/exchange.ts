/** One attempt: connect, send, headers, whole body, redirects; one deadline over all of it, and exactly one outcome. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { askedWaitMs } from '../../core/flow/asked-wait.js';
import type { AttemptContext, AttemptOutcome, Clock } from '../../core/ports.js';
import { isAnothers, isFalselyLong, waitHeadersOf } from './answer-headers.js';
import { readAnswer, type AnswerRules } from './answer.js';
import type { Borrower, Connection, ConnectionPool } from './connections.js';
import { refusal } from './connector.js';
import { Inflater, encodingOf, type InflaterListener } from './decode.js';
import { attemptFailure, causeOf, statusMessage, timeoutMessage, type Facts, type Phase } from './failure.js';
import type { Attempt, Group, InFlight } from './in-flight.js';
import { redirectOf } from './redirect.js';
import type { HttpMethod, HttpRequest } from './request.js';
import type { Proxy } from './proxy.js';
import type { TokenHeader } from './token-header.js';
import type { Redactor } from '../secrets/redact.js';

/** What all exchanges of a client have in common. */
export interface ExchangeSettings {
  readonly origin: string;
  /** The endpoint without secrets, for messages. */
  readonly display: string;
  readonly method: HttpMethod;
  /** The headers of every attempt: names and values alternating. */
  readonly headers: readonly string[];
  /** The header of the token, and the place of its value in `headers`. */
  readonly token: { readonly header: TokenHeader; readonly at: number } | undefined;
  readonly maxResponseBytes: number;
  readonly rules: AnswerRules;
  /** The forward proxy that requests are sent to, if any (tunnels are made by the connector). */
  readonly forward: Proxy | undefined;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly pool: ConnectionPool;
  readonly inFlight: InFlight;
}

type Resolve = (outcome: AttemptOutcome) => void;
type Controller = Dispatcher.DispatchController;

// How many bytes of an unsuccessful answer are read so that its connection can be reused.
const DRAINED_BYTES = 64 * 1024;
// How many bytes of an encoded unsuccessful answer are decoded for messages.
const SHOWN_BYTES = 512;

export class Exchange implements Dispatcher.DispatchHandler, Borrower, Attempt, InflaterListener {
  readonly dueAt: number;
  place = 0;
  readonly #settings: ExchangeSettings;
  readonly #request: HttpRequest;
  readonly #context: AttemptContext;
  readonly #resolve: Resolve;
  readonly #group: Group;
  #connection: Connection | undefined;
  /** True while no request of this exchange is under way on the connection. */
  #idle = true;
  #settled = false;
  #path: string;
  #redirects = 0;
  #phase: Phase = 'connect';
  #status = 0;
  #statusText = '';
  #headers: IncomingHttpHeaders = {};
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  #received = 0;
  #inflater: Inflater | undefined;

  /** Starts at once; `resolve` is called once, whatever happens. */
  constructor(settings: ExchangeSettings, request: HttpRequest, context: AttemptContext, resolve: Resolve) {
    this.#settings = settings;
    this.#request = request;
    this.#context = context;
    this.#resolve = resolve;
    this.#path = request.path;
    this.dueAt = settings.clock.now() + context.timeoutMs;
    this.#group = settings.inFlight.enter(context.signal, this);
    settings.pool.borrow(this);
  }

  proceed(connection: Connection): void {
    this.#connection = connection;
    if (this.#settled) this.#settings.pool.giveBack(connection);
    else this.#send();
  }

  expire(): void {
    const { timeoutMs, deadline } = this.#context;
    const message = timeoutMessage(this.#phase, timeoutMs, deadline, this.#received);
    this.#fail({ kind: 'timeout', message, phase: deadline ? 'deadline' : this.#phase });
  }

  cancel(): void {
    this.#fail({ kind: 'cancelled', message: 'cancelled while in flight' });
  }

  /** Called again when undici resends the request on another connection. */
  onRequestStart(controller: Controller): void {
    // A connection that waits to be dropped may just have been established: a settled request must not be sent any more.
    if (this.#settled) return controller.abort(OVER);
    this.#phase = 'response';
    this.#forgetBody();
  }

  onResponseStart(_controller: Controller, status: number, headers: IncomingHttpHeaders, statusText?: string): void {
    if (this.#settled) return;
    if (status < 100) return this.#refuseStatus(status);
    if (status < 200) return;
    this.#phase = 'body';
    this.#status = status;
    this.#statusText = statusText ?? '';
    this.#headers = headers;
    // Only first attempts: a retry may get the stored (idempotent) answer of an earlier attempt, with its request id.
    if (this.#context.attempt === 1 && isAnothers(headers, this.#context.requestId)) return this.#refuseAnothers();
    // Such an answer ends with its headers; undici would wait for the announced body and report it missing.
    if (isFalselyLong(status, headers)) return this.#judge();
    if (headers['content-encoding'] !== undefined && this.#isSuccess()) this.#startInflating();
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#settled) return;
    this.#received += chunk.length;
    if (this.#inflater !== undefined) return this.#inflater.write(chunk);
    if (this.#first === undefined) this.#first = chunk;
    else (this.#more ??= [this.#first]).push(chunk);
    if (this.#isSuccess()) {
      if (this.#received > this.#settings.maxResponseBytes) this.#refuseSize();
    } else if (this.#received > DRAINED_BYTES) this.#judge();
  }

  onResponseEnd(): void {
    this.#idle = true;
    if (this.#settled) return;
    if (this.#inflater !== undefined) this.#inflater.end();
    else this.#judge();
  }

  onResponseError(_controller: Controller | undefined, error: Error): void {
    this.#idle = true;
    const origin = this.#settings.origin;
    const phase = this.#phase === 'response' && this.#connection?.isInHandshake ? 'handshake' : this.#phase;
    this.#fail(causeOf(error, phase, origin, this.#received));
  }

  inflated(bytes: Buffer): void {
    if (this.#settled) return;
    if (this.#isSuccess()) this.#accept(bytes);
    else this.#refuse(bytes);
  }

  inflateFailed(reason: 'damaged' | 'too large', soFar: Buffer): void {
    if (this.#settled) return;
    if (!this.#isSuccess()) this.#refuse(soFar);
    else if (reason === 'too large') this.#refuseSize();
    else
      this.#respondFail(
        `the answer's ${String(this.#headers['content-encoding'])} encoding is damaged or cut off`,
        soFar,
      );
  }

  #send(): void {
    const { method, headers, forward, origin, token } = this.#settings;
    const { body, idempotencyKey } = this.#request;
    const own = [...headers, 'x-request-id', this.#context.requestId];
    if (token !== undefined && this.#context.token) own[token.at] = token.header.valueOf(this.#context.token);
    if (idempotencyKey !== undefined) own.push('idempotency-key', idempotencyKey);
    const path = forward === undefined ? this.#path : origin + this.#path;
    this.#idle = false;
    this.#connection?.dispatch({ path, method, headers: own, body: body ?? null }, this);
  }

  #isSuccess(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  #startInflating(): void {
    const header = this.#headers['content-encoding'];
    const encoding = encodingOf(header);
    if (encoding === undefined) this.#respondFail(`the answer has an unknown encoding: ${String(header)}`);
    else if (encoding !== 'identity') this.#inflater = new Inflater(encoding, this.#settings.maxResponseBytes, this);
  }

  /** Decides the outcome: enough of the answer has arrived. */
  #judge(): void {
    if (this.#isSuccess()) return this.#accept(this.#bytes());
    if (this.#status >= 300 && this.#status < 400 && this.#redirect()) return;
    const encoding = encodingOf(this.#headers['content-encoding']);
    if (encoding === undefined || encoding === 'identity') return this.#refuse(this.#bytes());
    this.#inflater = new Inflater(encoding, SHOWN_BYTES, this);
    this.#inflater.write(this.#bytes());
    this.#inflater.end();
  }

  #accept(bytes: Buffer): void {
    const answer = readAnswer(bytes, this.#headers['content-type'], this.#settings.rules);
    if ('problem' in answer) this.#respondFail(answer.problem, bytes);
    else this.#settle({ ok: true, text: answer.text, httpStatus: this.#status });
  }

  #refuse(body: Buffer): void {
    const { forward, clock } = this.#settings;
    const [httpStatus, headers] = [this.#status, this.#headers];
    const asked = askedWaitMs(httpStatus, waitHeadersOf(headers), clock.wallNow());
    if (httpStatus === 407 && forward !== undefined) {
      const { message, code } = refusal(forward, httpStatus);
      return this.#fail({ kind: 'network', message, code, httpStatus, body });
    }
    const message = statusMessage(httpStatus, this.#statusText);
    this.#fail({ kind: 'http', message, httpStatus, body, askedWaitMs: asked });
  }

  #refuseSize(): void {
    const limit = this.#settings.maxResponseBytes;
    this.#respondFail(`the answer is larger than ${limit} bytes (--max-response-size)`, this.#bytes());
  }

  #refuseStatus(status: number): void {
    const message = `the answer is not valid HTTP: its status is ${String(status).padStart(3, '0')}`;
    this.#fail({ kind: 'response', message });
  }

  #refuseAnothers(): void {
    this.#connection?.keepAlive.lose();
    this.#respondFail("the answer belongs to another request: it has another call's x-request-id");
  }

  #respondFail(message: string, body?: Buffer): void {
    this.#fail({ kind: 'response', message, httpStatus: this.#status, body });
  }

  /** Follows or refuses a redirect; false when the answer is not one. */
  #redirect(): boolean {
    const { method, origin, display } = this.#settings;
    const context = { method, display, url: origin + this.#path, followed: this.#redirects };
    const redirect = redirectOf(this.#status, this.#headers.location, context);
    if (redirect === undefined) return false;
    if ('refuse' in redirect) this.#respondFail(redirect.refuse);
    else if (this.#idle) this.#follow(redirect.follow);
    else this.#respondFail(`redirected with a body of more than ${DRAINED_BYTES} bytes`);
    return true;
  }

  #follow(path: string): void {
    this.#path = path;
    this.#redirects++;
    this.#phase = 'response';
    this.#forgetBody();
    // Not within undici's own callback: it is still processing the redirecting answer.
    setImmediate(() => void this.#sendOnTurn());
  }

  /** A followed redirect is a request of its own, and waits for the rate limiter where there is one. */
  async #sendOnTurn(): Promise<void> {
    await this.#context.nextExchange?.();
    if (!this.#settled) this.#send();
  }

  #forgetBody(): void {
    this.#status = 0;
    this.#received = 0;
    this.#first = undefined;
    this.#more = undefined;
    this.#inflater?.destroy();
    this.#inflater = undefined;
  }

  #bytes(): Buffer {
    return this.#more === undefined ? (this.#first ?? EMPTY) : Buffer.concat(this.#more, this.#received);
  }

  #fail(facts: Omit<Facts, 'requestId'>): void {
    if (this.#settled) return;
    const { requestId } = this.#context;
    this.#settle(attemptFailure({ ...facts, requestId, unsent: this.#phase === 'connect' }, this.#settings.redactor));
  }

  #settle(outcome: AttemptOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settings.inFlight.leave(this.#group, this);
    this.#inflater?.destroy();
    this.#release();
    this.#resolve(outcome);
  }

  #release(): void {
    const connection = this.#connection;
    if (connection === undefined) return this.#settings.pool.forget(this);
    // Data still arriving belongs to a settled attempt, so a busy connection can't be reused.
    if (this.#idle) this.#settings.pool.giveBack(connection);
    else this.#settings.pool.discard(connection);
  }
}

const EMPTY = Buffer.alloc(0);
const OVER = new Error('the attempt is over');
