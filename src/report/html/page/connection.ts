/**
 * The page's connection to the process. A WebSocket that was refused shows no status, so the page asks `GET /api/run`
 * first. It comes back after a loss or a gap, but not after the end, nor when it is not let in.
 */

import type { LiveMessage } from '../../../core/live/messages.js';
import { readMessage } from './live-message.js';
import { afterStatus, NORMAL_CLOSE, NOT_YET, retryDelayMs } from './reconnect.js';

/** What the connection needs of a browser. */
export interface Browser {
  /** The status of `GET /api/run`; 0 without an answer. */
  status(): Promise<number>;
  open(on: SocketEvents): OpenSocket;
  /** Returns what calls it off. */
  after(ms: number, listener: () => void): () => void;
  /** 0 to 1. */
  random(): number;
}

export interface SocketEvents {
  readonly opened: () => void;
  readonly message: (data: unknown) => void;
  readonly closed: (code: number) => void;
}

export interface OpenSocket {
  close(): void;
}

/** Nobody answers; there is no run to show yet; HTTP is answered, but no WebSocket opens; something that was said is missing. */
export type WaitReason = 'unanswered' | 'not yet' | 'no socket' | 'gap';

export type LinkState =
  | { readonly is: 'connecting' | 'open' | 'silent' | 'ended' | 'closed' | 'other version' }
  /** Another try in so many milliseconds. */
  | { readonly is: 'waiting'; readonly ms: number; readonly why: WaitReason }
  | { readonly is: 'refused'; readonly status: number };

export interface Listener {
  /** False when something before this message is missing. */
  message(message: LiveMessage): boolean;
  state(state: LinkState): void;
}

/** Without a message for so long the page says so: the process tells at least its time. */
export const SILENT_MS = 20_000;
/** So long may it take until a WebSocket is open. */
export const OPENING_MS = 10_000;

export class Connection {
  readonly #browser: Browser;
  readonly #listener: Listener;
  #socket: OpenSocket | undefined;
  #failed = 0;
  /** Raised with every try: what an earlier one still hears is not listened to. */
  #try = 0;
  #isOver = false;
  #callOff = (): void => {};

  constructor(browser: Browser, listener: Listener) {
    this.#browser = browser;
    this.#listener = listener;
  }

  /** Connects now, also when it waits for the next try. Does nothing while it is connected or once all is over. */
  async connect(): Promise<void> {
    if (this.#isOver || this.#socket !== undefined) return;
    const mine = this.#next();
    this.#listener.state({ is: 'connecting' });
    const status = await this.#browser.status();
    if (mine !== this.#try) return;
    const then = afterStatus(status);
    if (then === 'open') this.#open(mine);
    else if (then === 'wait') this.#wait(status === NOT_YET ? 'not yet' : 'unanswered');
    else this.#over({ is: 'refused', status });
  }

  /** Ends it for good. */
  stop(): void {
    this.#next();
    this.#isOver = true;
  }

  #open(mine: number): void {
    let isOpen = false;
    const listen = (listener: () => void): void => {
      if (mine === this.#try) listener();
    };
    this.#callOff = this.#browser.after(OPENING_MS, () => this.#wait('no socket'));
    this.#socket = this.#browser.open({
      opened: () =>
        listen(() => {
          isOpen = true;
          this.#isWell();
        }),
      message: (data) => listen(() => this.#heard(data)),
      closed: (code) => listen(() => this.#closed(code, isOpen)),
    });
  }

  #heard(data: unknown): void {
    const message = readMessage(data);
    if (message === 'other version') return this.#over({ is: 'other version' });
    if (message === undefined || !this.#listener.message(message)) return this.#wait('gap');
    if (message.type === 'end') return this.#over({ is: 'ended' });
    this.#failed = 0;
    this.#isWell();
  }

  #isWell(): void {
    this.#callOff();
    this.#callOff = this.#browser.after(SILENT_MS, () => this.#listener.state({ is: 'silent' }));
    this.#listener.state({ is: 'open' });
  }

  #closed(code: number, wasOpen: boolean): void {
    if (code === NORMAL_CLOSE) this.#over({ is: 'closed' });
    else this.#wait(wasOpen ? 'unanswered' : 'no socket');
  }

  #wait(why: WaitReason): void {
    this.#next();
    const ms = retryDelayMs(this.#failed++, this.#browser.random());
    this.#callOff = this.#browser.after(ms, () => void this.connect());
    this.#listener.state({ is: 'waiting', ms, why });
  }

  #over(state: LinkState): void {
    this.stop();
    this.#listener.state(state);
  }

  /** Lets go of all that the try before has begun. */
  #next(): number {
    this.#callOff();
    this.#callOff = () => {};
    const socket = this.#socket;
    this.#socket = undefined;
    this.#try++;
    socket?.close();
    return this.#try;
  }
}
