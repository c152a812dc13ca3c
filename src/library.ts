/** The core for programs: cases in, results out, with the machine's clock and nothing else ambient. */

import { randomUUID } from 'node:crypto';
import type { EnrichmentResult } from './core/case.js';
import type { Clock, EnrichmentClient, Random } from './core/ports.js';
import { clip } from './text/clip.js';
import { Pipeline } from './core/run/pipeline.js';
import { DEFAULT_POLL } from './core/run/polling.js';
import type { ResultOrder } from './core/run/result-queue.js';
import type { Threshold } from './core/run/stop-rules.js';
import { UsageError } from './errors.js';
import { realClock, realEnv, realRandom } from './host.js';
import { type HttpClientOptions, HttpEnrichmentClient as ClockedClient } from './io/http/client.js';
import { type TlsIdentity, type TlsOptions, tlsIdentity } from './io/http/tls.js';
import { type CaseInput, GivenCases } from './io/sources/given-cases.js';
import { VERSION } from './version.js';

/** The options of the client for programs. */
export interface ClientOptions extends Omit<HttpClientOptions, 'clock' | 'tls'> {
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Client certificate and further authorities; nobody but the endpoint sees them. */
  readonly tls?: TlsOptions;
}

/** The HTTP client for programs: as the command line's, with the machine's clock unless another is given. */
export class HttpEnrichmentClient extends ClockedClient {
  constructor({ tls, ...options }: ClientOptions) {
    const clock = options.clock ?? realClock;
    super({ version: VERSION, ...options, clock, ...(tls && { tls: checkedTls(tls, options.endpoint, clock) }) });
  }
}

function checkedTls(tls: TlsOptions, endpoint: string, clock: Clock): TlsIdentity {
  if (/^http:/i.test(endpoint)) throw new UsageError('tls is for https, and the endpoint is http:, not https:');
  return tlsIdentity(tls, { nowMs: clock.wallNow(), extraCaFile: realEnv['NODE_EXTRA_CA_CERTS'] });
}

