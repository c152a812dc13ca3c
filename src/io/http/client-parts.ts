/** The parts of the client for HTTP that are made from its options once. */

import { secretsOfHeaders } from '../../core/secrets.js';
import { UsageError } from '../../errors.js';
import { pointerTokens } from '../../json/pointer.js';
import { createRedactor, type Redactor } from '../secrets/redact.js';
import type { AnswerRules } from './answer.js';
import type { HttpClientOptions } from './client-options.js';
import type { Endpoint } from './endpoint.js';
import type { Header } from './headers.js';
import type { PollOptions, PollPlan } from './poll.js';
import { compilePollUrl } from './poll-place.js';
import type { Proxy } from './proxy.js';
import {
  HTTP_METHODS,
  type HttpMethod,
  requestBuilder,
  type RequestBuilder,
  type RequestOptions,
  sendsBody,
} from './request.js';

export function pollPlan(options: PollOptions, origin: string, { fieldNames, idField }: HttpClientOptions): PollPlan {
  const { url, ...matches } = options;
  return { ...matches, place: url === undefined ? undefined : compilePollUrl(url, origin, { fieldNames, idField }) };
}

export function checkedMethod(options: HttpClientOptions): HttpMethod {
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

export function requestsOf(
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

export function rulesOf(options: HttpClientOptions): AnswerRules {
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

export function redactorOf(
  options: HttpClientOptions,
  endpoints: readonly (Endpoint | undefined)[],
  headers: readonly Header[],
  proxy: Proxy | undefined,
): Redactor {
  const ofProxy = proxy?.secrets ?? [];
  const ofUrls = endpoints.flatMap((endpoint) => endpoint?.secrets ?? []);
  return createRedactor([
    ...ofUrls,
    ...secretsOfHeaders(headers),
    ...ofProxy,
    ...(options.tls?.secrets ?? []),
    ...(options.secrets ?? []),
  ]);
}
