/** The API as a whole: routes, WebSockets and guard on one port. */

import { openWebServer, type WebServer } from '../server.js';
import { type ApiOptions, apiRoutes, apiSockets } from './routes.js';

export interface ApiServerOptions extends ApiOptions {
  readonly port: number;
  readonly token: string;
  /** Told of a bug in a route. */
  readonly onBug: (error: unknown) => void;
}

const LOOPBACK = '127.0.0.1';

/** Listens on loopback. Rejects with a UsageError when the port is taken. */
export function openApiServer(options: ApiServerOptions): Promise<WebServer> {
  const { port, token, clock, onBug } = options;
  const routes = apiRoutes(options);
  return openWebServer({
    host: LOOPBACK,
    port,
    token,
    clock,
    onBug,
    fetch: (request) => routes.fetch(request),
    socketRoute: apiSockets(options),
  });
}
