/** The live page as a run serves it, with its real guard and WebSockets; a test says what the run says. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hash } from 'node:crypto';
import { realClock } from '../../src/host.js';
import type { FeedSocket } from '../../src/core/live/feed-socket.js';
import type { LiveMessage } from '../../src/core/live/messages.js';
import { openWebServer, type WebServer } from '../../src/io/web/server.js';
import { webRoutes } from '../../src/io/web/routes.js';
import { liveDocument, livePolicy } from '../../src/report/html/live-document.js';
import { openUncheckedServer } from './unchecked-server.js';

export const TOKEN = 'token-of-the-live-page-0123456789';

const SCRIPT_FILE = fileURLToPath(new URL('../../dist/page/live.js', import.meta.url));

export interface LiveServerOptions {
  readonly port?: number;
  readonly control?: boolean;
  /** Without the guard: what an attack must succeed against. */
  readonly unchecked?: boolean;
}

export class LiveServer implements AsyncDisposable {
  readonly url: string;
  /** Requests to stop that have come through. */
  stops = 0;
  /** Sockets that have been let in, now or before. */
  joined = 0;
  readonly #server: WebServer;
  readonly #sockets: Set<FeedSocket>;

  private constructor(server: WebServer, sockets: Set<FeedSocket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.url = server.url;
  }

  /** Sends `first` to whoever joins. */
  static async open(first: readonly LiveMessage[], options: LiveServerOptions = {}): Promise<LiveServer> {
    const text = readFileSync(SCRIPT_FILE, 'utf8');
    const script = { text, source: `'sha256-${hash('sha256', text, 'base64')}'` };
    const page = liveDocument(script, { control: options.control ?? false, version: '0.1.0' });
    const sockets = new Set<FeedSocket>();
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': livePolicy(script) };
    const routes = webRoutes();
    routes.get('/', () => new Response(page, { headers }));
    routes.get('/api/run', (context) => context.json(first[0] ?? {}));
    routes.post('/api/run/stop', (context) => {
      if (options.control !== true) return context.json({ error: 'read_only', message: 'not to be stopped' }, 403);
      live.stops++;
      return context.json({}, 202);
    });
    const join = (socket: FeedSocket): void => {
      live.joined++;
      sockets.add(socket);
      socket.onClose(() => sockets.delete(socket));
      for (const message of first) socket.send(JSON.stringify(message));
    };
    const open = options.unchecked === true ? openUncheckedServer : openWebServer;
    const server = await open({
      host: '127.0.0.1',
      port: options.port ?? 0,
      token: TOKEN,
      fetch: (request) => routes.fetch(request),
      socketRoute: (path) => (path === '/api/run/events' ? join : undefined),
      clock: realClock,
      openPaths: ['/'],
    });
    const live = new LiveServer(server, sockets);
    return live;
  }

  /** The address with its token. */
  get address(): string {
    return `${this.url}/#${TOKEN}`;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  say(...messages: readonly LiveMessage[]): void {
    for (const socket of this.#sockets) for (const message of messages) socket.send(JSON.stringify(message));
  }

  /** Ends all connections without a goodbye. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
