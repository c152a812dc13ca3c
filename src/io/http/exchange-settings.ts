import type { AcceptedStatuses } from '../../core/flow/accepted-statuses.js';
import type { Clock } from '../../core/ports.js';
import type { Redactor } from '../secrets/redact.js';
import type { AnswerRules } from './answer.js';
import type { ConnectionPool } from './connections.js';
import type { InFlight } from './in-flight.js';
import type { Proxy } from './proxy.js';
import type { HttpMethod } from './request.js';
import type { TokenHeader } from './token-header.js';

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
  /** The statuses that are answers. */
  readonly accepted: AcceptedStatuses;
  readonly rules: AnswerRules;
  /** The forward proxy that requests are sent to, if any (tunnels are made by the connector). */
  readonly forward: Proxy | undefined;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly pool: ConnectionPool;
  readonly inFlight: InFlight;
}
