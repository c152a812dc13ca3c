/** The EnrichmentClient for HTTP: one attempt per call, every expected end a value, nothing left behind. */

import type { Case } from '../../core/case.js';
import type {
  AttemptContext,
  AttemptOutcome,
  BatchPort,
  CredentialProvider,
  EnrichmentClient,
  Prepared,
} from '../../core/ports.js';
import { AcceptedStatuses } from '../../core/flow/accepted-statuses.js';
import { isStandardHeader } from '../../core/secrets.js';
import { compileEndpoint, type Endpoint } from './endpoint.js';
import type { HttpClientOptions } from './client-options.js';
import { checkedMethod, pollPlan, redactorOf, requestsOf, rulesOf } from './client-parts.js';
import { Connection, ConnectionPool, KeepAlive } from './connections.js';
import { Connector } from './connector.js';
import { Exchange } from './exchange.js';
import type { ExchangeSettings } from './exchange-settings.js';
import { batchPort } from './batch.js';
import { hasPlaceholder } from './body-template.js';
import { attemptFailure } from './failure.js';
import { clientHeaders, forwardHeaders, tokenHeaderOf } from './client-headers.js';
import type { Header } from './headers.js';
import { guarded } from './token-header.js';
import { InFlight } from './in-flight.js';
import { PollJudge, type PollPlan } from './poll.js';
import { pathOfPlace } from './poll-place.js';
import { HttpRequest, sendsBody, type HttpMethod, type RequestBuilder } from './request.js';
import { proxyFor } from './proxy.js';
import { createRedactor, type Redactor } from '../secrets/redact.js';

export type { HttpClientOptions } from './client-options.js';

/** What would be sent for a case, secrets hidden. */
export interface DryRun {
  readonly method: HttpMethod;
  readonly url: string;
  readonly headers: readonly Header[];
  readonly body: string | undefined;
}

const NO_NOTICES: readonly string[] = [];
const OUT_OF_TURN =
  'the endpoint sent an answer out of turn: earlier answers may belong to other cases; ' +
  'from now on each call has a connection of its own';
const DEFAULT_LIMIT = 10;
const DEFAULT_MAX_RESPONSE_BYTES = 1024 * 1024;

/** The constructor throws a UsageError for settings that can't work; after that every failure is an outcome. */
export class HttpEnrichmentClient implements EnrichmentClient {
  readonly safeToRepeat: boolean;
  readonly endsAttempts = true;
  readonly batch?: BatchPort;
  readonly credentials?: CredentialProvider;
  /** The endpoint without secrets. */
  readonly display: string;
  readonly #display: Redactor;
  readonly #endpoint: Endpoint;
  readonly #requests: RequestBuilder;
  readonly #headers: readonly Header[];
  readonly #connector: Connector;
  readonly #settings: ExchangeSettings;
  readonly #polls: PollPlan | undefined;
  #notices: string[] = [];
  #closed = false;