/** Durations are in milliseconds. Defaults are those of the command line. */
export interface EnrichOptions {
  /** The most calls in flight. Default 10. */
  readonly limit?: number;
  /** Cancels the run: calls in flight are aborted, and every case that was read has a `cancelled` result. */
  readonly signal?: AbortSignal;
  /** One attempt, connect to last byte. Default 5,000. */
  readonly timeoutMs?: number;
  /** One case from its first call, waits included. Default 30,000. */
  readonly deadlineMs?: number;
  /** Attempts after the first. Default 2. */
  readonly retries?: number;
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
  /** The longest pause that the endpoint may ask for. Default 60,000. */
  readonly maxRetryAfterMs?: number;
  /** How long an endpoint that worked and is down is waited for; null for ever, 0 not at all. Default 120,000. */
  readonly maxOutageMs?: number | null;
  /** For answers that come later: from one to the next poll. Default 2,000. */
  readonly pollIntervalMs?: number;
  /** The longest for one such case, in place of its deadline. Default 600,000. */
  readonly pollTimeoutMs?: number;
  /** Cases that wait for such an answer at once. Default 1,000. */
  readonly pollLimit?: number;
  /** Attempts a second, evenly spaced. Default: no limit. */
  readonly ratePerSecond?: number;
  /** Find the limit that the endpoint can take, never above `limit`. */
  readonly adaptive?: boolean;
  /** The member that the enrichment becomes. Default `enrichment`. */
  readonly into?: string;
  /** Default `completion`. */
  readonly order?: ResultOrder;
  /** `fail-fast`: the first failure cancels the others. Default `collect`. */
  readonly onFailure?: 'collect' | 'fail-fast';
  /** Stop starting cases once this many have failed. Default: after 50 (10 refused) that all fail alike. */
  readonly maxFailures?: Threshold | 'none';
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * Enriches cases, many at a time, and yields exactly one result for every case that was read. Input that breaks off
 * is thrown after the results of everything before it.
 */
export async function* enrichCases(
  cases: Iterable<CaseInput> | AsyncIterable<CaseInput>,
  client: EnrichmentClient,
  options: EnrichOptions = {},
): AsyncGenerator<EnrichmentResult, void, void> {
  checkInput(cases, client);
  checkOptions(options);
  const world = { clock: options.clock ?? realClock, random: options.random ?? realRandom };
  await using source = new GivenCases(cases);
  const pipeline = new Pipeline(source, client, pipelineOptions(options), world);
  const onAbort = (): void => pipeline.cancel('signal');
  options.signal?.addEventListener('abort', onAbort);
  try {
    if (options.signal?.aborted) onAbort();
    for await (const batch of pipeline) yield* batch;
    if (pipeline.inputError !== undefined) throw pipeline.inputError;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

const ORDERS = ['completion', 'input'] as const satisfies readonly ResultOrder[];
const ON_FAILURE = ['collect', 'fail-fast'] as const;

/** Throws a UsageError for arguments that violate the types, as from JavaScript. */
function checkInput(cases: unknown, client: unknown): void {
  if (typeof cases === 'string') {
    throw new UsageError('cases is a string', { hint: `readCases(${JSON.stringify(clip(cases, 60))}) reads a file` });
  }
  if (typeof (client as Partial<EnrichmentClient> | null | undefined)?.enrich !== 'function') {
    throw new UsageError('client has no method enrich', {
      hint: 'new HttpEnrichmentClient({ endpoint }), or your own',
    });
  }
}

/** Throws a UsageError that names the first option that can't work. */
function checkOptions(options: EnrichOptions): void {
  const { limit, pollLimit, retries, order, onFailure, maxFailures } = options;
  for (const name of ['timeoutMs', 'deadlineMs', 'ratePerSecond', 'pollIntervalMs', 'pollTimeoutMs'] as const) {
    refuseUnless(options[name], (value) => value > 0, name, 'a number greater than 0');
  }
  for (const name of ['backoffMs', 'maxBackoffMs', 'maxRetryAfterMs'] as const) {
    refuseUnless(options[name], (value) => value >= 0, name, 'a number from 0');
  }
  refuseUnless(options.maxOutageMs ?? undefined, (value) => value >= 0, 'maxOutageMs', 'null or a number from 0');
  refuseUnless(limit, (value) => Number.isInteger(value) && value >= 1 && value <= MAX_LIMIT, 'limit', '1 to 10,000');
  refuseUnless(pollLimit, (value) => Number.isInteger(value) && value >= 1, 'pollLimit', 'a whole number from 1');
  refuseUnless(retries, (value) => Number.isInteger(value) && value >= 0, 'retries', 'a whole number from 0');
  if (order !== undefined && !ORDERS.includes(order)) throw badOption('order', order, ORDERS.join(' or '));
  if (onFailure !== undefined && !ON_FAILURE.includes(onFailure)) {
    throw badOption('onFailure', onFailure, ON_FAILURE.join(' or '));
  }
  if (maxFailures !== undefined && maxFailures !== 'none' && typeof maxFailures !== 'object') {
    throw badOption('maxFailures', maxFailures, "'none', { count } or { percent }");
  }
}

function refuseUnless(value: unknown, fits: (value: number) => boolean, name: string, expected: string): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !fits(value)) throw badOption(name, value, expected);
}

function badOption(name: string, value: unknown, expected: string): UsageError {
  return new UsageError(`${name} is ${clip(String(value), 60)}; expected ${expected}`);
}

function pipelineOptions(options: EnrichOptions): ConstructorParameters<typeof Pipeline>[2] {
  const { timeoutMs = 5_000, deadlineMs = 30_000, retries = 2, backoffMs = 200, maxBackoffMs = 10_000 } = options;
  const { pollIntervalMs: intervalMs, pollTimeoutMs, pollLimit } = options;
  const poll = {
    intervalMs: intervalMs ?? DEFAULT_POLL.intervalMs,
    timeoutMs: pollTimeoutMs ?? DEFAULT_POLL.timeoutMs,
  };
  return {
    rules: { timeoutMs, deadlineMs, retries, backoffMs, maxBackoffMs, into: options.into ?? 'enrichment', poll },
    ...(pollLimit === undefined ? {} : { pollLimit }),
    throttle: {
      limit: options.limit ?? 10,
      maxRetryAfterMs: options.maxRetryAfterMs ?? 60_000,
      maxOutageMs: options.maxOutageMs,
      adaptive: options.adaptive ?? false,
      intervalMs: options.ratePerSecond === undefined ? 0 : 1_000 / options.ratePerSecond,
    },
    stop: { failFast: options.onFailure === 'fail-fast', maxFailures: options.maxFailures ?? null },
    order: options.order ?? 'completion',
    runId: randomUUID().slice(0, 8),
  };
}

const MAX_LIMIT = 10_000;
