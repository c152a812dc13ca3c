/** One attempt: connect, send, headers, whole body, redirects; one deadline over all of it, and exactly one outcome. */

import type { Dispatcher } from 'undici';
import { COMES_LATER, toldStatus } from '../../core/flow/accepted-statuses.js';
import type { AttemptContext, AttemptOutcome } from '../../core/ports.js';
import { isAnothers, isFalselyLong } from './answer-headers.js';
import { readAnswer, readOtherAnswer } from './answer.js';
import type { Borrower, Connection } from './connections.js';
import { Inflater, encodingOf, type InflaterListener } from './decode.js';
import { attemptFailure, causeOf, timeoutMessage, type Facts, type Phase } from './failure.js';
import type { ExchangeSettings } from './exchange-settings.js';
import type { Attempt, Group } from './in-flight.js';
import { headersOf } from './exchange-headers.js';
import type { PollJudge } from './poll.js';
import { Received } from './received.js';
import { NO_HEADERS, ReceivedHeaders } from './received-headers.js';
import { redirectOf } from './redirect.js';
import { refusedBy } from './refused.js';
import type { HttpRequest } from './request.js';

type Resolve = (outcome: AttemptOutcome) => void;

// How many bytes of an unsuccessful answer are read so that its connection can be reused.
const DRAINED_BYTES = 64 * 1024;
// How many bytes of an encoded unsuccessful answer are decoded for messages.
const SHOWN_BYTES = 512;

/** In undici's former interface for handlers: the present one parses all headers of each answer, which nothing here needs. */
export class Exchange implements Dispatcher.DispatchHandler, Borrower, Attempt, InflaterListener {
  readonly dueAt: number;
  place = 0;
  readonly #settings: ExchangeSettings;
  readonly #request: HttpRequest;
  readonly #context: AttemptContext;
  readonly #resolve: Resolve;
  readonly #polls: PollJudge | undefined;
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
  #headers = NO_HEADERS;
  readonly #received = new Received();
  #inflater: Inflater | undefined;

