/** The options of the client for HTTP. */

import type { StatusRange } from '../../core/flow/accepted-statuses.js';
import type { Clock, CredentialProvider } from '../../core/ports.js';
import type { ResponseSchema } from './answer.js';
import type { BatchOptions } from './batch.js';
import type { Header } from './headers.js';
import type { PollOptions } from './poll.js';
import type { ProxyOptions } from './proxy.js';
import type { HttpMethod } from './request.js';
import type { TlsIdentity } from './tls.js';

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
  /** Statuses that are answers; default every 2xx but 202. */
  readonly acceptStatus?: readonly StatusRange[];
  /** Ask again for an answer that comes later (202). */
  readonly poll?: PollOptions;
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
