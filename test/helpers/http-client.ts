import { onTestFinished } from 'vitest';
import { Case } from '../../src/core/case.js';
import type { AttemptContext, AttemptFailure, AttemptOutcome } from '../../src/core/ports.js';
import { realClock } from '../../src/host.js';
import { HttpEnrichmentClient, type HttpClientOptions } from '../../src/io/http/client.js';

export const CASE = new Case('C-1', '{"id":"C-1","title":"a b","n":1.0}');

/** A client with the real clock unless another is given; closed when the test ends. */
export function clientFor(endpoint: string, options: Partial<HttpClientOptions> = {}): HttpEnrichmentClient {
  const client = new HttpEnrichmentClient({ endpoint, clock: realClock, version: '1.2.3', ...options });
  onTestFinished(() => client.close());
  return client;
}

/** One attempt, with long enough a time. */
export function attempt(
  client: HttpEnrichmentClient,
  context: Partial<AttemptContext> = {},
  aCase: Case = CASE,
): Promise<AttemptOutcome> {
  return client.enrich(aCase, {
    attempt: 1,
    requestId: 'r-1',
    timeoutMs: 20_000,
    deadline: false,
    signal: new AbortController().signal,
    ...context,
  });
}

/** One attempt that must fail. */
export async function failedAttempt(
  client: HttpEnrichmentClient,
  context: Partial<AttemptContext> = {},
): Promise<AttemptFailure> {
  const outcome = await attempt(client, context);
  if (outcome.ok) throw new Error(`expected a failure, got ${outcome.text}`);
  return outcome;
}
