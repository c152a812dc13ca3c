/** The EnrichmentClient for HTTP: one attempt per call, every expected end a value, nothing left behind. */

import type { Case } from '../../core/case.js';
import type {
  AttemptContext,
  AttemptOutcome,
  BatchPort,
  Clock,
  CredentialProvider,
  EnrichmentClient,
  Prepared,
} from '../../core/ports.js';
import { pointerTokens } from '../../json/pointer.js';
import { isStandardHeader, secretsOfHeaders } from '../../core/secrets.js';
import { UsageError } from '../../errors.js';
import { compileEndpoint, type Endpoint } from './endpoint.js';
import type { AnswerRules, ResponseSchema } from './answer.js';
import { Connection, ConnectionPool, KeepAlive } from './connections.js';
import { Connector } from './connector.js';
import { Exchange, type ExchangeSettings } from './exchange.js';
import { batchPort, type BatchOptions } from './batch.js';
import { hasPlaceholder } from './body-template.js';
import { attemptFailure } from './failure.js';
import { forwardHeaders, headersOf, tokenHeaderOf } from './attempt-headers.js';
import type { Header } from './headers.js';
import { guarded } from './token-header.js';
import { InFlight } from './in-flight.js';
import {
  HTTP_METHODS,
  HttpRequest,
  requestBuilder,
  sendsBody,
  type HttpMethod,
  type RequestBuilder,
  type RequestOptions,
} from './request.js';
import type { TlsIdentity } from './tls.js';
import { proxyFor, type Proxy, type ProxyOptions } from './proxy.js';
import { createRedactor, type Redactor } from '../secrets/redact.js';

export interface HttpClientOptions {
  /** The URL template. */
  readonly endpoint: string;
  /** Whether a URL without a placeholder gets `/{id}`: by default it does, unless the body's template has a placeholder. */
  readonly appendId?: boolean;
  /** Default GET. */
  readonly method?: HttpMethod;
  readonly headers?: readonly Header[];
  /** The template of the body; without one the case's source text is sent. */
  readonly body?: string;
  /** The most connections, default 10; further calls wait for a free one, and the wait counts towards their timeout. */
  readonly limit?: number;
  /** Size limit of the decoded body in bytes, default 1 MiB. */
  readonly maxResponseBytes?: number;
  /** The member that the answer becomes; part of the request's key. */
  readonly into?: string;
  /** A JSON Pointer to the part of the answer that is taken. */
  readonly pick?: string;
  readonly responseSchema?: ResponseSchema;
  /** Maps known field names to those of the export. */
  readonly fieldNames?: Readonly<Record<string, string>>;
  /** The field that holds the id; default `id`. */
  readonly idField?: string;
  readonly proxy?: ProxyOptions;
  /** Client certificate and further authorities; nobody but the endpoint sees them. */
  readonly tls?: TlsIdentity;
  /** Where tokens come from that end during the run. `close` of the client closes it. */
  readonly credentials?: CredentialProvider;
  /** The header of the token, default `Authorization: Bearer {token}`. */
  readonly tokenHeader?: string;
  /** The statuses that refuse a token, default 401. */
  readonly tokenRefreshOn?: readonly number[];
  /** For the user-agent header. */
  readonly version?: string;
  /** Further texts that must never be shown. */
  readonly secrets?: readonly string[];
  /** Texts that must not be shown as a part of the endpoint either. */
  readonly endpointSecrets?: readonly string[];
  /** Whether POST and PATCH may be repeated. */
  readonly retryUnsafe?: boolean;
  readonly clock: Clock;
  /** Stands for the origin in the keys of requests. Default: the origin itself. */
  readonly keyOrigin?: string;
  /** Send several cases per call; the endpoint then has no placeholders, and the method is POST. */
  readonly batch?: BatchOptions;
}

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
    this.#headers = headersOf(options, this.#endpoint, sendsBody(method), tokenHeader);
    const misspelt = (name: string, meant: string): void => {
      this.#notices.push(`no field ${name} for {${name}} in the body: null is sent; did you mean {${meant}}?`);
    };
    this.#requests = requestsOf(options, this.#endpoint, method, this.#headers, misspelt);
    const rules = rulesOf(options);
    const proxy = proxyFor(this.#endpoint.origin, options.proxy ?? {});
    const redactor = redactorOf(options, this.#endpoint, this.#headers, proxy);
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
      // The answer to a batch is checked part by part.
      rules: options.batch ? {} : rules,
      forward,
      redactor,
      clock: options.clock,
      pool: this.#makePool(options.limit ?? DEFAULT_LIMIT, forward?.url.origin ?? this.#endpoint.origin),
      inFlight: new InFlight(options.clock),
    };
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
      void new Exchange(this.#settings, request, context, settle);
    });
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

  #failure(kind: 'case' | 'cancelled', message: string, { requestId }: AttemptContext): AttemptOutcome {
    return attemptFailure({ kind, message, requestId }, this.#settings.redactor);
  }
}

function checkedMethod(options: HttpClientOptions): HttpMethod {
  const method = options.method ?? 'GET';
  if (!HTTP_METHODS.includes(method)) {
    throw new UsageError(`${String(method)} is not a method that can be used`, {
      hint: `one of ${HTTP_METHODS.join(', ')}`,
    });
  }
  if (options.body !== undefined && !sendsBody(method)) {
    throw new UsageError(`a body can't be sent with ${method}`, { hint: 'add --method POST (or PUT, PATCH)' });
  }
  return method;
}

function requestsOf(
  options: HttpClientOptions,
  endpoint: Endpoint,
  method: HttpMethod,
  headers: readonly Header[],
  misspelt: RequestOptions['misspelt'],
): RequestBuilder {
  const type = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const identity = [options.pick ?? '', options.into ?? '', options.responseSchema?.hash ?? '', options.body ?? ''];
  const json = /[/+]json\b/i.test(type);
  const keyOrigin = options.keyOrigin ?? endpoint.origin;
  const { body, fieldNames, idField } = options;
  return requestBuilder({ endpoint, method, body, json, fieldNames, idField, misspelt, keyOrigin, identity });
}

function rulesOf(options: HttpClientOptions): AnswerRules {
  const { pick: pointer, responseSchema: schema } = options;
  if (pointer === undefined || pointer === '') return { schema };
  const tokens = pointerTokens(pointer);
  if (tokens === undefined) {
    throw new UsageError(`${pointer} is not a JSON Pointer`, {
      hint: 'it begins with a slash: --pick /data/enrichment',
    });
  }
  return { pick: { pointer, tokens }, schema };
}

function redactorOf(
  options: HttpClientOptions,
  endpoint: Endpoint,
  headers: readonly Header[],
  proxy: Proxy | undefined,
): Redactor {
  const ofProxy = proxy?.secrets ?? [];
  return createRedactor([
    ...endpoint.secrets,
    ...secretsOfHeaders(headers),
    ...ofProxy,
    ...(options.tls?.secrets ?? []),
    ...(options.secrets ?? []),
  ]);
}
