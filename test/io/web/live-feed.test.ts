import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunState } from '../../../src/core/results/run-state.js';
import { FRAME_MS, LiveFeed, STUCK_MS } from '../../../src/io/web/live-feed.js';
import { FakeClock } from '../../helpers/clock.js';
import { FakeSocket } from '../../helpers/fake-socket.js';
import { sampleProgress, sampleRun, sampleSummary } from '../../helpers/run-view.js';
import { failed } from '../../helpers/samples.js';

const ENDED = { run: sampleRun, summary: sampleSummary, exitCode: 1, groups: [] };
const FAILED = failed('a', { kind: 'http', message: 'no' });

let clock: FakeClock;
let feed: LiveFeed;
let reads: number;

beforeEach(() => {
  clock = new FakeClock();
  feed = new LiveFeed({ clock });
  reads = 0;
});

function start(): void {
  const state = (): RunState => {
    reads++;
    return { ...sampleProgress, done: reads };
  };
  feed.watcher.started?.(sampleRun, state);
}

function joined(socket = new FakeSocket()): FakeSocket {
  feed.join(socket);
  return socket;
}

async function end(): Promise<void> {
  await feed.watcher.drained?.();
  await feed.watcher.ended?.(ENDED);
}

function frames(count: number): void {
  clock.advance(count * FRAME_MS);
}

test('a client gets a snapshot, then what changes, then the end', async () => {
  start();
  const socket = joined();
  frames(3);
  await end();
  expect(socket.types).toEqual(['snapshot', 'update', 'update', 'update', 'update', 'end']);
  const seqs = socket.messages.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, at) => Number(seqs[0]) + at));
  expect(socket.messages.at(-1)).toMatchObject({
    exitCode: 1,
    verdict: { ok: false, text: '16 of 2,963 cases were not enriched', ended: 'complete' },
  });
  expect(socket.ended).toBe(1000);
});

test('at most four messages a second', () => {
  start();
  const socket = joined();
  for (let at = 0; at < 1_000; at++) {
    feed.watcher.delivered?.([FAILED]);
    clock.advance(10);
  }
  expect(socket.texts.length).toBe(1 + 40);
});

test('who joins before the run begins waits for it', () => {
  const socket = joined();
  frames(2);
  expect([feed.message(), feed.state(), socket.texts]).toEqual([null, null, []]);
  start();
  expect(socket.types).toEqual(['snapshot']);
  frames(1);
  expect(socket.types).toEqual(['snapshot', 'update']);
});

test('who joins while it goes on gets a snapshot at once', () => {
  start();
  const [first, second] = [joined(), joined()];
  expect([first.types, second.types]).toEqual([['snapshot'], ['snapshot']]);
  frames(1);
  expect(first.messages[1]).toEqual(second.messages[1]);
});

test('a message is encoded once, whatever the number of clients', () => {
  start();
  const sockets = Array.from({ length: 16 }, () => joined());
  const stringify = vi.spyOn(JSON, 'stringify');
  frames(1);
  const encoded = stringify.mock.calls.filter(([value]) => (value as { v?: number }).v === 1).length;
  stringify.mockRestore();
  expect(encoded).toBe(1);
  expect(new Set(sockets.map(({ texts }) => texts[1])).size).toBe(1);
});

test('nothing is encoded while nobody is there', async () => {
  start();
  const socket = joined();
  frames(1);
  socket.leave();
  const stringify = vi.spyOn(JSON, 'stringify');
  frames(40);
  expect(feed.message()?.seq).toBe(socket.messages.at(-1)?.seq);
  await end();
  const encoded = stringify.mock.calls.filter(([value]) => (value as { v?: number }).v === 1).length;
  stringify.mockRestore();
  expect(encoded).toBe(0);
  expect(socket.types).toEqual(['snapshot', 'update']);
});

test('without clients the course is still taken down', () => {
  start();
  clock.advance(5_000);
  expect(feed.message()).toMatchObject({ type: 'snapshot', series: { rows: { length: 6 } } });
});

