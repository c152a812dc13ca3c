/** The browser as the connection and the stop button see it. The page's own origin is all that it ever speaks to. */

import { LIVE_PROTOCOL } from '../../../core/live/messages.js';
import type { Browser, OpenSocket, SocketEvents } from './connection.js';
import { shown } from './live-words.js';
import type { StopAnswer } from './stop-button.js';

const ANSWER_MS = 10_000;
/** For a WebSocket that the browser has refused to open. */
const NEVER_OPEN = 1006;

export class LiveBrowser implements Browser {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async status(): Promise<number> {
    const response = await this.#ask('GET', 'api/run');
    void response?.body?.cancel();
    return response?.status ?? 0;
  }

  async stop(): Promise<StopAnswer> {
    const response = await this.#ask('POST', 'api/run/stop');
    if (response === undefined) return { status: 0, message: '' };
    const { message } = (await response.json().catch(() => ({}))) as { message?: unknown };
    return { status: response.status, message: typeof message === 'string' ? shown(message) : '' };
  }

  open(on: SocketEvents): OpenSocket {
    const url = new URL('api/run/events', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.hash = '';
    try {
      const socket = new WebSocket(url, [LIVE_PROTOCOL, `bearer.${this.#token}`]);
      socket.addEventListener('open', on.opened);
      socket.addEventListener('message', ({ data }) => on.message(data));
      socket.addEventListener('close', ({ code }) => on.closed(code));
      return socket;
    } catch {
      // A token that no subprotocol can be made of: a typing error.
      const timer = setTimeout(() => on.closed(NEVER_OPEN));
      return { close: () => clearTimeout(timer) };
    }
  }

  after(ms: number, listener: () => void): () => void {
    const timer = setTimeout(listener, ms);
    return () => clearTimeout(timer);
  }

  random(): number {
    const [bits = 0] = crypto.getRandomValues(new Uint32Array(1));
    return bits / 2 ** 32;
  }

  /** Undefined without an answer. */
  async #ask(method: 'GET' | 'POST', path: string): Promise<Response | undefined> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER_MS);
    try {
      const headers = { authorization: `Bearer ${this.#token}` };
      const url = new URL(path, new URL('.', location.href));
      return await fetch(url, { method, headers, signal: abort.signal, cache: 'no-store', redirect: 'error' });
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}
