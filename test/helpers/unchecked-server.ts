import { openWebServer, type WebServer, type WebServerOptions } from '../../src/io/web/server.js';

/** The same server without its guard: what an attack must be able to take over, or its test proves nothing. */
export function openUncheckedServer(options: Omit<WebServerOptions, 'check'>): Promise<WebServer> {
  return openWebServer({ ...options, check: () => null });
}
