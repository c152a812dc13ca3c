/** The client of a run: the user's endpoint, or the built-in one started for this run. */

import { resolve } from 'node:path';
import { pointerTokens } from '../../json/pointer.js';
import { UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { DemoEndpoint } from '../../io/demo/endpoint.js';
import type { BatchOptions } from '../../io/http/batch.js';
import { cannotRead } from '../../io/files/file-problem.js';
import { HttpEnrichmentClient, type HttpClientOptions } from '../../io/http/client.js';
import { type Proxy, proxyFor } from '../../io/http/proxy.js';
import { optimizeParserLater } from '../../io/http/parser-tiering.js';
import type { ResponseSchema } from '../../io/http/answer.js';
import { readNamedFile } from '../../named-file.js';
import { VERSION } from '../../version.js';
import type { EnrichValues, Resolved } from '../../config/resolved.js';
import type { PollOptions } from '../../io/http/poll.js';
import { openCredentials } from './credentials.js';
import { openIdentity } from './identity.js';

/** A client, and the name of its endpoint in messages and reports. */
export class RunClient extends HttpEnrichmentClient implements AsyncDisposable {
  /** The URL template without secrets; `demo` and `demo:flaky` for the built-in endpoint. */
  readonly endpointName: string;
  readonly #demo: DemoEndpoint | undefined;

  constructor(options: HttpClientOptions, endpointName: string | undefined, demo: DemoEndpoint | undefined) {
    super(options);
    this.endpointName = endpointName ?? this.display;
    this.#demo = demo;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.close();
    } finally {
      await this.#demo?.close();
    }
  }
}

/** Makes the client from the settings; throws a UsageError for settings that can't work. */
export async function openClient(settings: Resolved<'enrich'>, host: Host): Promise<RunClient> {
  optimizeParserLater();
  const { endpoint } = settings.values;
  if (endpoint !== 'demo' && endpoint !== 'demo:flaky')
    return new RunClient(await optionsOf(settings, host), undefined, undefined);
  const { startDemoEndpoint } = await import('../../io/demo/endpoint.js');
  const demo = await startDemoEndpoint({ clock: host.clock, faults: endpoint === 'demo:flaky' });
  try {
    const url = settings.values.batch === undefined ? demo.url : demo.batchUrl;
    const { proxy: _, ...options } = await optionsOf(settings, host);
    return new RunClient({ ...options, endpoint: url, keyOrigin: endpoint }, endpoint, demo);
  } catch (error) {
    await demo.close();
    throw error;
  }
}

async function optionsOf(settings: Resolved<'enrich'>, host: Host): Promise<HttpClientOptions> {
  const { values, secrets, expanded } = settings;
  const { endpoint, method, headers, body, limit, into, pick, fieldNames, idField, retryUnsafe } = values;
  const { acceptStatus } = values;
  const schema = values.responseSchema === undefined ? undefined : await readSchema(values.responseSchema, host);
  const batch = batchOptions(values);
  const tls = await openIdentity(settings, host);
  const proxy = proxyOf(host.env);
  const credentials = await openCredentials(settings, host, { proxy, tls });
  return {
    endpoint,
    method: batch === undefined ? method : 'POST',
    headers: headers.map(({ name, value }) => [name, value] as const),
    limit,
    maxResponseBytes: values.maxResponseSize,
    into,
    fieldNames,
    proxy,
    version: VERSION,
    secrets: credentials === undefined ? secrets : [...secrets, ...credentials.secrets],
    endpointSecrets: expanded,
    retryUnsafe,
    appendId: !values.noAppendId,
    clock: host.clock,
    ...(idField === undefined ? {} : { idField }),
    ...(body === undefined ? {} : { body }),
    ...(pick === undefined ? {} : { pick }),
    ...(schema === undefined ? {} : { responseSchema: schema }),
    ...(acceptStatus.length === 0 ? {} : { acceptStatus }),
    ...(batch === undefined ? {} : { batch }),
    ...(tls === undefined ? {} : { tls }),
    ...(credentials === undefined ? {} : { credentials: credentials.provider }),
    tokenHeader: values.tokenHeader,
    tokenRefreshOn: values.tokenRefreshOn,
    ...(values.poll ? { poll: pollOptions(values) } : {}),
  };
}

function pollOptions({ pollUrl: url, pollUntil: until, pollFailed: failed }: EnrichValues): PollOptions {
  return {
    ...(url === undefined ? {} : { url }),
    ...(until === undefined ? {} : { until }),
    ...(failed === undefined ? {} : { failed }),
  };
}

function batchOptions({ batch, batchKey }: Resolved<'enrich'>['values']): BatchOptions | undefined {
  if (batch === undefined) return undefined;
  return { size: batch, key: pointerTokens(batchKey ?? '') ?? [] };
}

async function readSchema(file: string, host: Host): Promise<ResponseSchema> {
  const path = resolve(host.cwd, file);
  let text: string;
  try {
    text = readNamedFile(path).toString('utf8');
  } catch (error) {
    const { message, hint } = cannotRead(file, error, path);
    throw new UsageError(`--response-schema: ${message}`, { hint: hint ?? 'name a JSON Schema file', cause: error });
  }
  const { loadResponseSchema } = await import('../../io/http/response-schema.js');
  return loadResponseSchema(text, file);
}

/** The proxy of the environment for what is no endpoint; throws a UsageError for one that can't be used. */
export function proxyTo(origin: string, env: Host['env']): Proxy | undefined {
  return proxyFor(origin, proxyOf(env));
}

function proxyOf(env: Host['env']): NonNullable<HttpClientOptions['proxy']> {
  return {
    http: env['HTTP_PROXY'] || env['http_proxy'],
    https: env['HTTPS_PROXY'] || env['https_proxy'],
    no: env['NO_PROXY'] || env['no_proxy'],
  };
}
