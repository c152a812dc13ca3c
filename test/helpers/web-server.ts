import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { LIVE_PROTOCOL } from '../../src/core/live/messages.js';
import { realClock } from '../../src/host.js';
import { openWebServer, type WebServer, type WebServerOptions } from '../../src/io/web/server.js';
import { FakeClock } from './clock.js';

export const TOKEN = 'k3Jd-8_fQ.w~2LmNpR';
export const BEARER = { authorization: `Bearer ${TOKEN}` };

export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** What `onBug` was told. */
  readonly bugs: readonly unknown[];
  close(): Promise<void>;
}

/** The server on a free port; every request is answered with `{"ok":true}` unless something else is given. Closed when the test ends. */
export async function webServer(options: Partial<WebServerOptions> = {}): Promise<TestServer> {
  const bugs: unknown[] = [];
  const server = await openWebServer({
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    fetch: () => Response.json({ ok: true }),
    socketRoute: () => undefined,
    clock: realClock,
    onBug: (error) => void bugs.push(error),
    ...options,
  });
  const close = (): Promise<void> => closed(server, options);
  onTestFinished(close);
  return { url: server.url, port: Number(new URL(server.url).port), bugs, close };
}

function closed(server: WebServer, { clock }: Partial<WebServerOptions>): Promise<void> {
  const closing = Promise.resolve(server[Symbol.asyncDispose]());
  return clock instanceof FakeClock ? clock.passDuring(closing, 10) : closing;
}

/** A bare TCP connection that keeps what it receives. */
export class RawClient {
  readonly socket: Socket;
  #received = '';
  readonly #waiting = new Set<() => void>();

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.on('error', () => {}).on('close', () => this.#told());
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.#received += text;
      this.#told();
    });
    onTestFinished(() => void this.socket.destroy());
  }

  get received(): string {
    return this.#received;
  }

  get isClosed(): boolean {
    return this.socket.closed;
  }

  send(text: string | Uint8Array): this {
    this.socket.write(text);
    return this;
  }

  /** Resolves with what was received when it contains the text; rejects when the connection ends before. */
  async until(text: string): Promise<string> {
    while (!this.#received.includes(text)) {
      if (this.isClosed) throw new Error(`closed after ${JSON.stringify(this.#received)}`);
      await new Promise<void>((resolve) => void this.#waiting.add(resolve));
    }
    return this.#received;
  }

  /** Resolves with all that was received when the connection has ended. */
  async ended(): Promise<string> {
    if (!this.isClosed) await once(this.socket, 'close');
    return this.#received;
  }

  #told(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** A request as it goes over the wire: `host` is loopback's and the token is there, unless headers say otherwise. */
export function rawRequest(target: string, headers: Readonly<Record<string, string | undefined>> = {}): string {
  const [method = 'GET', path = '/'] = target.includes(' ') ? target.split(' ') : ['GET', target];
  const all = Object.entries({ host: '127.0.0.1', ...BEARER, ...headers });
  const lines = all.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** The headers that make a request a WebSocket's. */
export const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
} as const;

/** A WebSocket with the right token, once it is open. */
export async function openSocket(server: Pick<TestServer, 'url'>, path: string): Promise<WebSocket> {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, [LIVE_PROTOCOL, `bearer.${TOKEN}`]);
  onTestFinished(() => socket.terminate());
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}

/** A promise that is settled from outside. */
export function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((fulfil) => (resolve = fulfil));
  return { promise, resolve };
}
