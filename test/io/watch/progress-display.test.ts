import { beforeEach, describe, expect, test } from 'vitest';

import type { OutputStream } from '../../../src/host.js';
import { ProgressDisplay, type ProgressMode, progressMode } from '../../../src/io/watch/progress-display.js';
import type { RunState } from '../../../src/core/results/run-state.js';
import { createStyle } from '../../../src/text/style.js';
import { FakeClock } from '../../helpers/clock.js';
import { sampleProgress } from '../../helpers/run-view.js';
import { Screen } from '../../helpers/screen.js';

let clock: FakeClock;
let screen: Screen;
let state: RunState;

beforeEach(() => {
  clock = new FakeClock();
  screen = new Screen(100);
  state = sampleProgress;
});

function display(mode: ProgressMode, stream: OutputStream = screen): ProgressDisplay {
  return new ProgressDisplay({ stream, clock, mode, style: createStyle(true), read: () => state });
}

function pass(ms: number): Promise<void> {
  return clock.run(clock.sleep(ms));
}

describe('on a terminal', () => {
  test('the two live lines are redrawn in place, and gone after the end', async () => {
    const progress = display('tty');
    progress.start();
    await pass(200);
    expect(screen.lines).toEqual([
      '',
      '  ━━━━━━━━━━━━━━━━━━━━━─────────────  1,842 of 2,963    62%   412/s   about 3s left',
      '  1,829 enriched   11 failed   2 invalid   │ 50 in flight · 37 retries · p50 84ms p99 610ms',
    ]);
    state = { ...state, done: 2963, enriched: 2950 };
    await pass(100);
    expect(screen.lines).toHaveLength(3);
    expect(screen.lines[1]).toContain('2,963 of 2,963   100%');
    await progress.stop();
    expect(screen.lines).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test('failures and notices scroll up above them and stay', async () => {
    const progress = display('tty');
    progress.start();
    progress.failure('✗ CASE-0181  http 422    no');
    await pass(100);
    progress.notice('! waiting');
    progress.failure(`✗ ${'long '.repeat(40)}`);
    await pass(100);
    expect(screen.lines.slice(0, 4)).toEqual([
      '✗ CASE-0181  http 422    no',
      '! waiting',
      `✗ ${'long '.repeat(40).slice(0, 96)}…`,
      '',
    ]);
    expect(screen.lines).toHaveLength(6);
    progress.failure('✗ the last one');
    await progress.stop();
    expect(screen.lines.slice(1).map((line) => line.slice(0, 14))).toEqual([
      '! waiting',
      '✗ long long lo',
      '✗ the last one',
    ]);
  });

  test('there are at most ten writes a second, and none when nothing changes', async () => {
    const progress = display('tty');
    progress.start();
    await pass(5050);
    expect(screen.writes).toHaveLength(1);
    for (let turn = 0; turn < 100; turn++) {
      state = { ...state, done: state.done + 1 };
      progress.notice(`line ${turn}`);
      await pass(10);
    }
    expect(screen.writes.length).toBeLessThanOrEqual(11);
    await progress.stop();
    expect(screen.lines).toHaveLength(100);
  });

  test('of 10,000 failures in a second 20 are shown and the others counted', async () => {
    const progress = display('tty');
    progress.start();
    for (let index = 0; index < 10_000; index++) progress.failure(`✗ ${index}`);
    await pass(1100);
    progress.failure('✗ in the next second');
    await progress.stop();
    expect(screen.lines).toHaveLength(22);
    expect(screen.lines.slice(18)).toEqual(['✗ 18', '✗ 19', '… and 9980 more', '✗ in the next second']);
  });

  test('a narrower terminal, which wraps what stands there, keeps no rest of the old lines', async () => {
    const progress = display('tty');
    progress.start();
    progress.failure('✗ CASE-0181  http 422');
    await pass(100);
    screen.resize(30);
    state = { ...state, done: 1843 };
    await pass(100);
    expect(screen.lines).toEqual([
      '✗ CASE-0181  http 422',
      '',
      '  1,843 of 2,963    62%   41…',
      '  1,829 enriched   11 failed…',
    ]);
    screen.resize(100);
    await pass(100);
    expect(screen.lines).toHaveLength(4);
    await progress.stop();
    expect(screen.lines).toEqual(['✗ CASE-0181  http 422']);
  });

  test('no frame ever wraps, at any width', async () => {
    for (const columns of [1, 2, 5, 20, 39, 40, 61, 80, 200]) {
      screen = new Screen(columns);
      const progress = display('tty');
      progress.start();
      state = { ...state, done: state.done + 1 };
      await pass(100);
      expect(screen.lines.length, `${columns} columns`).toBeLessThanOrEqual(3);
      await progress.stop();
      expect(screen.lines).toEqual([]);
    }
  });

  test('a notice before the start and after the end is written at once, the latter set off by an empty line', async () => {
    const progress = display('tty');
    progress.notice('before');
    progress.start();
    await progress.stop();
    progress.notice('after');
    expect(screen.lines).toEqual(['before', '', 'after']);
  });

  test('a notice while it stops goes above the lines that are about to go', async () => {
    const progress = display('tty');
    progress.start();
    const stopped = progress.stop();
    progress.notice('just in time');
    await stopped;
    expect(screen.lines).toEqual(['just in time']);
  });

  test('after an interruption the second line says how to go on', async () => {
    const progress = display('tty');
    state = { ...state, phase: 'finishing' };
    progress.start();
    await pass(100);
    expect(screen.lines[2]).toBe('  finishing 50 calls … Ctrl-C again to cancel them');
    await progress.stop();
    expect(screen.lines).toEqual([]);
  });

  test('while the terminal takes nothing (Ctrl-S) nothing piles up', async () => {
    let take = (): void => {};
    const writes: string[] = [];
    const held: OutputStream = {
      isTTY: true,
      write: (text) => {
        writes.push(String(text));
        return new Promise((resolve) => (take = resolve));
      },
    };
    const progress = display('tty', held);
    progress.start();
    for (let index = 0; index < 5000; index++) progress.notice(`line ${index}`);
    await pass(60_000);
    expect(writes).toHaveLength(1);
    take();
    await pass(100);
    expect(writes).toHaveLength(2);
    expect(writes[1]).toContain('line 999\n… and 4000 more lines\n');
    const stopped = progress.stop();
    take();
    await new Promise((resolve) => setImmediate(resolve));
    take();
    await stopped;
  });
});

describe('when stderr is gone', () => {
  test.each(['tty', 'plain', 'none'] as const)('%s mode is silent and stops in order', async (mode) => {
    let writes = 0;
    const broken: OutputStream = {
      isTTY: true,
      write: () => {
        writes += 1;
        return Promise.reject(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    };
    const progress = display(mode, broken);
    progress.start();
    progress.notice('a');
    await pass(60_000);
    progress.failure('b');
    progress.notice('c');
    await progress.stop();
    expect(writes).toBe(1);
    expect(clock.timers).toBe(0);
  });
});

describe('elsewhere', () => {
  test('plain mode writes a line every ten seconds, notices at once, and no failures', async () => {
    const progress = display('plain');
    progress.start();
    progress.notice('! waiting');
    progress.failure('✗ CASE-1');
    await pass(10_000);
    state = { ...state, elapsedMs: 20_000, done: 2000 };
    await pass(10_000);
    await progress.stop();
    await pass(60_000);
    expect(screen.writes).toEqual([
      '! waiting\n',
      '[00:10] 1,842/2,963 62% ok 1,829 failed 11 invalid 2 412/s about 3s left\n',
      '[00:20] 2,000/2,963 67% ok 1,829 failed 11 invalid 2 412/s about 3s left\n',
      '\n',
    ]);
  });

  test('plain lines can be written another way', async () => {
    const line = (now: RunState): string => JSON.stringify({ done: now.done });
    const style = createStyle(false);
    const progress = new ProgressDisplay({ stream: screen, clock, mode: 'plain', style, read: () => state, line });
    progress.start();
    await pass(10_000);
    await progress.stop();
    expect(screen.writes).toEqual(['{"done":1842}\n']);
  });

  test('mode none writes nothing by itself', async () => {
    const progress = display('none');
    progress.start();
    progress.failure('✗ CASE-1');
    await pass(60_000);
    await progress.stop();
    expect(screen.writes).toEqual([]);
  });
});

describe('the mode', () => {
  test.each([
    ['auto', true, {}, 'tty'],
    ['auto', false, {}, 'plain'],
    ['auto', true, { CI: 'true' }, 'plain'],
    ['auto', true, { CI: 'false' }, 'tty'],
    ['auto', true, { TERM: 'dumb' }, 'plain'],
    ['tty', false, { CI: 'true' }, 'tty'],
    ['plain', true, {}, 'plain'],
    ['none', true, {}, 'none'],
  ] as const)('--progress %s, terminal %s, %j: %s', (flag, isTTY, env, expected) => {
    expect(progressMode(flag, { isTTY, env })).toBe(expected);
  });
});