  constructor(options: HttpClientOptions) {
    const method = checkedMethod(options);
    this.#endpoint = compileEndpoint(options.endpoint, {
      fieldNames: options.fieldNames,
      idField: options.idField,
      fixed: options.batch !== undefined,
      appendId: options.appendId !== false && !hasPlaceholder(options.body ?? ''),
    });
    // The value of a header that looks like a part of the URL, as `eu` of `eu.example.com`, is not hidden there.
    this.#display = createRedactor(options.endpointSecrets ?? []);
    this.display = this.#display.redact(this.#endpoint.display);
    this.safeToRepeat = options.retryUnsafe === true || (method !== 'POST' && method !== 'PATCH');
    const tokenHeader = tokenHeaderOf(options);
    this.#headers = clientHeaders(options, this.#endpoint, sendsBody(method), tokenHeader);
    const misspelt = (name: string, meant: string): void => {
      this.#notices.push(`no field ${name} for {${name}} in the body: null is sent; did you mean {${meant}}?`);
    };
    this.#requests = requestsOf(options, this.#endpoint, method, this.#headers, misspelt);
    const rules = rulesOf(options);
    const proxy = proxyFor(this.#endpoint.origin, options.proxy ?? {});
    this.#polls = options.poll && pollPlan(options.poll, this.#endpoint.origin, options);
    const redactor = redactorOf(options, [this.#endpoint, this.#polls?.place], this.#headers, proxy);
    if (options.batch) this.batch = batchPort(options.batch, rules, redactor);
    if (options.credentials) this.credentials = guarded(options.credentials, redactor);
    const forward = this.#endpoint.origin.startsWith('http:') ? proxy : undefined;
    this.#connector = new Connector(proxy, forward === undefined, options.tls);
    this.#settings = {
      origin: this.#endpoint.origin,
      display: this.display,
      method,
      headers: [...this.#headers, ...forwardHeaders(this.#endpoint.origin, this.#headers, forward)].flat(),
      token: tokenHeader && { header: tokenHeader, at: 2 * this.#headers.length - 1 },
      maxResponseBytes: options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
      accepted: new AcceptedStatuses(options.acceptStatus),
      // The answer to a batch is checked part by part.
      rules: options.batch ? {} : rules,
      forward,
      redactor,
      clock: options.clock,
      pool: this.#makePool(options.limit ?? DEFAULT_LIMIT, forward?.url.origin ?? this.#endpoint.origin),
      inFlight: new InFlight(options.clock),
    };
  }

  /** The template of `--poll-url` without secrets. */
  get pollDisplay(): string | undefined {
    const display = this.#polls?.place?.display;
    return display && this.#display.redact(display);
  }

  /** Replaces every secret that this client knows in a text. */
  redact(text: string): string {
    return this.#settings.redactor.redact(text);
  }

  /** Connections made so far. */
  get connectionsOpened(): number {
    return this.#connector.opened;
  }

  prepare(aCase: Case): Prepared {
    const request = this.#requests.build(aCase);
    if ('problem' in request) return request;
    const key = this.#requests.key(aCase, request);
    return this.#settings.method === 'GET' ? { key, request, shareKey: request.path } : { key, request };
  }

  enrich(aCase: Case, context: AttemptContext): Promise<AttemptOutcome> {
    const request = context.request instanceof HttpRequest ? context.request : this.#requests.build(aCase);
    if ('problem' in request) return Promise.resolve(this.#failure('case', request.problem, context));
    if (context.signal.aborted || this.#closed) {
      return Promise.resolve(this.#failure('cancelled', 'cancelled before it was sent', context));
    }
    const { token } = this.#settings;
    return new Promise((resolve) => {
      const settle = token === undefined ? resolve : (outcome: AttemptOutcome) => resolve(token.header.judge(outcome));
      if (this.#polls === undefined) void new Exchange(this.#settings, request, context, settle);
      else this.#exchangeOrPoll(this.#polls, aCase, request, context, settle);
    });
  }

  /** The case's own call, or a GET that asks for its answer; either may be answered "later". */
  #exchangeOrPoll(
    plan: PollPlan,
    aCase: Case,
    request: HttpRequest,
    context: AttemptContext,
    settle: (outcome: AttemptOutcome) => void,
  ): void {
    const { poll } = context;
    const judge = new PollJudge(plan, aCase, poll);
    if (poll === undefined) return void new Exchange(this.#settings, request, context, settle, judge);
    const path = pathOfPlace(poll, this.#settings.origin);
    if (path === undefined) return settle(this.#failure('response', 'the place to ask at is no URL', context));
    const question = new HttpRequest(path, undefined, undefined);
    void new Exchange({ ...this.#settings, method: 'GET' }, question, context, settle, judge);
  }

  /** Sentences about doubtful settings, noticed since the last call; each is returned once. */
  takeNotices(): readonly string[] {
    if (this.#notices.length === 0) return NO_NOTICES;
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  /** What an attempt for this case would send, or why nothing can be sent for it. */
  dryRun(aCase: Case): DryRun | { readonly problem: string } {
    const request = this.#requests.build(aCase);
    if ('problem' in request) return request;
    const headers = this.#headers.map(([name, value]): Header => [
      name,
      isStandardHeader(name) ? this.redact(value) : '***',
    ]);
    headers.push(['x-request-id', '(new for each attempt)']);
    if (request.idempotencyKey !== undefined) headers.push(['idempotency-key', request.idempotencyKey]);
    const body = request.body === undefined ? undefined : this.redact(request.body);
    const url = this.#display.redact(this.#endpoint.show(aCase));
    return { method: this.#settings.method, url, headers, body };
  }

  /** Cancels what is in flight and closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#settings.inFlight.close();
    await this.credentials?.close?.();
    await this.#settings.pool.close();
  }

  #makePool(limit: number, origin: string): ConnectionPool {
    const keepAlive = new KeepAlive(() => void this.#notices.push(OUT_OF_TURN));
    return new ConnectionPool(limit, () => new Connection(origin, this.#connector, keepAlive));
  }

  #failure(kind: 'case' | 'cancelled' | 'response', message: string, { requestId }: AttemptContext): AttemptOutcome {
    return attemptFailure({ kind, message, requestId }, this.#settings.redactor);
  }
}
