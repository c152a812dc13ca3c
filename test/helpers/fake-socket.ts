import type { FeedSocket } from '../../src/core/live/feed-socket.js';
import type { LiveMessage } from '../../src/core/live/messages.js';

/** A client of a feed in memory: it takes what is sent at once, or holds it back like a browser that has stopped reading. */
export class FakeSocket implements FeedSocket {
  readonly texts: string[] = [];
  readonly #listeners: (() => void)[] = [];
  bufferedBytes = 0;
  /** True for one that takes nothing any more. */
  isStuck = false;
  /** True when sending to it throws. */
  isBroken = false;
  ended: number | 'terminated' | undefined;

  /** What was sent, decoded. */
  get messages(): LiveMessage[] {
    return this.texts.map((text) => JSON.parse(text) as LiveMessage);
  }

  get types(): string[] {
    return this.messages.map(({ type }) => type);
  }

  send(message: string): void {
    if (this.isBroken) throw new Error('it has gone');
    this.texts.push(message);
    if (this.isStuck) this.bufferedBytes += message.length;
  }

  close(code: number): void {
    this.ended ??= code;
  }

  terminate(): void {
    this.ended = 'terminated';
    this.leave();
  }

  onClose(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The client goes away by itself. */
  leave(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
