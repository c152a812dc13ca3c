import { expect, test } from 'vitest';
import type { Connection, Reply } from '../../../src/io/queue/connection.js';
import { QueueAway, RedisLink } from '../../../src/io/queue/link.js';
import { LinkLost, refusalOf } from '../../../src/io/queue/refusals.js';
import { FakeClock } from '../../helpers/clock.js';

/** A Redis that a test can take away. */
function redis() {
  const clock = new FakeClock();
  const state = {
    isUp: true,
    connects: 0,
    sent: [] as string[],
    said: [] as string[],
    lost: (why: string): void => void why,
  };
  let answer: (command: string) => Promise<Reply> = (command) => Promise.resolve(`answer to ${command}`);
  const connect = (lost: (why: string) => void): Promise<Connection> => {
    state.connects++;
    state.lost = lost;
    if (!state.isUp) return Promise.reject(new LinkLost('nothing listens there'));
    return Promise.resolve({
      send([command = '']) {
        state.sent.push(command);
        return state.isUp ? answer(command) : Promise.reject(new LinkLost('closed'));
      },
      subscribe: () => Promise.resolve(),
      destroy: () => {},
    });
  };
  const link = new RedisLink({ connect, clock, timeoutMs: 10_000, where: 'redis://host:6379/0#q' });
  link.watch({
    away: (why) => void state.said.push(`away: ${why}`),
    back: (ms) => void state.said.push(`back after ${ms}`),
  });
  return { link, clock, state, answers: (how: typeof answer) => void (answer = how) };
}

test('a command is made again when its connection is lost, and the absence is said once', async () => {
  const { link, clock, state } = redis();
  await link.open();
  state.isUp = false;
  const answers = [link.call(['ONE']), link.call(['TWO'])];
  for (const one of answers) one.catch(() => {});
  await clock.run(clock.sleep(3_000));
  expect(link.isAway).toBe(true);
  state.isUp = true;
  expect(await clock.run(Promise.all(answers))).toEqual(['answer to ONE', 'answer to TWO']);
  expect(state.said[0]).toBe('away: closed');
  expect(state.said[1]).toMatch(/^back after/);
  expect(state.said).toHaveLength(2);
});

test('a command that must not be made twice is rejected, not repeated', async () => {
  const { link, state } = redis();
  await link.open();
  state.isUp = false;
  await expect(link.callOnce(['TAKE'])).rejects.toBeInstanceOf(LinkLost);
  expect(state.sent).toEqual(['TAKE']);
  link.close();
});

test('Redis is away for too long: what waits is rejected, and so is what comes after', async () => {
  const { link, clock, state } = redis();
  await link.open();
  state.isUp = false;
  const waits = link.call(['ONE']);
  const error: unknown = await clock.run(waits.catch((caught: unknown) => caught));
  expect(error).toBeInstanceOf(QueueAway);
  expect((error as Error).message).toBe('redis://host:6379/0#q: Redis was away for 10s (nothing listens there)');
  await expect(link.call(['TWO'])).rejects.toBe(error);
  expect(clock.timers).toBe(0);
});

test('after a signal it is waited for no longer than is left', async () => {
  const { link, clock, state } = redis();
  await link.open();
  state.isUp = false;
  const began = clock.now();
  const waits = link.call(['ONE']).catch((caught: unknown) => caught);
  await clock.run(clock.sleep(100));
  link.hurry(500);
  await clock.run(waits);
  expect(clock.now() - began).toBe(600);
});

test('the first connection is not waited for', async () => {
  const { link, state } = redis();
  state.isUp = false;
  await expect(link.open()).rejects.toMatchObject({ exitCode: 3 });
  expect(state.connects).toBe(1);
});

test.each(['LOADING Redis is loading the dataset in memory', "READONLY You can't write against a read only replica."])(
  'an answer that holds for now only is an absence: %.8s',
  async (message) => {
    const { link, clock, answers, state } = redis();
    await link.open();
    answers(() => Promise.reject(refusalOf(message, 'the queue', 'X')));
    const reply = link.call(['X']);
    await clock.run(clock.sleep(200));
    answers(() => Promise.resolve('done'));
    expect(await clock.run(reply)).toBe('done');
    expect(state.said[0]).toBe(`away: ${message}`);
  },
);

test.each([
  ["OOM command not allowed when used memory > 'maxmemory'.", 5, 'Redis is full'],
  ['MISCONF Redis is configured to save RDB snapshots', 5, "can't write to its disk"],
  ['NOAUTH Authentication required.', 3, 'refuses the log-in'],
  ["NOPERM User few has no permissions to run the 'eval' command", 3, '(eval)'],
  ['WRONGTYPE Operation against a key', 3, 'of another kind'],
  ['ERR GONE', 3, 'was emptied'],
  ["NOGROUP No such key 'x'", 3, 'was emptied'],
  ['MOVED 1234 10.0.0.1:6379', 3, 'another node of the cluster'],
  ['ERR something new', 3, 'ERR something new'],
])('%.9s is exit %i', (message, exitCode, words) => {
  const error = refusalOf(message, 'redis://host:6379/0#q', 'EVALSHA');
  expect(error).toMatchObject({ exitCode });
  expect(error.message).toContain(words);
});
