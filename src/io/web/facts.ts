/** What the guard and the routes need of a request, as Node.js has it. */

import type { IncomingMessage } from 'node:http';
import type { RequestFacts } from './guard.js';

/** The target of the request, of which only path and query count; undefined for one that is no path, as a proxy is sent. */
export function targetOf(request: IncomingMessage): URL | undefined {
  const { url = '' } = request;
  if (!url.startsWith('/')) return undefined;
  try {
    // Put together rather than resolved: `//elsewhere` is a path too.
    return new URL(`http://localhost${url}`);
  } catch {
    return undefined;
  }
}

/** The facts of a request with this path. */
export function factsOf(request: IncomingMessage, path: string): RequestFacts {
  const header = (name: string): string | undefined => only(request.headersDistinct[name]);
  return {
    method: request.method ?? '',
    path,
    host: header('host'),
    // One that came several times is not our own.
    origin: request.headers.origin,
    fetchSite: joined(request.headersDistinct['sec-fetch-site']),
    fetchMode: header('sec-fetch-mode'),
    fetchDest: header('sec-fetch-dest'),
    authorization: header('authorization'),
    upgrades: isWebSocket(request),
    protocols: isWebSocket(request) ? offeredProtocols(request) : [],
  };
}

/** True when it asks for a WebSocket. */
export function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** True while some of the request's body has not arrived. */
export function isBodyLeft(request: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  return !request.complete && (coding !== undefined || (length !== undefined && length !== '0'));
}

function offeredProtocols(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
}

function only(values: readonly string[] | undefined): string | undefined {
  return values?.length === 1 ? values[0] : undefined;
}

function joined(values: readonly string[] | undefined): string | undefined {
  return values?.join(', ');
}
