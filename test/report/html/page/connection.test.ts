import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LiveMessage } from '../../../../src/core/live/messages.js';
import {
  type Browser,
  Connection,
  type LinkState,
  OPENING_MS,
  SILENT_MS,
  type SocketEvents,
} from '../../../../src/report/html/page/connection.js';
import { afterStatus, retryDelayMs } from '../../../../src/report/html/page/reconnect.js';
import { FakeClock } from '../../../helpers/clock.js';
import { liveEnd, liveSnapshot, liveUpdate } from '../../../helpers/live-messages.js';

test('another try comes after 0.5 to 10 s, later and later', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.double({ min: 0, max: 1, noNaN: true }), (failed, random) => {
      const ms = retryDelayMs(failed, random);
      expect(ms).toBeGreaterThanOrEqual(500);
      expect(ms).toBeLessThanOrEqual(10_000);
    }),
  );
  expect([0, 1, 2, 3, 4, 5].map((failed) => retryDelayMs(failed, 1))).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  expect(retryDelayMs(9, 0.5)).toBe(5250);
});

test.each([
  [200, 'open'],
  [0, 'wait'],
  [429, 'wait'],
  [502, 'wait'],
  [503, 'wait'],
  [401, 'stop'],
  [403, 'stop'],
  [404, 'stop'],
  [421, 'stop'],
])('after status %i: %s', (status, then) => {
  expect(afterStatus(status)).toBe(then);
});

/** A browser whose answers a test gives. */
class FakeBrowser implements Browser {
  readonly clock = new FakeClock();
  answer = 200;
  asked = 0;
  readonly sockets: SocketEvents[] = [];
  closed = 0;

  status(): Promise<number> {
    this.asked++;
    return Promise.resolve(this.answer);
  }
  open(on: SocketEvents): { close(): void } {
    this.sockets.push(on);
    return { close: () => this.closed++ };
  }
  after(ms: number, listener: () => void): () => void {
    const timer = this.clock.setTimer(ms, listener);
    return () => timer.cancel();
  }
  random(): number {
    return 0;
  }
  get socket(): SocketEvents {
    const last = this.sockets.at(-1);
    if (last === undefined) throw new Error('no WebSocket was opened');
    return last;
  }
}

describe('connection', () => {
  async function connected(): Promise<{
    browser: FakeBrowser;
    connection: Connection;
    states: LinkState[];
    heard: LiveMessage[];
  }> {
    const browser = new FakeBrowser();
    const [states, heard]: [LinkState[], LiveMessage[]] = [[], []];
    const connection = new Connection(browser, {
      state: (state) => void states.push(state),
      message: (message) => heard.push(message) > 0 && message.seq !== 99,
    });
    await connection.connect();
    browser.socket.opened();
    return { browser, connection, states, heard };
  }
  /** Lets time pass, and the promises settle that it brings. */
  async function pass(browser: FakeBrowser, ms: number): Promise<void> {
    browser.clock.advance(ms);
    await new Promise((resolve) => void setImmediate(resolve));
  }

  const say = (browser: FakeBrowser, message: LiveMessage): void => browser.socket.message(JSON.stringify(message));

  test('asks for the status first, then opens the WebSocket', async () => {
    const { browser, states, heard } = await connected();
    say(browser, liveSnapshot());
    expect([browser.asked, browser.sockets.length, heard.length]).toEqual([1, 1, 1]);
    expect(states.map(({ is }) => is)).toEqual(['connecting', 'open', 'open']);
  });

  test('comes back after it was cut, asking for the status again', async () => {
    const { browser, states } = await connected();
    browser.socket.closed(1006);
    expect(states.at(-1)).toEqual({ is: 'waiting', ms: 500, why: 'unanswered' });
    await pass(browser, 500);
    expect([browser.asked, browser.sockets.length]).toEqual([2, 2]);
  });

  test('a run that has not begun is waited for', async () => {
    const { browser, states } = await connected();
    browser.answer = 503;
    browser.socket.closed(1006);
    await pass(browser, 500);
    expect(states.at(-1)).toMatchObject({ is: 'waiting', why: 'not yet' });
    browser.answer = 200;
    await pass(browser, 10_000);
    expect(browser.sockets.length).toBe(2);
  });

  test('stops on 401, whatever is tried', async () => {
    const { browser, connection, states } = await connected();
    browser.answer = 401;
    browser.socket.closed(1006);
    await pass(browser, 500);
    expect(states.at(-1)).toEqual({ is: 'refused', status: 401 });
    await pass(browser, 60_000);
    await connection.connect();
    expect(browser.asked).toBe(2);
    expect(browser.clock.timers).toBe(0);
  });

  test('never comes back after the end, however it is closed', async () => {
    const { browser, connection, states } = await connected();
    const { socket } = browser;
    say(browser, liveEnd());
    socket.closed(1006);
    await connection.connect();
    expect(states.at(-1)).toEqual({ is: 'ended' });
    expect([browser.asked, browser.clock.timers]).toEqual([1, 0]);
  });

  test('a goodbye without an end is the last too', async () => {
    const { browser, states } = await connected();
    browser.socket.closed(1000);
    expect(states.at(-1)).toEqual({ is: 'closed' });
    expect(browser.clock.timers).toBe(0);
  });

  test('a gap, or what is no message: closes and comes back', async () => {
    for (const data of [JSON.stringify(liveUpdate(99)), 'nonsense']) {
      const { browser, states } = await connected();
      browser.socket.message(data);
      expect(states.at(-1)).toEqual({ is: 'waiting', ms: 500, why: 'gap' });
      expect(browser.closed).toBe(1);
      await pass(browser, 500);
      expect(browser.sockets.length).toBe(2);
    }
  });

  test('what an earlier WebSocket still says is not heard', async () => {
    const { browser, heard } = await connected();
    const { socket } = browser;
    socket.closed(1006);
    await pass(browser, 500);
    socket.message(JSON.stringify(liveSnapshot()));
    socket.closed(1006);
    expect(heard).toEqual([]);
    expect(browser.sockets.length).toBe(2);
  });

  test('a WebSocket that does not open, while HTTP is answered, is told apart', async () => {
    const { browser, states } = await connected();
    browser.socket.closed(1006);
    await pass(browser, 500);
    browser.socket.closed(1006);
    expect(states.at(-1)).toMatchObject({ is: 'waiting', why: 'no socket' });
    await pass(browser, 500);
    await pass(browser, OPENING_MS);
    const reasons = states.flatMap((state) => (state.is === 'waiting' ? state.why : []));
    expect(reasons).toEqual(['unanswered', 'no socket', 'no socket']);
  });

  test('says when nothing has come for long, and when it comes again', async () => {
    const { browser, states } = await connected();
    await pass(browser, SILENT_MS);
    expect(states.at(-1)).toEqual({ is: 'silent' });
    say(browser, liveSnapshot());
    expect(states.at(-1)).toEqual({ is: 'open' });
  });

  test('a page of another version says so and stops', async () => {
    const { browser, states } = await connected();
    browser.socket.message('{"v":2,"type":"update","seq":1}');
    expect(states.at(-1)).toEqual({ is: 'other version' });
    expect(browser.clock.timers).toBe(0);
  });
});
