/** A program that watches a run: it takes the address from stderr, and all messages until it is closed. */

import { once } from 'node:events';
import { WebSocket } from 'ws';
import { LIVE_PROTOCOL, type LiveMessage } from '../../src/core/live/messages.js';

export interface LiveAddress {
  /** `http://127.0.0.1:PORT`. */
  readonly base: string;
  readonly token: string;
}

/** The address that the run has printed; undefined while it has not. */
export function addressIn(stderr: string): LiveAddress | undefined {
  const [, base = '', token = ''] = /(http:\/\/\S+?)\/#([\w.~-]+)/.exec(stderr) ?? [];
  return base === '' ? undefined : { base, token };
}

/** The address, once it is there. */
export async function addressOf(stderr: () => string): Promise<LiveAddress> {
  for (;;) {
    const address = addressIn(stderr());
    if (address !== undefined) return address;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Asks with the token. */
export function ask({ base, token }: LiveAddress, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(base + path, { ...init, headers: { authorization: `Bearer ${token}`, connection: 'close' } });
}

export class LiveClient {
  readonly messages: LiveMessage[] = [];
  /** Its close code, once it is closed. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #waiting: (() => void)[] = [];

  constructor({ base, token }: LiveAddress) {
    const socket = new WebSocket(`${base.replace('http', 'ws')}/api/run/events`, [LIVE_PROTOCOL, `bearer.${token}`]);
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString('utf8')) as LiveMessage);
      for (const look of this.#waiting.splice(0)) look();
    });
    socket.on('error', () => {});
    this.closed = once(socket, 'close').then(([code]) => code as number);
  }

  get types(): string[] {
    return this.messages.map(({ type }) => type);
  }

  /** Resolves when a message is as it should be. */
  async sees(fits: (message: LiveMessage) => boolean): Promise<LiveMessage> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Takes nothing any more from its connection. */
  stopReading(): void {
    this.#socket.pause();
  }

  leave(): void {
    this.#socket.terminate();
  }
}