  /** Starts at once; `resolve` is called once, whatever happens. */
  constructor(
    settings: ExchangeSettings,
    request: HttpRequest,
    context: AttemptContext,
    resolve: Resolve,
    polls?: PollJudge,
  ) {
    this.#settings = settings;
    this.#request = request;
    this.#context = context;
    this.#resolve = resolve;
    this.#polls = polls;
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
    const message = timeoutMessage(this.#phase, timeoutMs, deadline, this.#received.length);
    this.#fail({ kind: 'timeout', message, phase: deadline ? 'deadline' : this.#phase });
  }

  cancel(): void {
    this.#fail({ kind: 'cancelled', message: 'cancelled while in flight' });
  }

  /** Called again when undici resends the request on another connection. */
  onConnect(abort: (error: Error) => void): void {
    // A connection that waits to be dropped may just have been established: a settled request must not be sent any more.
    if (this.#settled) return abort(OVER);
    this.#phase = 'response';
    this.#forgetBody();
  }

  /** What returns true lets the answer go on. */
  onHeaders(status: number, headers: readonly Buffer[], _resume: () => void, statusText?: string): true {
    if (this.#settled || (status >= 100 && status < 200)) return true;
    if (status < 100) this.#refuseStatus(status);
    else this.#begin(status, new ReceivedHeaders(headers), statusText ?? '');
    return true;
  }

  onData(chunk: Buffer): true {
    if (!this.#settled) this.#take(chunk);
    return true;
  }

  onComplete(): void {
    this.#idle = true;
    if (this.#settled) return;
    if (this.#inflater === undefined) this.#judge();
    else this.#inflater.end();
  }

  onError(error: Error): void {
    this.#idle = true;
    const phase = this.#phase === 'response' && this.#connection?.isInHandshake ? 'handshake' : this.#phase;
    this.#fail(causeOf(error, phase, this.#settings.origin, this.#received.length));
  }

  inflated(bytes: Buffer): void {
    if (this.#settled) return;
    if (this.#isAnswer()) this.#accept(bytes);
    else this.#refuse(bytes);
  }

  inflateFailed(reason: 'damaged' | 'too large', soFar: Buffer): void {
    if (this.#settled) return;
    if (!this.#isAnswer()) this.#refuse(soFar);
    else if (reason === 'too large') this.#refuseSize();
    else this.#respondFail(`the answer's ${this.#encoding} encoding is damaged or cut off`, soFar);
  }

  /** An answer begins. */
  #begin(status: number, headers: ReceivedHeaders, statusText: string): void {
    this.#phase = 'body';
    this.#status = status;
    this.#statusText = statusText;
    this.#headers = headers;
    // Only first attempts: a retry may get the stored (idempotent) answer of an earlier attempt, with its request id.
    if (this.#context.attempt === 1 && isAnothers(headers, this.#context.requestId)) return this.#refuseAnothers();
    // Such an answer ends with its headers; undici would wait for the announced body and report it missing.
    if (isFalselyLong(status, headers)) return this.#judge();
    if (headers.get('content-encoding') !== undefined && this.#isAnswer()) this.#startInflating();
  }

  #take(chunk: Buffer): void {
    this.#received.length += chunk.length;
    if (this.#inflater !== undefined) return this.#inflater.write(chunk);
    this.#received.add(chunk);
    if (this.#isAnswer()) {
      if (this.#received.length > this.#settings.maxResponseBytes) this.#refuseSize();
    } else if (this.#received.length > DRAINED_BYTES) this.#judge();
  }

  #send(): void {
    const { method, forward, origin } = this.#settings;
    const { body, idempotencyKey } = this.#request;
    const own = headersOf(this.#settings, this.#context);
    if (idempotencyKey !== undefined) own.push('idempotency-key', idempotencyKey);
    const path = forward === undefined ? this.#path : origin + this.#path;
    this.#idle = false;
    this.#connection?.dispatch({ path, method, headers: own, body: body ?? null }, this);
  }

  /** True for an accepted status; a forward proxy's own refusal is never the endpoint's answer. */
  #isAnswer(): boolean {
    const { accepted, forward } = this.#settings;
    if (this.#status === COMES_LATER && this.#polls !== undefined) return true;
    return accepted.has(this.#status) && (this.#status !== 407 || forward === undefined);
  }

  get #encoding(): string {
    return String(this.#headers.get('content-encoding') ?? '');
  }

  #startInflating(): void {
    const encoding = encodingOf(this.#encoding);
    if (encoding === undefined) this.#respondFail(`the answer has an unknown encoding: ${this.#encoding}`);
    else if (encoding !== 'identity') this.#inflater = new Inflater(encoding, this.#settings.maxResponseBytes, this);
  }

  /** Decides the outcome: enough of the answer has arrived. */
  #judge(): void {
    if (this.#isAnswer()) return this.#accept(this.#received.bytes);
    if (this.#status >= 300 && this.#status < 400 && this.#redirect()) return;
    const encoding = encodingOf(this.#encoding);
    if (encoding === undefined || encoding === 'identity') return this.#refuse(this.#received.bytes);
    this.#inflater = new Inflater(encoding, SHOWN_BYTES, this);
    this.#inflater.write(this.#received.bytes);
    this.#inflater.end();
  }

  #accept(bytes: Buffer): void {
    if (this.#polls !== undefined && this.#comesLater(this.#polls, bytes)) return;
    const { rules } = this.#settings;
    const isSuccess = toldStatus(this.#status) === undefined;
    const answer = isSuccess ? readAnswer(bytes, this.#headers, rules) : readOtherAnswer(bytes, rules);
    if ('problem' in answer) this.#respondFail(answer.problem, bytes);
    else this.#settle({ ok: true, text: answer.text, httpStatus: this.#status });
  }

  /** Settles an answer that says that the real one comes later, or that it never will; false for any other. */
  #comesLater(polls: PollJudge, body: Buffer): boolean {
    const { origin, redactor, clock } = this.#settings;
    const [httpStatus, headers] = [this.#status, this.#headers.all];
    const verdict = polls.judge({ httpStatus, headers, url: origin + this.#path, body }, clock.wallNow());
    if (verdict.do === 'fail') this.#respondFail(verdict.message, body);
    else if (verdict.do === 'pend') {
      const pending = { ...verdict.pending, seen: redactor.redact(verdict.pending.seen) };
      this.#settle({ ok: true, text: 'null', httpStatus, pending });
    }
    return verdict.do !== 'take';
  }

  #refuse(body: Buffer): void {
    const { forward, clock } = this.#settings;
    const head = { httpStatus: this.#status, statusText: this.#statusText, headers: this.#headers.all };
    this.#fail(refusedBy(head, body, forward, clock.wallNow()));
  }

  #refuseSize(): void {
    const limit = this.#settings.maxResponseBytes;
    this.#respondFail(`the answer is larger than ${limit} bytes (--max-response-size)`, this.#received.bytes);
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
    const redirect = redirectOf(this.#status, this.#headers.get('location'), context);
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
    this.#received.clear();
    this.#inflater?.destroy();
    this.#inflater = undefined;
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

const OVER = new Error('the attempt is over');
