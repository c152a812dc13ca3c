/** The request for a case: path, body, and the hashes that identify it. */

import { hash } from 'node:crypto';
import type { Case } from '../../core/case.js';
import { compileBody } from './body-template.js';
import type { ExportNames } from './placeholders.js';
import type { Endpoint } from './endpoint.js';

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

/** One case's request, the same for all its attempts. */
export class HttpRequest {
  readonly path: string;
  readonly body: string | undefined;
  readonly idempotencyKey: string | undefined;

  constructor(path: string, body: string | undefined, idempotencyKey: string | undefined) {
    this.path = path;
    this.body = body;
    this.idempotencyKey = idempotencyKey;
  }
}

export interface RequestOptions extends ExportNames {
  readonly endpoint: Endpoint;
  readonly method: HttpMethod;
  /** The body's template; the case's source text without one. */
  readonly body: string | undefined;
  /** Whether the body is declared to be JSON. */
  readonly json: boolean;
  /** Called for a placeholder in the body that is probably misspelt. */
  readonly misspelt: (name: string, meant: string) => void;
  /** Stands for the origin in hashes, so that a built-in endpoint has the same keys on any port. */
  readonly keyOrigin: string;
  /** Settings that change what the answer becomes, and so the key: pick, into, schema. */
  readonly identity: readonly string[];
}

export interface RequestBuilder {
  build(aCase: Case): HttpRequest | { readonly problem: string };
  /** 22 characters of base64url: 132 bits of a hash over the whole request. */
  key(aCase: Case, request: HttpRequest): string;
}

/** True for the methods that send a body. */
export function sendsBody(method: HttpMethod): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

export function requestBuilder(options: RequestOptions): RequestBuilder {
  const { endpoint, method, body, keyOrigin } = options;
  const makeBody = body === undefined ? sourceText : compileBody(body, options);
  const hasBody = sendsBody(method);
  const base = joined([...options.identity, method, keyOrigin]);
  return {
    build(aCase) {
      const rendered = endpoint.render(aCase);
      if ('problem' in rendered) return rendered;
      if (!hasBody) return new HttpRequest(rendered.path, undefined, undefined);
      const text = makeBody(aCase);
      const key = digest(joined([aCase.id, method, keyOrigin + rendered.path, text]));
      return new HttpRequest(rendered.path, text, key);
    },
    key(aCase, { path, body: text }) {
      // The case's own text is part of the hash already.
      const own = body === undefined ? '' : (text ?? '');
      return digest(`${base}${path.length}:${path}${aCase.text.length}:${aCase.text}${own.length}:${own}`);
    },
  };
}

/** One request for several: the array of their bodies, recognised by all their keys together. */
export function combineRequests(requests: readonly HttpRequest[]): HttpRequest {
  const body = `[${requests.map((request) => request.body ?? 'null').join(',')}]`;
  const key = digest(joined(requests.map((request) => request.idempotencyKey ?? '')));
  return new HttpRequest(requests[0]?.path ?? '/', body, key);
}

function sourceText(aCase: Case): string {
  return aCase.text;
}

/** The parts with their lengths, so that different lists never give the same text. */
function joined(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  return text;
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}
