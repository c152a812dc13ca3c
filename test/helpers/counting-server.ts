import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../src/core/ports.js';
import { type FaultServer, serve } from './fault-server.js';

/** What a server has seen. */
export interface Seen {
  /** `GET /cases/C-1`, in the order of arrival. */
  readonly requests: readonly string[];
  /** Requests under way now, and the most at once. */
  readonly inFlight: number;
  readonly mostInFlight: number;
}

export type Respond = (request: IncomingMessage, response: ServerResponse, seen: Seen) => unknown;

export interface CountingServer {
  readonly url: string;
  readonly server: FaultServer;
  readonly stats: Seen;
}

/** An HTTP server that counts. Without `respond` every request is answered with `{"ok":true}`. */
export async function countingServer(respond: Respond = (_, response) => answer(response)): Promise<CountingServer> {
  const stats = { requests: [] as string[], inFlight: 0, mostInFlight: 0 };
  const server = await serve((request, response) => {
    stats.requests.push(`${request.method} ${request.url}`);
    stats.mostInFlight = Math.max(stats.mostInFlight, ++stats.inFlight);
    response.once('close', () => stats.inFlight--);
    return respond(request, response, stats);
  });
  return { url: server.url, server, stats };
}

/** Answers JSON, `{"ok":true}` by default. */
export function answer(response: ServerResponse, value: unknown = { ok: true }, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Answers every request so much later. */
export function answerAfter(ms: number, clock: Clock): Respond {
  return (_, response) => void clock.setTimer(ms, () => answer(response));
}

/** The last segment of the path: the case's id. */
export function idOf({ url = '' }: IncomingMessage): string {
  return decodeURIComponent(url.split('?')[0]?.split('/').at(-1) ?? '');
}