describe('a client that does not keep up', () => {
  test('skips messages and gets a snapshot next; others are not held up', () => {
    start();
    const [slow, quick] = [joined(), joined()];
    frames(1);
    slow.isStuck = true;
    frames(1);
    frames(10);
    expect(slow.types).toEqual(['snapshot', 'update', 'update']);
    expect(quick.types.length).toBe(13);
    slow.isStuck = false;
    slow.bufferedBytes = 0;
    feed.watcher.delivered?.([FAILED]);
    frames(2);
    expect(slow.types).toEqual(['snapshot', 'update', 'update', 'snapshot', 'update']);
    expect(slow.messages.at(-1)?.seq).toBe(quick.messages.at(-1)?.seq);
    expect(slow.messages[3]).toMatchObject({ failures: [{ caseId: 'a' }] });
  });

  test(`is ended when it has taken nothing for ${STUCK_MS} ms`, () => {
    start();
    const socket = joined();
    socket.isStuck = true;
    frames(1);
    const held = socket.bufferedBytes;
    clock.advance(STUCK_MS);
    expect(socket.ended).toBeUndefined();
    frames(1);
    expect(socket.ended).toBe('terminated');
    expect(socket.bufferedBytes).toBe(held);
  });

  test('one that has taken something in between is not', () => {
    start();
    const socket = joined();
    socket.isStuck = true;
    for (let at = 0; at < 10; at++) {
      clock.advance(STUCK_MS / 2);
      socket.bufferedBytes = 0;
    }
    expect(socket.ended).toBeUndefined();
  });

  test('is told the end all the same, once more than it holds', async () => {
    start();
    const socket = new FakeSocket();
    socket.isStuck = true;
    joined(socket);
    frames(4);
    await end();
    expect(socket.types).toEqual(['snapshot', 'end']);
    expect(socket.ended).toBe(1000);
  });
});

test('one whose connection breaks while it is told is let go, and nobody else notices', async () => {
  start();
  const [broken, fine] = [joined(), joined()];
  frames(1);
  broken.isBroken = true;
  frames(1);
  expect(broken.ended).toBe('terminated');
  await end();
  expect(fine.types.at(-1)).toBe('end');
});

test('a change of the time that a row covers comes as a snapshot', () => {
  start();
  const socket = joined();
  clock.advance(299_900);
  expect(socket.types.filter((type) => type === 'snapshot')).toHaveLength(1);
  clock.advance(1_000);
  const snapshots = socket.messages.filter(({ type }) => type === 'snapshot');
  expect(snapshots).toMatchObject([{ series: { stepMs: 1_000 } }, { series: { stepMs: 2_000 } }]);
});

test('what changes is told once, to those who were there and those who came between', () => {
  start();
  const first = joined();
  frames(1);
  feed.watcher.delivered?.([FAILED]);
  const second = joined();
  feed.message();
  frames(2);
  const told = (socket: FakeSocket): number =>
    socket.messages.reduce((sum, message) => sum + ('failures' in message ? message.failures.length : 0), 0);
  expect([told(first), told(second)]).toEqual([1, 1]);
});

test('the first one there is told of failures before it once', () => {
  start();
  feed.watcher.delivered?.([FAILED]);
  const socket = joined();
  expect(socket.messages[0]).toMatchObject({ type: 'snapshot', failures: [{ caseId: 'a' }] });
  frames(1);
  expect(socket.messages[1]).toMatchObject({ type: 'update', failures: [], groups: [] });
});

test('after the end everybody who asks is told all of it', async () => {
  start();
  frames(4);
  await end();
  expect(feed.message()).toMatchObject({ type: 'end', exitCode: 1 });
  const late = joined();
  expect(late.types).toEqual(['snapshot', 'end']);
  expect(late.messages[1]?.seq).toBe(Number(late.messages[0]?.seq) + 1);
  expect([late.ended, feed.hasEnded]).toEqual([1000, true]);
});

test('once drained it asks for no state and has no timer', async () => {
  start();
  joined();
  await feed.watcher.drained?.();
  const before = reads;
  expect(clock.timers).toBe(0);
  clock.advance(10_000);
  feed.message();
  feed.state();
  expect(reads).toBe(before);
});

test('disposed of without an end, it has no timer, and who is there may ask again', () => {
  start();
  const socket = joined();
  feed[Symbol.dispose]();
  expect([clock.timers, socket.types, socket.ended]).toEqual([0, ['snapshot'], 1001]);
});

test('where nothing could be read, or nobody reads the output, there is an end all the same', async () => {
  start();
  const socket = joined();
  await feed.watcher.drained?.();
  await feed.watcher.lost?.({ ...ENDED, run: { ...sampleRun, stoppedBy: 'input' }, exitCode: 3 });
  expect(socket.messages.at(-1)).toMatchObject({ type: 'end', exitCode: 3, run: { stoppedBy: 'input' } });
  expect([socket.ended, feed.hasEnded]).toEqual([1000, true]);
});
